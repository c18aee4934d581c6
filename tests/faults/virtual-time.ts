/**
 * A clock that stands still while anything can run, and then jumps to whoever waits for the
 * earliest moment. What happens depends on the waits alone, so one seed gives one history.
 */
export type VirtualTime = {
  now(): number
  pause(ms: number): Promise<void>
  /** Runs everything until `done` settles; throws when nothing is left to wait for. */
  run<T>(done: Promise<T>): Promise<T>
}

type Waiter = { readonly at: number; readonly order: number; readonly wake: () => void }

export function createVirtualTime(startMs: number): VirtualTime {
  let now = startMs
  let order = 0
  const waiters: Waiter[] = []

  const earliest = (): Waiter | undefined => {
    waiters.sort((left, right) => left.at - right.at || left.order - right.order)
    return waiters.shift()
  }

  return {
    now: () => Math.floor(now),
    pause(ms) {
      return new Promise((wake) => {
        order += 1
        waiters.push({ at: now + Math.max(0, ms), order, wake })
      })
    },
    async run(done) {
      let settled = false
      const watched = done.finally(() => {
        settled = true
      })
      watched.catch(() => undefined)
      while (!settled) {
        await quiet()
        if (settled) break
        const next = earliest()
        if (next === undefined) throw new Error('Nothing is left to wait for, and it is not done')
        now = Math.max(now, next.at)
        next.wake()
      }
      return watched
    },
  }
}

/** Everything that can run without time passing has run. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
