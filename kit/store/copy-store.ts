/** Copies every row of one store into another, in the order of keys, from where a copy was cut off. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { itemBytes } from './row-rules.ts'
import {
  type Key,
  type KeyedRow,
  type Op,
  type Row,
  STORE_LIMITS,
  type Store,
  StoreFault,
  type StoreReader,
} from './store.ts'

/** What one commit of the target takes, with room for how it counts. */
const BATCH_BYTES_MAX = STORE_LIMITS.transactionBytesMax / 2
const ATTEMPTS_MAX = 10
const PAUSE_FIRST_MS = 50

/** `onCopied` hears of the last row once it and all before it are durable in the target. */
export async function copyStore({
  from,
  to,
  behind,
  keeps,
  onCopied,
}: {
  from: Pick<StoreReader, 'partitions' | 'query'>
  to: Pick<Store, 'transact'>
  behind: Key | undefined
  /** Whether a row goes with the others. */
  keeps: (row: Row) => boolean
  onCopied: (last: Key, rows: number) => void
}): Promise<void> {
  if (behind !== undefined) await copyPartition(behind.pk, behind.sk)
  let after = behind?.pk ?? ''
  for (;;) {
    const page = await from.partitions(after, STORE_LIMITS.queryRowsMax)
    for (const pk of page) await copyPartition(pk, undefined)
    const last = page.at(-1)
    if (last === undefined) return
    after = last
  }

  async function copyPartition(pk: string, behindRow: string | undefined): Promise<void> {
    let after_ = behindRow
    for (;;) {
      const range = { limit: STORE_LIMITS.opsPerTransactionMax }
      const page = await from.query(pk, after_ === undefined ? range : { ...range, after: after_ })
      for (const batch of batchesOf(
        pk,
        page.rows.filter(({ row }) => keeps(row)),
      )) {
        await put(to, batch)
        onCopied({ pk, sk: batch.at(-1)?.key.sk as string }, batch.length)
      }
      after_ = page.rows.at(-1)?.sk
      if (!page.more) return
    }
  }
}

function batchesOf(pk: string, rows: readonly KeyedRow[]): readonly (readonly Op[])[] {
  const batches: Op[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const { sk, row } of rows) {
    const key = { pk, sk }
    const more = itemBytes(key, row)
    if (bytes + more > BATCH_BYTES_MAX) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push({ kind: 'put', key, row })
    bytes += more
  }
  return batches
}

const PASSING: ReadonlySet<string> = new Set([
  'throttled',
  'conflict',
  'unavailable',
  'outcome-unknown',
])

/** Putting the same rows twice is putting them once, whatever became of the first time. */
async function put(to: Pick<Store, 'transact'>, batch: readonly Op[]): Promise<void> {
  const token = randomUUID()
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await to.transact(batch, { token })
    } catch (fault) {
      const passing = fault instanceof StoreFault && PASSING.has(fault.code)
      if (!passing || attempt === ATTEMPTS_MAX) throw fault
      await pause(Math.random() * PAUSE_FIRST_MS * 2 ** attempt)
    }
  }
}
