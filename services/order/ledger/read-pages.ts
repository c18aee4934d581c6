/** Reading more rows of one partition than one answer of the store holds. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeyedRow, QueryRange, StoreReader } from '@cnop/kit/store/store.ts'

/** The rows of a range, at most `range.limit` at a time. Other work gets its turn between the pages. */
export async function* readPages(
  store: Pick<StoreReader, 'query'>,
  partition: string,
  range: QueryRange,
): AsyncGenerator<readonly KeyedRow[], void, undefined> {
  let from = range
  for (;;) {
    const { rows, more } = await store.query(partition, from)
    yield rows
    const last = rows.at(-1)
    if (!more || last === undefined) return
    from = { ...range, after: last.sk }
    await nextTurn()
  }
}
