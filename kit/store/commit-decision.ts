/**
 * The one way state changes: read a snapshot, decide, commit all rows or none, and try again
 * when somebody else was faster. No locks, no clean-up.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '@cnop/contract/problem.ts'
import { type Key, type Op, type Row, type Store, StoreFault } from './store.ts'

/** What a decision comes to: rows to write, or none, and what the caller hears once they are durable. */
export type Decision<Outcome> = { readonly ops: readonly Op[]; readonly outcome: Outcome }

export type Commitment<Outcome> = {
  readonly store: Store
  readonly keys: readonly Key[]
  /** Pure, and called again with fresh rows after every lost race. Rows stand in the order of `keys`. */
  readonly decide: (rows: readonly (Row | undefined)[]) => Decision<Outcome>
  /** Milliseconds of the same clock as `now`. */
  readonly deadline: number
  readonly clock: CommitClock
  readonly onRetry?: (reason: StoreFault['code']) => void
}

/** Time and chance are passed in, so that a simulation can own them. */
export type CommitClock = {
  readonly now: () => number
  readonly random: () => number
  readonly pause: (ms: number) => Promise<void>
}

export const systemCommitClock: CommitClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  pause: async (ms) => {
    await pause(ms)
  },
}

const PAUSE_FIRST_MS = 2
const PAUSE_MAX_MS = 100
const UNKNOWN_REPEATS_MAX = 2

/**
 * Resolves with the outcome of the decision that was committed. Throws `contention` when the
 * deadline passes first, `store-unavailable` when nothing can be written, `outcome-unknown` when
 * the store never said whether it was applied, and whatever `decide` throws.
 */
export async function commitDecision<Outcome>(commitment: Commitment<Outcome>): Promise<Outcome> {
  const { store, keys, decide, clock } = commitment
  let unknown = false
  for (let attempt = 0; ; attempt += 1) {
    try {
      const decision = decide(await store.snapshot(keys))
      if (decision.ops.length > 0) await transactSettled(store, decision.ops)
      return decision.outcome
    } catch (fault) {
      const code = retryable(fault)
      unknown ||= code === 'outcome-unknown'
      commitment.onRetry?.(code)
      const pauseMs = clock.random() * Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** attempt)
      if (clock.now() + pauseMs >= commitment.deadline) throw givenUp(fault, unknown)
      await clock.pause(pauseMs)
    }
  }
}

/** An unknown outcome is asked again with the same token, which applies once; then it stays unknown. */
async function transactSettled(store: Store, ops: readonly Op[]): Promise<void> {
  const token = tokenOf(ops)
  for (let repeat = 0; ; repeat += 1) {
    try {
      return await store.transact(ops, { token })
    } catch (fault) {
      const unknown = fault instanceof StoreFault && fault.code === 'outcome-unknown'
      if (!unknown || repeat === UNKNOWN_REPEATS_MAX) throw fault
    }
  }
}

const RETRYABLE: ReadonlySet<StoreFault['code']> = new Set(['condition-failed', 'conflict', 'throttled', 'outcome-unknown'])

function retryable(fault: unknown): StoreFault['code'] {
  if (!(fault instanceof StoreFault)) throw fault
  if (fault.code === 'unavailable') {
    throw new Problem('store-unavailable', { retryAfterSeconds: 5, cause: fault })
  }
  if (!RETRYABLE.has(fault.code)) throw fault
  return fault.code
}

function givenUp(fault: unknown, unknown: boolean): Problem {
  return unknown
    ? new Problem('outcome-unknown', { retryAfterSeconds: 1, cause: fault })
    : new Problem('contention', { retryAfterSeconds: 1, cause: fault })
}

/** The same ops have the same token, whoever sends them. */
export function tokenOf(ops: readonly Op[]): string {
  const text = JSON.stringify(ops, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
    return value
  })
  return createHash('sha256').update(text).digest('base64url').slice(0, 36)
}
