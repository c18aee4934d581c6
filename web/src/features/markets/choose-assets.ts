import type { AssetSummary } from '@cnop/contract/inventory.ts'
import { PRICE_SCALE, parseDecimal } from '@cnop/contract/money.ts'

export type SortKey = 'rank' | 'name' | 'price' | 'change' | 'volume' | 'cap'
export type Sort = SortKey | `-${Exclude<SortKey, 'rank' | 'name'>}`

export type Wish = {
  readonly q?: string | undefined
  readonly category?: string | undefined
  readonly sort?: Sort | undefined
  /** Only these. */
  readonly among?: ReadonlySet<string> | undefined
}

/** Those that were asked for, in the order that was asked for; ties stay by rank. */
export function chooseAssets(
  assets: readonly AssetSummary[],
  { q = '', category, sort = 'rank', among }: Wish,
): readonly AssetSummary[] {
  const words = q.trim().toLowerCase()
  const found = assets.filter(
    (asset) =>
      (category === undefined || asset.category === category) &&
      (among === undefined || among.has(asset.asset_id)) &&
      (words === '' || isNamed(asset, words)),
  )
  return found.sort(comparison(sort))
}

const isNamed = ({ name, symbol }: AssetSummary, words: string): boolean =>
  name.toLowerCase().includes(words) || symbol.toLowerCase().startsWith(words)

function comparison(sort: Sort): (left: AssetSummary, right: AssetSummary) => number {
  const byRank = (left: AssetSummary, right: AssetSummary): number =>
    left.market_cap_rank - right.market_cap_rank
  if (sort === 'rank') return byRank
  if (sort === 'name') return (left, right) => left.name.localeCompare(right.name)
  const falling = sort.startsWith('-')
  const field = FIELDS[sort.replace('-', '') as keyof typeof FIELDS]
  return (left, right) => compare(left[field], right[field], falling) || byRank(left, right)
}

const FIELDS = {
  price: 'price_usd',
  change: 'price_change_percentage_24h',
  volume: 'total_volume_24h',
  cap: 'market_cap',
} as const

/** What is not known comes last, either way. */
function compare(left: string | null, right: string | null, falling: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  const difference = units(left) - units(right)
  const sign = difference > 0n ? 1 : difference < 0n ? -1 : 0
  return falling ? -sign : sign
}

const units = (text: string): bigint => parseDecimal(text, PRICE_SCALE) ?? 0n

/** What a click on a heading asks for: the greatest first, then the least, then as it was. */
export function nextSort(now: Sort | undefined, key: SortKey): Sort | undefined {
  if (key === 'rank') return undefined
  if (key === 'name') return now === 'name' ? undefined : 'name'
  if (now === `-${key}`) return key
  return now === key ? undefined : `-${key}`
}
