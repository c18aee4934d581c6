/**
 * So much of one kind of work at a time, so much waiting, and a refusal beyond that: work that is
 * heavy by intention must not pile up faster than it is done.
 */
import { Problem } from '@cnop/contract/problem.ts'

/** Runs the work when it is its turn. Throws `too-busy` when too much is waiting already. */
export type WorkQueue = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Long enough for places to come free. */
const RETRY_AFTER_SECONDS = 2

export function createWorkQueue(limits: { runningMax: number; waitingMax: number }): WorkQueue {
  const { runningMax, waitingMax } = limits
  const waiting: (() => void)[] = []
  let running = 0

  async function takeTurn(): Promise<void> {
    if (running < runningMax) {
      running += 1
      return
    }
    if (waiting.length >= waitingMax) {
      throw new Problem('too-busy', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  /** Whoever waits longest takes over the place as it is, so that nobody slips in between. */
  function passOn(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return async (work) => {
    await takeTurn()
    try {
      return await work()
    } finally {
      passOn()
    }
  }
}
