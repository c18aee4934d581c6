import type { KnownPrice } from '../record/decide-tick.ts'
import type { Tick } from '../record/tick-rows.ts'
import type { RunningMarket } from './market.ts'

/** A row repeats the last known price of an asset that had no quote; that is no tick of it. */
export function newPrices(
  { second, prices }: Tick,
  market: RunningMarket,
): ReadonlyMap<string, KnownPrice> {
  const fresh = new Map<string, KnownPrice>()
  for (const [assetId, price] of prices) {
    const known = market.known.get(assetId)
    if (known === undefined && second - price.asOf >= market.terms.freshSeconds)
      market.seed({ second, prices: new Map([[assetId, price]]) })
    else if (known === undefined || price.asOf > known.asOf) fresh.set(assetId, price)
  }
  return fresh
}
