/**
 * Pages of a listing, newest first. What a request reads is bounded whatever it looks for: a page
 * may therefore be short, or empty, and still say where to continue.
 */
import { PAGE_LIMIT_DEFAULT } from '@cnop/contract/page.ts'
import type { KeyedRow, StoreReader } from '@cnop/kit/store/store.ts'

/** Rows that one request looks at. */
export const ROWS_SCANNED_MAX = 500

/** The first read is as long as the page; where that does not fill it, the next are this long. */
const ROWS_PER_READ = 100

type Span = {
  readonly partition: string
  /** The rows listed: bounds of a query, both inclusive. */
  readonly range: { readonly from: string; readonly to: string }
  /** Sort key to continue behind. */
  readonly after: string | undefined
}

export type Listing<Item> = Span & {
  readonly limit: number | undefined
  /** What a row is in the listing; `undefined` where it is not looked for. */
  readonly itemOf: (row: KeyedRow) => Item | undefined
}

export type ListingPage<Item> = {
  readonly items: readonly Item[]
  /** Sort key to continue behind; absent when nothing older is in the range. */
  readonly next: string | undefined
}

export async function readListing<Item>(
  store: Pick<StoreReader, 'query'>,
  { limit = PAGE_LIMIT_DEFAULT, itemOf, ...span }: Listing<Item>,
): Promise<ListingPage<Item>> {
  const items: Item[] = []
  let next: string | undefined
  for await (const { row, oldest } of scan(store, span, limit)) {
    const item = itemOf(row)
    if (item !== undefined) items.push(item)
    next = oldest ? undefined : row.sk
    if (items.length === limit) break
  }
  return { items, next }
}

async function* scan(
  store: Pick<StoreReader, 'query'>,
  { partition, range, after }: Span,
  rowsFirst: number,
): AsyncGenerator<{ readonly row: KeyedRow; readonly oldest: boolean }, void, undefined> {
  let behind = after
  let limit = rowsFirst
  for (let left = ROWS_SCANNED_MAX; left > 0; limit = Math.min(ROWS_PER_READ, left)) {
    const position = behind === undefined ? {} : { after: behind }
    const { rows, more } = await store.query(partition, {
      ...range,
      ...position,
      reverse: true,
      limit,
    })
    for (const [index, row] of rows.entries()) {
      yield { row, oldest: !more && index === rows.length - 1 }
    }
    if (!more) return
    behind = rows.at(-1)?.sk
    left -= rows.length
  }
}
