/**
 * A transport that knows its service: one that fails again and again is left alone for a while, and
 * a read whose connection broke before it was heard is repeated once, within a budget.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import { Problem, type ProblemBody, problemFrom } from '@cnop/contract/problem.ts'
import type { ServiceName } from '@cnop/contract/route.ts'
import { TIMEOUT_HEADER } from '../deadline.ts'
import type { Telemetry } from '../telemetry.ts'
import { ConnectionLost, type Transport } from '../transport.ts'
import {
  type Breaker,
  type BreakerRules,
  type BreakerState,
  CLOSED,
  enlivened,
  type Outcome,
  openForMs,
  passed,
  patienceLeftMs,
  settled,
} from './breaker.ts'
import { createRetryBudget } from './retry-budget.ts'

export type GuardedTransport = Transport & {
  readonly breakerState: BreakerState
  /** Whether a request would pass now. */
  readonly admits: boolean
  /** The service itself, whatever the breaker says. */
  readonly behind?: Transport
  readonly replicas?: readonly GuardedTransport[]
}

/** Replicas are guarded one by one where they are put together. */
export const isGuarded = (transport: Transport): transport is GuardedTransport =>
  'breakerState' in transport

/** Why a `dependency-down` is one: the service was not asked. */
export class LeftAlone extends Error {}

export type GuardParts = {
  /** Who calls. */
  readonly service: ServiceName
  readonly rules: BreakerRules
  readonly telemetry: Telemetry
  readonly now: () => number
  /** From 0 to 1. */
  readonly chance: () => number
  readonly lookMs?: number
  /** Which of several, where there are; it is others that repeat its reads then. */
  readonly replica?: number
}

/** While a breaker is open, its service is looked at this often, so that a restart is seen soon. */
const LOOK_MS = 1_000
/** A client that comes back after this finds what the next look has found. */
const RETRY_AFTER_SECONDS = 2
const RETRY_PAUSE_MS = { min: 10, max: 50 } as const

const STATES: readonly BreakerState[] = ['closed', 'half-open', 'open']

/** Closing it leaves the transport open: others may call by it too. */
export function guardTransport(
  transport: Transport,
  peer: ServiceName,
  parts: GuardParts,
): GuardedTransport {
  const { rules, now } = parts
  const told = createGuardMetrics(peer, parts)
  const repeating = createRepeater(transport, { ...parts, told: told.repeated })
  const look = createLook(transport, peer, parts.lookMs ?? LOOK_MS)
  let breaker = CLOSED

  const move = (next: Breaker): void => {
    const changed = next.state !== breaker.state
    breaker = next
    if (!changed) return
    told.moved(next.state)
    if (next.state === 'open') look.begin(() => move(enlivened(breaker, now())))
    else look.end()
  }

  const enter = (): number => {
    const next = passed(breaker, now(), rules)
    if (next === undefined) throw leftAlone(peer, breaker, waitMs(breaker, now(), rules))
    move(next)
    return next.era
  }

  const settle = (era: number, outcome: Outcome): void =>
    move(settled(breaker, { era, outcome, nowMs: now() }, rules))

  async function guarded<Answer>(
    request: WireRequest,
    ask: (request: WireRequest) => Promise<Answer>,
    outcomeOf: (answer: Answer) => Outcome,
  ): Promise<Answer> {
    const era = enter()
    try {
      const answer = await ask(request)
      settle(era, outcomeOf(answer))
      return answer
    } catch (error) {
      settle(era, request.signal?.aborted ? 'left' : 'failed')
      throw error
    }
  }

  return {
    get breakerState() {
      return breaker.state
    },
    get admits() {
      return passed(breaker, now(), rules) !== undefined
    },
    behind: transport,
    send: (request) => guarded(request, repeating, outcomeOfAnswer),
    open: (request) => guarded(request, (wire) => transport.open(wire), outcomeOfOpening),
    async close() {
      look.end()
    },
  }
}

/** Until a service that is well again would be tried. */
const waitMs = (breaker: Breaker, nowMs: number, rules: BreakerRules): number =>
  Math.min(patienceLeftMs(breaker, nowMs), openForMs(breaker, nowMs, rules))

function leftAlone(peer: ServiceName, { state }: Breaker, leftMs: number): Problem {
  return new Problem('dependency-down', {
    detail: `The ${peer} service does not answer.`,
    retryAfterSeconds: Math.max(RETRY_AFTER_SECONDS, Math.ceil(leftMs / 1000)),
    cause: new LeftAlone(`the breaker is ${state}`),
  })
}

/** A refusal that has a name is an answer; what the service did not foresee is a failure. */
function outcomeOfAnswer({ status, body }: WireAnswer): Outcome {
  if (status < 500) return 'answered'
  return status === 503 && isNamed(body) ? 'answered' : 'failed'
}

/** Its body is not there yet; a stream is refused by what cannot be had just now. */
const outcomeOfOpening = ({ status }: { readonly status: number }): Outcome =>
  status < 500 || status === 503 ? 'answered' : 'failed'

function isNamed(body: string): boolean {
  try {
    const given: unknown = JSON.parse(body)
    const problem = problemFrom(given, undefined)
    return problem.status === 503 && problem.code === (given as ProblemBody).code
  } catch {
    return false
  }
}

function createGuardMetrics(
  peer: ServiceName,
  { service, telemetry, replica }: GuardParts,
): { moved(state: BreakerState): void; repeated(): void } {
  const labels = ['service', 'peer', 'replica', 'state'] as const
  const named = { service, peer, ...(replica === undefined ? {} : { replica }) }
  const states = telemetry.gauge('breaker_state', 'The state a breaker is in has 1', labels)
  const moves = telemetry.counter('breaker_transitions_total', 'Changes to a state', labels)
  const repeats = telemetry.counter('calls_repeated_total', 'Reads sent a second time', [
    'service',
    'peer',
  ])
  const show = (is: BreakerState): void => {
    for (const state of STATES) states.set({ ...named, state }, state === is ? 1 : 0)
  }
  show('closed')
  return {
    moved(state) {
      show(state)
      moves.inc({ ...named, state })
    },
    repeated: () => repeats.inc({ service, peer }),
  }
}

/** Only a read, only once, and only where nobody can have heard it. */
function createRepeater(
  transport: Transport,
  { chance, replica, told }: Pick<GuardParts, 'chance' | 'replica'> & { readonly told: () => void },
): (request: WireRequest) => Promise<WireAnswer> {
  const budget = createRetryBudget()
  const { min, max } = RETRY_PAUSE_MS

  async function repeat(request: WireRequest, error: unknown): Promise<WireAnswer> {
    if (!mayRepeat(request, error) || !budget.take()) throw error
    told()
    await pause(min + (max - min) * chance())
    return transport.send(request)
  }

  return (request) => {
    budget.noteCall()
    const answer = transport.send(request)
    return request.method === 'GET' && replica === undefined
      ? answer.catch((error: unknown) => repeat(request, error))
      : answer
  }
}

const mayRepeat = ({ signal }: WireRequest, error: unknown): boolean =>
  signal?.aborted !== true && error instanceof Problem && error.cause instanceof ConnectionLost

/** Looks again and again until it is ended; `alive` is told when the service answers. */
function createLook(
  transport: Transport,
  service: ServiceName,
  everyMs: number,
): { begin(alive: () => void): void; end(): void } {
  const headers = { [TIMEOUT_HEADER]: String(everyMs) }
  const request: WireRequest = { service, method: 'GET', path: '/health/live', headers }
  let turns: NodeJS.Timeout | undefined

  const look = async (turn: NodeJS.Timeout | undefined, alive: () => void): Promise<void> => {
    const answer = await transport.send(request).catch(() => undefined)
    if (answer?.status === 200 && turn === turns) alive()
  }

  return {
    begin(alive) {
      clearInterval(turns)
      turns = setInterval(() => void look(turns, alive), everyMs).unref()
    },
    end() {
      clearInterval(turns)
      turns = undefined
    },
  }
}
