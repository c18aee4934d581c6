/** What follows for a market from the feed its prices come from. */
import { HOUR_MS, type PriceFeed, type PriceFeedKind } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'
import { minuteOf } from '../record/candle-series.ts'

export type MarketTerms = {
  readonly feed: PriceFeedKind
  /** A price is fresh, and may be traded at, while it is younger than this. */
  readonly freshSeconds: number
  /** Running candles are folded whenever a stretch of this length has ended; it divides an hour. */
  readonly stretchMs: number
}

const FEED_PERIODS_FRESH = 3
const FRESH_SECONDS_MIN = 5
/** Enough ticks for a fold to be spread over, few enough to be read again at a start. */
const TICKS_PER_STRETCH = 600

export const termsOf = ({ kind, periodMs }: Pick<PriceFeed, 'kind' | 'periodMs'>): MarketTerms => ({
  feed: kind,
  freshSeconds: Math.max(FRESH_SECONDS_MIN, Math.ceil((FEED_PERIODS_FRESH * periodMs) / 1000)),
  stretchMs: periodMs * TICKS_PER_STRETCH >= HOUR_MS ? HOUR_MS : HOUR_MS / 6,
})

/** The start of the stretch a tick belongs to. */
export const stretchOf = (second: number, { stretchMs }: MarketTerms): number =>
  startOf(minuteOf(second), stretchMs)
