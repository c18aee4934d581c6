/** Takes away the answers that were kept for keys which have long expired, a little at a time. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '@cnop/kit/log.ts'
import { type SweepPlace, sweepExpired } from '@cnop/kit/store/expiry.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { IDEMPOTENCY_RANGE } from './idempotency-rows.ts'

/** A hundred rows or one customer a step: a thousand customers in four minutes. */
const STEP_MS = 250
/** Between the last customer and the first. */
const REST_MS = 3_600_000

export type AnswerSweep = { close(): Promise<void> }

export function startAnswerSweep({
  store,
  now,
  log,
}: {
  readonly store: Store
  readonly now: () => number
  readonly log: Log
}): AnswerSweep {
  const closing = new AbortController()
  /** False once it is to end. */
  const rested = (ms: number): Promise<boolean> =>
    pause(ms, true, { ref: false, signal: closing.signal }).catch(() => false)

  const sweeping = (async () => {
    let place: SweepPlace | undefined
    for (let restMs = STEP_MS; await rested(restMs); ) {
      place = await step(place)
      restMs = place === undefined ? REST_MS : STEP_MS
    }
  })()

  async function step(place: SweepPlace | undefined): Promise<SweepPlace | undefined> {
    try {
      return (await sweepExpired({ store, range: IDEMPOTENCY_RANGE, nowMs: now(), place })).next
    } catch (error) {
      log.warn({ err: error }, 'expired answers could not be swept')
      return undefined
    }
  }

  return {
    async close() {
      closing.abort()
      await sweeping
    },
  }
}
