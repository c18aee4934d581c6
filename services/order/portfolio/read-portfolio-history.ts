import type { getPortfolioHistory } from '@cnop/contract/portfolio.ts'
import type { AnswerOf, QueryOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../ledger/account-rows.ts'
import { EVENT_RANGE, eventSortKey, loadEvent } from '../ledger/journal-rows.ts'
import { type Books, readBooks } from '../ledger/read-books.ts'
import { readPages } from '../ledger/read-pages.ts'
import { type AssetPrices, priceIn, type Trace } from '../prices/asset-prices.ts'
import { assetsIn, equityPoints, type PastPrices } from './equity-points.ts'
import { type HistoryPlan, planHistory } from './history-period.ts'
import { createRewind, type Position } from './rewind-books.ts'

/** Of a longer journal the curve shows the end. */
const EVENTS_UNDONE_MAX = 20_000
/** Small enough for other requests to come between. */
const EVENTS_PER_READ = 250

/**
 * Equity at the end of each interval, and now; the last point is the portfolio of this moment.
 * Throws `invalid-input`, and `dependency-down` when there is something to price and inventory
 * does not answer.
 */
export async function readPortfolioHistory({
  store,
  prices,
  userId,
  query,
  now,
  trace,
  eventsMax = EVENTS_UNDONE_MAX,
}: {
  store: Pick<StoreReader, 'query'>
  prices: Pick<AssetPrices, 'quotesOf' | 'closesOf'>
  userId: string
  query: QueryOf<typeof getPortfolioHistory>
  now: () => number
  trace: Trace
  eventsMax?: number
}): Promise<AnswerOf<typeof getPortfolioHistory>> {
  const books = await readBooks(store, userId)
  const plan = planHistory(query, now())
  const positions = await readPositions({ store, userId, books, plan, eventsMax })
  const pastPrices = await readPrices({ prices, positions, plan, trace })
  return { data: equityPoints(positions, pastPrices) }
}

/** Newest first. */
async function readPositions({
  store,
  userId,
  books,
  plan: { timesMs, intervalMs },
  eventsMax,
}: {
  store: Pick<StoreReader, 'query'>
  userId: string
  books: Books
  plan: HistoryPlan
  eventsMax: number
}): Promise<readonly Position[]> {
  const rewind = createRewind({ books, timesMs, intervalMs })
  const pages = readPages(store, partitionOf(userId), {
    from: EVENT_RANGE.from,
    to: eventSortKey(books.account?.seq ?? 0n),
    reverse: true,
    limit: EVENTS_PER_READ,
  })
  let undone = 0
  for await (const rows of pages) {
    // What flowed before the oldest moment reached is not known as a whole.
    if (undone >= eventsMax) return rewind.positions.slice(0, -1)
    for (const { row } of rows) {
      if (!rewind.undo(loadEvent(row))) return rewind.positions
    }
    undone += rows.length
  }
  return rewind.positions
}

/** Quotes of this moment and candles of the earlier ones, for every asset that was there at one. */
async function readPrices({
  prices,
  positions,
  plan: { interval, intervalMs },
  trace,
}: {
  prices: Pick<AssetPrices, 'quotesOf' | 'closesOf'>
  positions: readonly Position[]
  plan: HistoryPlan
  trace: Trace
}): Promise<PastPrices> {
  const assetIds = assetsIn(positions)
  const [, newest] = positions
  const oldest = positions.at(-1)
  const [quotes, closes] = await Promise.all([
    prices.quotesOf(assetIds, trace),
    newest === undefined || oldest === undefined
      ? new Map()
      : prices.closesOf(
          {
            assetIds,
            interval,
            intervalMs,
            fromMs: oldest.timeMs - intervalMs,
            toMs: newest.timeMs,
          },
          trace,
        ),
  ])
  return { now: new Map(quotes.map(({ asset_id, price }) => [asset_id, priceIn(price)])), closes }
}
