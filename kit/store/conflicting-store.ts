/**
 * A store that cancels what overlaps, as DynamoDB does and DynamoDB Local never: of two transactions
 * under way that touch one row the later is refused, and so is a snapshot of several rows of which a
 * transaction has one in hand. Reads are in nobody's way.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type Key, type Store, StoreFault } from './store.ts'

export type ConflictingStore = Store & {
  readonly counts: { readonly transactions: number; readonly conflicts: number }
}

export function createConflictingStore(store: Store): ConflictingStore {
  const inHand = new Set<string>()
  const counts = { transactions: 0, conflicts: 0 }
  return {
    counts,
    async snapshot(keys) {
      if (keys.length > 1 && keys.some((key) => inHand.has(nameOf(key)))) await refuse()
      return store.snapshot(keys)
    },
    query: (pk, range) => store.query(pk, range),
    async transact(ops, options) {
      const names = ops.map(({ key }) => nameOf(key))
      counts.transactions += 1
      if (names.some((name) => inHand.has(name))) await refuse()
      for (const name of names) inHand.add(name)
      try {
        await store.transact(ops, options)
      } finally {
        for (const name of names) inHand.delete(name)
      }
    },
    changes: (after, limit) => store.changes(after, limit),
    partitions: (after, limit) => store.partitions(after, limit),
    close: () => store.close(),
  }

  /** A refusal too is an answer from afar: who tries again at once lets the others get on. */
  async function refuse(): Promise<never> {
    counts.conflicts += 1
    await turn()
    throw new StoreFault('conflict', 'Another transaction was in the way')
  }
}

const nameOf = ({ pk, sk }: Key): string => `${pk.length}:${pk}${sk}`
