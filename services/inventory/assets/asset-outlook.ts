/**
 * What an asset's detail says about times that only candles know: the extremes of 24 hours and of
 * all times, and the price 30 days ago. Gathered when first asked for, and again each hour.
 */
import { CANDLES_MAX, type CandleInterval } from '@cnop/contract/inventory.ts'
import type { Asset } from '../catalogue.ts'
import type { MarketCandle, ReadCandles } from '../market/read-candles.ts'
import { DAY_MS, HOUR_MS } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'

export type Extreme = { readonly price: bigint; readonly atMs: number }

/** As of the start of an hour: what the running hour adds is for whoever answers. */
export type AssetOutlook = {
  /** Of the 24 hours before; `undefined` without any candle. */
  readonly high24h: bigint | undefined
  readonly low24h: bigint | undefined
  readonly price30DaysAgo: bigint | undefined
  readonly highest: Extreme
  readonly lowest: Extreme
}

/** `hourMs` is the start of the running hour. */
export type OutlookOf = (
  asset: Asset,
  at: { readonly nowMs: number; readonly hourMs: number },
) => Promise<AssetOutlook>

type Gathered = { readonly outlook: AssetOutlook; readonly complete: boolean }
type Extremes = Pick<AssetOutlook, 'highest' | 'lowest'>

/** What a fault of the feed has left out is asked for again after this time. */
const RETRY_MS = 60_000

/** The catalogue knows extremes up to `sinceMs`, candles know those behind it. */
export function outlooks(parts: {
  readonly readCandles: ReadCandles
  readonly sinceMs: number
}): OutlookOf {
  const { readCandles, sinceMs } = parts
  const kept = new Map<
    string,
    { readonly hourMs: number; readonly atMs: number; readonly gathered: Promise<Gathered> }
  >()
  const pastDays = new Map<string, { readonly dayMs: number; readonly extremes: Extremes }>()

  return async (asset, at) => {
    const known = kept.get(asset.assetId)
    if (known?.hourMs === at.hourMs) {
      const { outlook, complete } = await known.gathered
      if (complete || at.nowMs < known.atMs + RETRY_MS) return outlook
    }
    const gathered = gather(asset, at)
    kept.set(asset.assetId, { hourMs: at.hourMs, atMs: at.nowMs, gathered })
    try {
      return (await gathered).outlook
    } catch (error) {
      kept.delete(asset.assetId)
      throw error
    }
  }

  async function gather(asset: Asset, at: Parameters<OutlookOf>[1]): Promise<Gathered> {
    const { hourMs } = at
    const day = await read(asset, at, { interval: '1h', fromMs: hourMs - DAY_MS, toMs: hourMs })
    const monthMs = hourMs - 30 * DAY_MS
    const month = await read(asset, at, {
      interval: '1h',
      fromMs: monthMs,
      toMs: monthMs + HOUR_MS,
    })
    const days = await extremesOfDays(asset, at)
    const outlook = {
      high24h: greatest(day.candles.map(({ high }) => high)),
      low24h: least(day.candles.map(({ low }) => low)),
      price30DaysAgo: month.candles[0]?.open,
      ...widened(days.extremes, day.candles),
    }
    return { outlook, complete: day.complete && month.complete && days.complete }
  }

  async function extremesOfDays(
    asset: Asset,
    at: Parameters<OutlookOf>[1],
  ): Promise<{ readonly extremes: Extremes; readonly complete: boolean }> {
    const dayMs = startOf(at.hourMs, DAY_MS)
    const known = pastDays.get(asset.assetId)
    if (known?.dayMs === dayMs) return { extremes: known.extremes, complete: true }
    let extremes = extremesOf(asset)
    let complete = true
    for (let fromMs = sinceMs; fromMs < dayMs; fromMs += CANDLES_MAX * DAY_MS) {
      const toMs = Math.min(dayMs, fromMs + CANDLES_MAX * DAY_MS)
      const days = await read(asset, at, { interval: '1d', fromMs, toMs })
      extremes = widened(extremes, days.candles)
      complete &&= days.complete
    }
    if (complete) pastDays.set(asset.assetId, { dayMs, extremes })
    return { extremes, complete }
  }

  async function read(
    { assetId }: Asset,
    { nowMs }: { readonly nowMs: number },
    range: { readonly interval: CandleInterval; readonly fromMs: number; readonly toMs: number },
  ): Promise<{ readonly candles: readonly MarketCandle[]; readonly complete: boolean }> {
    const { candles, fault } = await readCandles({ assetId, nowMs, pricesOnly: true, ...range })
    return { candles, complete: fault === undefined }
  }
}

const extremesOf = (asset: Asset): Extremes => ({
  highest: { price: asset.athPrice, atMs: Date.parse(asset.athDate) },
  lowest: { price: asset.atlPrice, atMs: Date.parse(asset.atlDate) },
})

function widened({ highest, lowest }: Extremes, candles: readonly MarketCandle[]): Extremes {
  let widest: Extremes = { highest, lowest }
  for (const { startMs, high, low } of candles) {
    if (high > widest.highest.price) widest = { ...widest, highest: { price: high, atMs: startMs } }
    if (low < widest.lowest.price) widest = { ...widest, lowest: { price: low, atMs: startMs } }
  }
  return widest
}

const greatest = (prices: readonly bigint[]): bigint | undefined =>
  prices.reduce<bigint | undefined>(
    (most, price) => (most === undefined || price > most ? price : most),
    undefined,
  )

const least = (prices: readonly bigint[]): bigint | undefined =>
  prices.reduce<bigint | undefined>(
    (most, price) => (most === undefined || price < most ? price : most),
    undefined,
  )
