/** A store that counts what is read from it: for tests of what an answer costs. */
import type { Store } from '@cnop/kit/store/store.ts'

export type CountedReads = {
  readonly store: Store
  /** Calls of `snapshot` and `query` since the last reset. */
  reads(): number
  rowsRead(): number
  reset(): void
}

export function countingReads(store: Store): CountedReads {
  let reads = 0
  let rowsRead = 0
  const count = (rows: number): void => {
    reads += 1
    rowsRead += rows
  }
  return {
    store: {
      ...store,
      async snapshot(keys) {
        count(keys.length)
        return store.snapshot(keys)
      },
      async query(pk, range) {
        const page = await store.query(pk, range)
        count(page.rows.length)
        return page
      },
    },
    reads: () => reads,
    rowsRead: () => rowsRead,
    reset() {
      reads = 0
      rowsRead = 0
    },
  }
}
