/** Prices as a test sets them, behind the port. */
import type { Quote } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { type AssetPrices, type PriceAt, priceIn } from '../prices/asset-prices.ts'

export type SampleAsset = {
  readonly name: string
  readonly scale: number
  /** Known, but without a price so far, when absent. */
  readonly price?: string
  /** The price itself when absent. */
  readonly dayOpen?: string
  /** The present when absent. */
  readonly asOf?: string
  /** Closes by the time of the close. */
  readonly closes?: Readonly<Record<string, string>>
}

const QUOTE_LIFE_MS = 5_000

export type SamplePrices = AssetPrices & {
  set(assetId: string, asset: SampleAsset): void
  /** From now on inventory does not answer, or answers again. */
  setDown(down: boolean): void
  /** What was asked for, in order. */
  readonly calls: string[]
}

export function createSamplePrices(now: () => number): SamplePrices {
  const assets = new Map<string, SampleAsset>()
  const calls: string[] = []
  let down = false

  const known = (assetId: string): SampleAsset => {
    const asset = assets.get(assetId)
    if (asset === undefined) throw new Problem('asset-not-found')
    return asset
  }
  const answer = (call: string): void => {
    calls.push(call)
    if (down) throw new Problem('dependency-down')
  }
  const quotesOf = async (assetIds: readonly string[]): Promise<readonly Quote[]> => {
    if (assetIds.length === 0) return []
    answer(`quotes ${assetIds.join(',')}`)
    return assetIds.flatMap((assetId) => quoteOf(assetId, known(assetId), now()))
  }
  return {
    calls,
    set: (assetId, asset) => void assets.set(assetId, asset),
    setDown(isDown) {
      down = isDown
    },
    quotesOf,
    quotesIfUp: async (assetIds) => (down ? [] : quotesOf(assetIds)),
    async closesOf({ assetIds, fromMs, toMs, intervalMs }) {
      const closes = new Map<string, readonly PriceAt[]>()
      for (const assetId of assetIds) {
        answer(`closes ${assetId}`)
        const all = closesOf(known(assetId))
        const begin = (close: PriceAt): number => close.timeMs - intervalMs
        closes.set(
          assetId,
          all.filter((close) => begin(close) >= fromMs && begin(close) < toMs),
        )
      }
      return closes
    },
  }
}

const closesOf = ({ closes = {} }: SampleAsset): readonly PriceAt[] =>
  Object.entries(closes).map(([time, close]) => ({
    timeMs: Date.parse(time),
    price: priceIn(close),
  }))

function quoteOf(assetId: string, asset: SampleAsset, nowMs: number): readonly Quote[] {
  const { name, scale, price, dayOpen = price, asOf = new Date(nowMs).toISOString() } = asset
  if (price === undefined || dayOpen === undefined) return []
  return [
    {
      asset_id: assetId,
      asset_name: name,
      quantity_scale: scale,
      halted: false,
      price,
      day_open: dayOpen,
      as_of: asOf,
      stale_after: new Date(Date.parse(asOf) + QUOTE_LIFE_MS).toISOString(),
      tick: `sample:${asOf}`,
      source: 'sample',
    },
  ]
}
