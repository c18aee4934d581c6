/** One asset in full, put into words once a tick. */
import type { AssetDetail } from '@cnop/contract/inventory.ts'
import type { MarketAsset } from '../market/asset-state.ts'
import type { Market } from '../market/market.ts'
import type { ReadCandles } from '../market/read-candles.ts'
import { HOUR_MS } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'
import { availabilityOf, detailOf, hourOfMarket } from './asset-answers.ts'
import type { OutlookOf } from './asset-outlook.ts'

export type DescribeAsset = (entry: MarketAsset, nowMs: number) => Promise<AssetDetail>

export function assetDescriber(parts: {
  readonly market: Market
  readonly readCandles: ReadCandles
  readonly outlookOf: OutlookOf
}): DescribeAsset {
  const { market, readCandles, outlookOf } = parts
  const kept = new Map<string, { readonly version: number; readonly detail: AssetDetail }>()

  return async (entry, nowMs) => {
    const { assetId } = entry.asset
    const { version } = market
    const known = kept.get(assetId)
    if (known?.version === version) {
      const availability_status = availabilityOf(market, entry, nowMs)
      return { ...known.detail, availability_status }
    }
    const hourMs = market.lastSecond === undefined ? startOf(nowMs, HOUR_MS) : hourOfMarket(market)
    const outlook = await outlookOf(entry.asset, { nowMs, hourMs })
    const running = { assetId, interval: '1h', fromMs: hourMs, toMs: hourMs + HOUR_MS } as const
    const [hour] = (await readCandles({ ...running, nowMs, pricesOnly: true })).candles
    const detail = detailOf(market, entry, { outlook, hour, nowMs })
    kept.set(assetId, { version, detail })
    return detail
  }
}
