/**
 * A model that costs something, asked with restraint: so often for one customer, so many at once,
 * for so long, and not at all for a while after it failed again and again.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { Cache } from '@cnop/kit/cache/cache.ts'
import { type BreakerRules, CLOSED, openForMs, passed, settled } from '@cnop/kit/guard/breaker.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import type { Briefing } from './decide-briefing.ts'
import { type FaultKind, type Model, ModelFault } from './model.ts'

export type ModelRules = {
  readonly timeoutMs: number
  readonly atOnceMax: number
  /** Of one customer. */
  readonly callsPerMinute: number
  readonly breaker: BreakerRules
}

export type Written = {
  readonly summary: string
  readonly model: string
  /** Another model has written it than was asked first. */
  readonly fellBack: boolean
}

export type GuardedModel = {
  /** Throws `rate-limited`, or `dependency-down`. */
  write(
    briefing: Briefing,
    on: { readonly userId: string; readonly deadline: number },
  ): Promise<Written>
}

const NEVER = new AbortController().signal

/** One that costs nothing and cannot fail needs no restraint. */
export const freeModel = (model: Model): GuardedModel => ({
  async write(briefing) {
    const summary = await model.write(briefing, NEVER)
    return { summary, model: model.name, fellBack: false }
  },
})

/** Left for what comes after the model within the deadline of the request. */
const SPARE_MS = 500

export function guardModel(parts: {
  readonly model: Model
  /** Absent where the operator wants no other. */
  readonly fallback?: Model | undefined
  readonly rules: ModelRules
  readonly cache: Pick<Cache, 'spend'>
  readonly telemetry: Telemetry
  readonly log: Log
  readonly now: () => number
}): GuardedModel {
  const { model, fallback, rules, cache, log, now } = parts
  const calls = parts.telemetry.counter('insights_model_calls_total', 'Texts asked for', [
    'model',
    'outcome',
  ])
  const count = (outcome: FaultKind | 'written'): void =>
    calls.labels({ model: model.name, outcome }).inc()
  let breaker = CLOSED
  let running = 0

  const enter = async (userId: string): Promise<number> => {
    if (running >= rules.atOnceMax) {
      throw new ModelFault('unreachable', 'As many texts are being written as may be.', 2)
    }
    const next = passed(breaker, now(), rules.breaker)
    if (next === undefined) {
      const seconds = Math.ceil(openForMs(breaker, now(), rules.breaker) / 1000)
      throw new ModelFault('unreachable', 'The model is left alone for a while.', seconds || 1)
    }
    running += 1
    breaker = next
    const { era } = next
    const allowance = { key: `model:${userId}`, perMinute: rules.callsPerMinute }
    const { allowed, retryAfterMs } = await cache.spend([allowance], now()).catch(() => FREE)
    if (allowed) return era
    leave(era, 'left')
    throw new ModelFault('rate-limited', 'One customer asks too often.', seconds(retryAfterMs))
  }

  const leave = (era: number, outcome: 'answered' | 'failed' | 'left'): void => {
    running -= 1
    breaker = settled(breaker, { era, outcome, nowMs: now() }, rules.breaker)
  }

  const ask = async (briefing: Briefing, userId: string, deadline: number): Promise<string> => {
    const era = await enter(userId)
    const timeoutMs = Math.max(1, Math.min(rules.timeoutMs, deadline - now() - SPARE_MS))
    try {
      const summary = await model.write(briefing, AbortSignal.timeout(timeoutMs))
      leave(era, 'answered')
      return summary
    } catch (error) {
      leave(era, 'failed')
      throw error
    }
  }

  return {
    async write(briefing, { userId, deadline }) {
      try {
        const summary = await ask(briefing, userId, deadline)
        count('written')
        return { summary, model: model.name, fellBack: false }
      } catch (error) {
        if (!(error instanceof ModelFault)) throw error
        count(error.kind)
        log.warn({ model: model.name, fault: error.kind, reason: error.message }, 'no text came')
        if (fallback === undefined) throw problemOf(error)
        const summary = await fallback.write(briefing, NEVER)
        return { summary, model: fallback.name, fellBack: true }
      }
    },
  }
}

/** A cache that is lost limits nobody. */
const FREE = { allowed: true, retryAfterMs: 0 } as const

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))

function problemOf({ kind, retryAfterSeconds }: ModelFault): Problem {
  return kind === 'rate-limited'
    ? new Problem('rate-limited', {
        detail: 'The language model takes no more questions at the moment.',
        retryAfterSeconds,
      })
    : new Problem('dependency-down', {
        detail: 'The language model does not answer.',
        retryAfterSeconds,
      })
}
