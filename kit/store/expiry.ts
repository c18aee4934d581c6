/**
 * Rows that expire. A row with the whole number `expires`, in epoch seconds, may be gone any time
 * once that lies a day back: DynamoDB takes it away by itself (TTL on `expires`), and from an
 * embedded store this sweep does. When it goes is never certain, so a reader looks at `expires`.
 */
import { randomUUID } from 'node:crypto'
import { type KeyedRow, type QueryRange, STORE_LIMITS, type Store, StoreFault } from './store.ts'

const KEPT_SECONDS = 24 * 3600

/** Where a sweep stands: in a partition, behind a row. */
export type SweepPlace = { readonly partition: string; readonly after?: string }

export type SweptStep = {
  /** Where the next step begins; `undefined` once every partition has been swept. */
  readonly next: SweepPlace | undefined
  readonly deleted: number
}

/** One small step: a page of one partition, in the range of sort keys whose rows expire. */
export async function sweepExpired({
  store,
  range,
  nowMs,
  place,
}: {
  readonly store: Pick<Store, 'query' | 'partitions' | 'transact'>
  readonly range: Pick<QueryRange, 'from' | 'to'>
  readonly nowMs: number
  /** `undefined` begins with the first partition. */
  readonly place: SweepPlace | undefined
}): Promise<SweptStep> {
  const partition =
    place?.after === undefined ? await partitionAfter(store, place) : place.partition
  if (partition === undefined) return { next: undefined, deleted: 0 }
  const behind = place?.after === undefined ? {} : { after: place.after }
  const limit = STORE_LIMITS.opsPerTransactionMax
  const { rows, more } = await store.query(partition, { ...range, ...behind, limit })
  const last = rows.at(-1)
  const deleted = await deleteExpired(store, partition, rows.filter(isOver(nowMs)))
  return { next: more && last ? { partition, after: last.sk } : { partition }, deleted }
}

async function partitionAfter(
  store: Pick<Store, 'partitions'>,
  place: SweepPlace | undefined,
): Promise<string | undefined> {
  const [partition] = await store.partitions(place?.partition ?? '', 1)
  return partition
}

const isOver =
  (nowMs: number) =>
  ({ row: { expires } }: KeyedRow): boolean =>
    typeof expires === 'bigint' &&
    expires + BigInt(KEPT_SECONDS) <= BigInt(Math.floor(nowMs / 1000))

/** A row that was written meanwhile stays, and what goes with it waits for the next sweep. */
async function deleteExpired(
  store: Pick<Store, 'transact'>,
  pk: string,
  rows: readonly KeyedRow[],
): Promise<number> {
  if (rows.length === 0) return 0
  const ops = rows.map(({ sk, row }) => ({
    kind: 'delete' as const,
    key: { pk, sk },
    when: { equals: { expires: row['expires'] ?? 0n } },
  }))
  try {
    await store.transact(ops, { token: randomUUID() })
    return rows.length
  } catch (error) {
    if (error instanceof StoreFault) return 0
    throw error
  }
}
