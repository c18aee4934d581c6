/** A market for tests: its prices are what the test says. */
import type { Quote } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'

export function createTestMarket(now: () => number) {
  const assets = new Map<string, { price: string; scale: number; halted: boolean }>()
  let asOfMs: number | undefined
  let down: Problem | undefined
  return {
    list(asset: string, price: string, scale = 8): void {
      assets.set(asset, { price, scale, halted: false })
    },
    setPrice(asset: string, price: string): void {
      assets.set(asset, { scale: 8, halted: false, ...assets.get(asset), price })
    },
    halt(asset: string): void {
      assets.set(asset, { scale: 8, price: '1', ...assets.get(asset), halted: true })
    },
    /** The feed's last tick is of this time from now on. */
    stopAt(timeMs: number | undefined): void {
      asOfMs = timeMs
    },
    fail(problem: Problem | undefined): void {
      down = problem
    },
    async quoteOf(assetId: string): Promise<Quote> {
      if (down !== undefined) throw down
      const asset = assets.get(assetId)
      if (asset === undefined) throw new Problem('asset-not-found')
      const tickMs = asOfMs ?? now() - 250
      return {
        asset_id: assetId,
        asset_name: assetId,
        quantity_scale: asset.scale,
        halted: asset.halted,
        price: asset.price,
        day_open: asset.price,
        as_of: new Date(tickMs).toISOString(),
        stale_after: new Date(tickMs + 5_000).toISOString(),
        tick: `test:${tickMs}`,
        source: 'test',
      }
    },
  }
}
