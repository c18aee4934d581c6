/** Prices that move, jump, halt and go stale, as a seed says. */
import type { Quote } from '@cnop/contract/inventory.ts'
import { formatPrice, parsePrice } from '@cnop/contract/money.ts'

/** Decimal places of a quantity, by asset. */
export const ASSET_SCALES: Readonly<Record<string, number>> = { BTC: 8, DOGE: 4 }

const FIRST_PRICES: Readonly<Record<string, string>> = {
  BTC: '67298.671234',
  DOGE: '0.164530000001',
}
const FRESH_MS = 5_000

export function createMarket({ chance, now }: { chance: () => number; now: () => number }) {
  return async (assetId: string): Promise<Quote> => {
    const first = parsePrice(FIRST_PRICES[assetId] ?? '1') ?? 1n
    const price = (first * BigInt(80_000 + Math.floor(chance() * 40_000))) / 100_000n
    const ageMs = chance() < 0.03 ? FRESH_MS + 1 : Math.floor(chance() * 1_000)
    const asOfMs = now() - ageMs
    return {
      asset_id: assetId,
      asset_name: assetId,
      quantity_scale: ASSET_SCALES[assetId] ?? 0,
      halted: chance() < 0.03,
      price: formatPrice(price),
      day_open: formatPrice(first),
      as_of: new Date(asOfMs).toISOString(),
      stale_after: new Date(asOfMs + FRESH_MS).toISOString(),
      tick: `simulated:${asOfMs}`,
      source: 'simulated',
    }
  }
}
