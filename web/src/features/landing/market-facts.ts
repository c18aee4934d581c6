import type { AssetSummary } from '@cnop/contract/inventory.ts'
import { formatUsd, parseDecimal, USD_SCALE } from '@cnop/contract/money.ts'

export type MarketFacts = {
  readonly assets: number
  readonly volume: string
  readonly advancing: number
}

const units = (text: string | null): bigint => parseDecimal(text ?? '0', USD_SCALE) ?? 0n

export const marketFacts = (assets: readonly AssetSummary[]): MarketFacts => ({
  assets: assets.length,
  volume: formatUsd(
    assets.reduce((sum, { total_volume_24h }) => sum + units(total_volume_24h), 0n),
  ),
  advancing: assets.filter((asset) => units(asset.price_change_percentage_24h) > 0n).length,
})

/** Those that rose most, or fell most; what did neither is in no such list. */
export function strongest(
  assets: readonly AssetSummary[],
  direction: 'up' | 'down',
  count: number,
): readonly AssetSummary[] {
  const sign = direction === 'up' ? 1n : -1n
  const moved = assets
    .map((asset) => ({ asset, by: units(asset.price_change_percentage_24h) * sign }))
    .filter(({ by }) => by > 0n)
  return moved
    .sort((left, right) => Number(right.by - left.by))
    .slice(0, count)
    .map(({ asset }) => asset)
}
