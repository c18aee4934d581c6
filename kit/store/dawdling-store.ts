/**
 * A store that takes its time, before and after. An embedded store answers at once, so commands
 * never overlap and races stay hidden; under this one they overlap as a seed says.
 */
import type { Store } from './store.ts'

export function createDawdlingStore({
  store,
  chance,
  pause,
  pauseMsMax,
}: {
  store: Store
  /** From 0 up to, not including, 1. */
  chance: () => number
  pause: (ms: number) => Promise<void>
  pauseMsMax: number
}): Store {
  return {
    snapshot: (keys) => dawdle(() => store.snapshot(keys)),
    query: (pk, range) => dawdle(() => store.query(pk, range)),
    transact: (ops, options) => dawdle(() => store.transact(ops, options)),
    changes: (after, limit) => dawdle(() => store.changes(after, limit)),
    partitions: (after, limit) => dawdle(() => store.partitions(after, limit)),
    close: () => store.close(),
  }

  async function dawdle<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await pause(chance() * pauseMsMax)
    try {
      return await call()
    } finally {
      await pause(chance() * pauseMsMax)
    }
  }
}
