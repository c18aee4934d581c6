/** The recorder's inside without its clock: ticks are given one by one, as fast as they commit. */
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Catalogue } from '../catalogue.ts'
import { tickCommitter } from '../market/commit-tick.ts'
import { createFeedHistory } from '../market/feed-history.ts'
import { stretchOf, termsOf } from '../market/market-terms.ts'
import { candleReader } from '../market/read-candles.ts'
import { restoreMarket } from '../market/restore-market.ts'
import type { FeedQuote, PriceFeed } from '../price-feed.ts'
import { createFoldQueue } from '../record/fold-queue.ts'
import { openRecord } from '../record/record-row.ts'

/** Opens the market of a store as a start of the service does. */
export async function openMarket(options: {
  readonly store: Store
  readonly feed: PriceFeed
  readonly catalogue: Catalogue
  readonly second: number
}) {
  const { store, feed, catalogue, second } = options
  const { assets } = catalogue
  const clock = systemCommitClock
  const queue = createFoldQueue()
  const record = await openRecord({
    store,
    clock,
    feed,
    assetIds: assets.map(({ assetId }) => assetId),
    fromMs: stretchOf(second, termsOf(feed)),
  })
  const market = await restoreMarket({ store, record, feed, assets, queue, nowMs: second * 1000 })
  const commitTick = tickCommitter({ store, record, market, queue, clock })
  const history = createFeedHistory({
    feed,
    callsPerMinuteMax: Number.POSITIVE_INFINITY,
    now: clock.now,
  })
  return {
    market,
    queue,
    commitTick,
    readCandles: candleReader({ store, market, queue, history }),
    /** A tick in which each asset costs so many units. */
    async tick(at: number, prices: Readonly<Record<string, bigint>>) {
      const quotes = new Map(
        Object.entries(prices).map(([assetId, price]): [string, FeedQuote] => [
          assetId,
          { price, asOfMs: at * 1000 },
        ]),
      )
      return commitTick(at, quotes)
    },
  }
}
