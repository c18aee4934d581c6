/** One asset of the running market: its last price, the hours of a week, its running candles. */
import type { Asset } from '../catalogue.ts'
import { DAY_MS, type FeedPoint, type FeedQuote, HOUR_MS } from '../price-feed.ts'
import { type CandleBlock, DAYS, readCandle, startOf } from '../record/candle-rows.ts'
import {
  type CandleSeries,
  createCandleSeries,
  type StoredBlocks,
} from '../record/candle-series.ts'
import type { KnownPrice } from '../record/decide-tick.ts'

/** What the feed last said of an asset beside its price. */
export type AssetFacts = Pick<FeedQuote, 'volume24h' | 'marketCap'>

/** An asset as answers see it: what changes with the market stays up to date. */
export type MarketAsset = {
  readonly asset: Asset
  readonly known: KnownPrice | undefined
  readonly facts: AssetFacts
  /** The price at the start of an hour, where it is known: this hour's and those of a week. */
  priceAtHour(hourMs: number): bigint | undefined
  /** Another number whenever another hour is known. */
  readonly hoursVersion: number
  /** The price at 00:00 UTC of the day, else the first known of it, else the last known at all. */
  openOfDay(dayMs: number): bigint | undefined
  /** The blocks of candles that still change. */
  runningBlocks(): readonly CandleBlock[]
}

export type AssetState = MarketAsset & {
  seed(price: KnownPrice): void
  add(second: number, price: KnownPrice): void
  learn(facts: AssetFacts): void
  /** Ends every minute before `untilMs`; gives the candle blocks that have changed. */
  fold(untilMs: number): readonly CandleBlock[]
  /** Remembers the price at an hour that has just come, if it is fresh. */
  markHour(hourMs: number): void
  /** Prices at hours from elsewhere; what is known already stays. */
  fillHours(points: readonly FeedPoint[]): void
}

const WEEK_MS = 7 * DAY_MS

export function createAssetState(options: {
  readonly asset: Asset
  readonly freshSeconds: number
  readonly fromMs: number
  readonly stored: StoredBlocks
}): AssetState {
  const { asset, freshSeconds, fromMs, stored } = options
  const series: CandleSeries = createCandleSeries({ fromMs, freshSeconds, stored })
  const hours = new Map<number, bigint>()
  let hoursVersion = 0
  let known: KnownPrice | undefined
  let facts: AssetFacts = {}
  let dayOpen: { readonly dayMs: number; readonly price: bigint } | undefined

  return {
    asset,
    get known() {
      return known
    },
    get facts() {
      return facts
    },
    seed(price) {
      known = price
      series.seed(price)
    },
    add(second, price) {
      known = price
      series.add(second, price)
    },
    learn(news) {
      facts = news
    },
    fold: (untilMs) => series.fold(untilMs),
    markHour,
    fillHours(points) {
      for (const { atMs, price } of points) {
        const atHour = startOf(atMs, HOUR_MS)
        if (!hours.has(atHour)) hours.set(atHour, price)
      }
      dayOpen = undefined
      hoursVersion += 1
    },
    priceAtHour: (atMs) => hours.get(atMs),
    get hoursVersion() {
      return hoursVersion
    },
    openOfDay(dayMs) {
      if (dayOpen?.dayMs !== dayMs) {
        const price = hours.get(dayMs) ?? recordedOpen(dayMs)
        dayOpen = price === undefined ? undefined : { dayMs, price }
      }
      return dayOpen?.price ?? known?.price
    },
    runningBlocks: () => series.running(),
  }

  function markHour(atMs: number): void {
    if (known === undefined || atMs / 1000 - known.asOf >= freshSeconds) return
    hours.set(atMs, known.price)
    hoursVersion += 1
    for (const old of hours.keys()) if (old < atMs - WEEK_MS) hours.delete(old)
  }

  function recordedOpen(dayMs: number): bigint | undefined {
    const days = series.running().find((block) => block.level === DAYS)
    return days && readCandle(days, dayMs)?.open
  }
}
