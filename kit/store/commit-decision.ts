/**
 * The one way state changes: read a snapshot, decide, commit all rows or none, and try again
 * when somebody else was faster. No locks, no clean-up.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '@cnop/contract/problem.ts'
import { type Key, type Op, type Row, type Store, StoreFault } from './store.ts'

/** What a decision comes to: rows to write, or none, and what the caller hears once they are durable. */
export type Decision<Outcome> = { readonly ops: readonly Op[]; readonly outcome: Outcome }

export type Commitment<Outcome> = {
  readonly store: Store
  readonly keys: readonly Key[]
  /** Reads what the decision needs from elsewhere, beside every snapshot: never older than it. */
  readonly gather?: () => Promise<void>
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
 * the store never said whether it was applied, and whatever `gather` or `decide` throws. Once an
 * attempt may have been applied, only a commit or its traces in a snapshot can settle what became
 * of it: anything else that ends the attempts is `outcome-unknown`.
 */
export async function commitDecision<Outcome>(commitment: Commitment<Outcome>): Promise<Outcome> {
  let unknown = false
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await decideOnce(commitment)
    } catch (fault) {
      unknown ||= hasCode(fault, 'outcome-unknown')
      if (!(await pausedToRetry(commitment, fault, attempt))) throw endOf(fault, unknown)
    }
  }
}

/** Whether another attempt is worth making, once the pause before it is over. */
async function pausedToRetry(
  { clock, deadline, onRetry }: Pick<Commitment<unknown>, 'clock' | 'deadline' | 'onRetry'>,
  fault: unknown,
  attempt: number,
): Promise<boolean> {
  if (!isRetryable(fault)) return false
  onRetry?.(fault.code)
  const pauseMs = clock.random() * Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** attempt)
  if (clock.now() + pauseMs >= deadline) return false
  await clock.pause(pauseMs)
  return true
}

async function decideOnce<Outcome>(commitment: Commitment<Outcome>): Promise<Outcome> {
  const { store, keys, gather, decide, clock } = commitment
  const [rows] = await Promise.all([store.snapshot(keys), gather?.()])
  const { ops, outcome } = decide(rows)
  if (ops.length > 0) await transactSettled(store, ops, tokenFrom(clock.random))
  return outcome
}

/**
 * An unknown outcome is asked again with the same token, which applies once; then it stays unknown,
 * also when a repeat is refused: that says nothing about the first.
 */
async function transactSettled(store: Store, ops: readonly Op[], token: string): Promise<void> {
  let first: unknown
  for (let repeat = 0; repeat <= UNKNOWN_REPEATS_MAX; repeat += 1) {
    try {
      return await store.transact(ops, { token })
    } catch (fault) {
      first ??= fault
      if (!hasCode(fault, 'outcome-unknown')) break
    }
  }
  throw first
}

const RETRYABLE: ReadonlySet<StoreFault['code']> = new Set([
  'condition-failed',
  'conflict',
  'throttled',
  'outcome-unknown',
])

const isRetryable = (fault: unknown): fault is StoreFault =>
  fault instanceof StoreFault && RETRYABLE.has(fault.code)

const hasCode = (fault: unknown, code: StoreFault['code']): boolean =>
  fault instanceof StoreFault && fault.code === code

/** What the caller hears when there is no other attempt. */
function endOf(fault: unknown, unknown: boolean): unknown {
  if (unknown) return new Problem('outcome-unknown', { retryAfterSeconds: 1, cause: fault })
  if (isRetryable(fault)) return new Problem('contention', { retryAfterSeconds: 1, cause: fault })
  return hasCode(fault, 'unavailable')
    ? new Problem('store-unavailable', { retryAfterSeconds: 5, cause: fault })
    : fault
}

/**
 * Names one attempt and its repeats. Not a hash of the ops: a value that is set, changed and set
 * back within the life of a token is three intentions, and the third must be applied.
 */
function tokenFrom(random: () => number): string {
  const draw = (): string => Math.floor(random() * 2 ** 52).toString(36)
  return `${draw()}-${draw()}`
}
