/** A store in memory, for tests: it obeys every rule of the others and forgets when it ends. */
import { type Command, createCommand, evaluateCommand, partitionsWritten } from './command.ts'
import { readSnapshot } from './read-snapshot.ts'
import { decodeRow } from './row-codec.ts'
import { boundsOf, checkLimit, checkPartitionsAfter, checkQuery } from './row-rules.ts'
import { createSortedMap, type SortedMap } from './sorted-map.ts'
import {
  type ChangePage,
  type Key,
  type QueryPage,
  type QueryRange,
  type Store,
  StoreFault,
} from './store.ts'
import { createTokenMemory } from './token-memory.ts'

const CHANGES_KEPT = 100_000

/** Rows are held encoded: what a caller does to a row it gave or got changes nothing here. */
type Partition = SortedMap<string>

export function createMemoryStore({
  now,
  changesKept = CHANGES_KEPT,
}: {
  /** Milliseconds since the epoch. */
  now: () => number
  changesKept?: number
}): Store {
  const partitions = createSortedMap<Partition>()
  const changes = createMemoryChanges(changesKept)
  const tokens = createTokenMemory({ now })
  let closed = false

  return {
    async snapshot(keys) {
      refuseWhenClosed()
      return readSnapshot(keys, textAt)
    },
    async query(pk, range) {
      refuseWhenClosed()
      checkQuery(pk, range)
      return readPage(partitions.get(pk), range)
    },
    async transact(ops, options) {
      refuseWhenClosed()
      apply(createCommand(ops, options))
    },
    async changes(after, limit) {
      refuseWhenClosed()
      checkLimit(limit)
      return changes.read(after, limit)
    },
    async partitions(after, limit) {
      refuseWhenClosed()
      checkPartitionsAfter(after)
      checkLimit(limit)
      const low = { sk: after, inclusive: false }
      return partitions.keysWithin({ low, high: undefined }, { limit, reverse: false })
    },
    async close() {
      closed = true
    },
  }

  function refuseWhenClosed(): void {
    if (closed) throw new StoreFault('unavailable', 'The store is closed')
  }

  function textAt({ pk, sk }: Key): string | undefined {
    return partitions.get(pk)?.get(sk)
  }

  function apply(command: Command): void {
    if (tokens.applied(command.token, command.fingerprint)) return
    const writes = evaluateCommand(command, textAt)
    for (const { key, text } of writes) write(key, text)
    for (const pk of partitionsWritten(writes)) changes.append(pk)
    tokens.remember(command.token, command.fingerprint)
  }

  function write({ pk, sk }: Key, text: string | undefined): void {
    const partition = partitions.get(pk) ?? createSortedMap<string>()
    if (text === undefined) partition.delete(sk)
    else partition.set(sk, text)
    if (partition.size === 0) partitions.delete(pk)
    else partitions.set(pk, partition)
  }
}

function readPage(partition: Partition | undefined, range: QueryRange): QueryPage {
  if (partition === undefined) return { rows: [], more: false }
  const { limit, reverse = false } = range
  const keys = partition.keysWithin(boundsOf(range), { limit: limit + 1, reverse })
  const rows = keys
    .slice(0, limit)
    .map((sk) => ({ sk, row: decodeRow(partition.get(sk) as string) }))
  return { rows, more: keys.length > limit }
}

/** The changes kept, numbered from 1; a cursor is the number of the last one read. */
function createMemoryChanges(kept: number) {
  let changed: string[] = []
  let forgotten = 0
  return {
    append(pk: string): void {
      changed.push(pk)
      if (changed.length < 2 * kept) return
      forgotten += changed.length - kept
      changed = changed.slice(-kept)
    },
    read(after: string, limit: number): ChangePage {
      const position = after === '' ? forgotten : Number(after)
      if (!(position >= forgotten && position <= forgotten + changed.length)) {
        throw new StoreFault('cursor-expired', 'The changes behind this cursor are not kept')
      }
      const partitions = changed.slice(position - forgotten, position - forgotten + limit)
      const cursor = partitions.length === 0 ? after : String(position + partitions.length)
      return { partitions, cursor }
    },
  }
}
