/**
 * How many calls may be repeated: one for every ten that were made, and a few at once. A service in
 * trouble never hears much more than it would have without repeats.
 */
export type RetryBudget = {
  noteCall(): void
  /** Whether one more may be repeated; it counts when it may. */
  take(): boolean
}

const CALLS_PER_RETRY = 10
const RETRIES_SAVED_MAX = 10

export function createRetryBudget(): RetryBudget {
  const savedMax = RETRIES_SAVED_MAX * CALLS_PER_RETRY
  let calls = CALLS_PER_RETRY
  return {
    noteCall() {
      calls = Math.min(savedMax, calls + 1)
    },
    take() {
      if (calls < CALLS_PER_RETRY) return false
      calls -= CALLS_PER_RETRY
      return true
    },
  }
}
