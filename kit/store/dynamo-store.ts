/**
 * The store in a table of DynamoDB, for as many processes as there are: strongly consistent reads,
 * and every change one `TransactWriteItems`. Its errors say what is known and no more.
 */
import { performance } from 'node:perf_hooks'
import { type CallBounds, createDynamoCalls, type DynamoFigures } from './dynamo-calls.ts'
import { createDynamoFeed } from './dynamo-feed.ts'
import { createPartitionWalk } from './dynamo-partitions.ts'
import { type DynamoTable, firstRowOf, readPage, readSnapshot, transact } from './dynamo-rows.ts'
import { type DynamoPlace, openDynamoClient, openTable } from './dynamo-table.ts'
import type { CommitFigures } from './group-commit.ts'
import { checkLimit, checkPartitionsAfter } from './row-rules.ts'
import { type Op, type Store, StoreFault, type TransactOptions } from './store.ts'

export type DynamoStoreOptions = DynamoPlace & {
  readonly table: string
  readonly bounds?: CallBounds
  readonly figures?: DynamoFigures
  readonly onCommit?: (figures: CommitFigures) => void
}

const BOUNDS: CallBounds = { timeoutMs: 3_000, attemptsMax: 3 }

/** Throws a `StoreOpenError`, which tells the operator what to do. */
export async function openDynamoStore(options: DynamoStoreOptions): Promise<Store> {
  const { table: name, bounds = BOUNDS, figures, onCommit } = options
  const { sdk, client } = await openDynamoClient(options)
  const { streamArn } = await openTable({ sdk, client }, name)
  const calls = createDynamoCalls({ bounds, figures })
  const table: DynamoTable = { sdk, client, calls, table: name }
  const feed = createDynamoFeed({ place: options, streamArn, calls })
  const walk = createPartitionWalk(firstRowOf(table))
  const underWay = new Set<Promise<unknown>>()
  let closed = false

  return {
    snapshot: (keys) => whileOpen(() => readSnapshot(table, keys)),
    query: (pk, range) => whileOpen(() => readPage(table, pk, range)),
    transact: (ops, transactOptions) => whileOpen(() => commit(ops, transactOptions)),
    changes: (after, limit) =>
      whileOpen(async () => {
        checkLimit(limit)
        return feed.read(after, limit)
      }),
    partitions: (after, limit) =>
      whileOpen(async () => {
        checkPartitionsAfter(after)
        checkLimit(limit)
        return walk(after, limit)
      }),
    async close() {
      closed = true
      await Promise.allSettled(underWay)
      client.destroy()
      feed.close()
    },
  }

  async function whileOpen<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (closed) throw new StoreFault('unavailable', 'The store is closed')
    const answer = call()
    underWay.add(answer)
    try {
      return await answer
    } finally {
      underWay.delete(answer)
    }
  }

  async function commit(ops: readonly Op[], transactOptions: TransactOptions): Promise<void> {
    const startedMs = performance.now()
    let refused = 1
    try {
      await transact(table, ops, transactOptions)
      refused = 0
    } finally {
      onCommit?.({ transactions: 1, refused, durationMs: performance.now() - startedMs })
    }
  }
}
