/** The recorded ticks behind a second, in order, hour by hour. */
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { HOUR_MS } from '../price-feed.ts'
import { startOf } from './candle-rows.ts'
import type { RecordState } from './record-row.ts'
import { secondOfTickKey, type Tick, tickPartition, tickSortKey, unpackTick } from './tick-rows.ts'

const TICKS_PER_PAGE = 500

/** Looks into every hour up to that of `untilMs`. */
export async function* ticksAfter(
  store: Pick<StoreReader, 'query'>,
  { feed, roster }: Pick<RecordState, 'feed' | 'roster'>,
  { second, untilMs }: { readonly second: number; readonly untilMs: number },
): AsyncGenerator<Tick> {
  let after = tickSortKey(second)
  for (let atMs = startOf(second * 1000, HOUR_MS); atMs <= untilMs; atMs += HOUR_MS) {
    for (let more = true; more; ) {
      const range = { after, limit: TICKS_PER_PAGE }
      const page = await store.query(tickPartition(feed, atMs / 1000), range)
      for (const { sk, row } of page.rows) {
        yield unpackTick(roster, secondOfTickKey(sk), row)
        after = sk
      }
      more = page.more
    }
  }
}
