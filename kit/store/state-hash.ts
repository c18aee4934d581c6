import { createHash } from 'node:crypto'
import { encodeRow } from './row-codec.ts'
import { type Row, STORE_LIMITS, type StoreReader } from './store.ts'

const PAGE = STORE_LIMITS.queryRowsMax

/**
 * One hash of all rows in the order of their keys: equal for equal rows, whatever store holds them.
 * Over a store that is being written to it is of no one moment; use a reader of the file for that.
 */
export async function stateHash(
  reader: Pick<StoreReader, 'partitions' | 'query'>,
  /** Which rows it is of: all of them where nothing is said. */
  counts: (row: Row) => boolean = () => true,
): Promise<string> {
  const hash = createHash('sha256')
  for await (const pk of allPartitions(reader)) {
    for await (const { sk, row } of allRows(reader, pk)) {
      if (counts(row)) hash.update(`${JSON.stringify([pk, sk])}${encodeRow(row)}\n`)
    }
  }
  return hash.digest('hex')
}

async function* allPartitions(reader: Pick<StoreReader, 'partitions'>) {
  let after = ''
  while (true) {
    const page = await reader.partitions(after, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    after = last
  }
}

async function* allRows(reader: Pick<StoreReader, 'query'>, pk: string) {
  let after: string | undefined
  while (true) {
    const page = await reader.query(
      pk,
      after === undefined ? { limit: PAGE } : { limit: PAGE, after },
    )
    yield* page.rows
    after = page.rows.at(-1)?.sk
    if (!page.more) return
  }
}
