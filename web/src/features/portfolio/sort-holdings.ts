/** The order of the holdings: that of the platform, or as a heading was clicked. */
import { PRICE_SCALE, parseDecimal } from '@cnop/contract/money.ts'
import type { Holding } from '@cnop/contract/portfolio.ts'
import type { HoldingWorth, Worth } from './worth.ts'

const KEYS = ['name', 'price', 'value', 'cost', 'profit', 'percent'] as const
export type HoldingSortKey = (typeof KEYS)[number]
export type HoldingSort = HoldingSortKey | `-${HoldingSortKey}`

const SORTS = KEYS.flatMap((key): readonly HoldingSort[] => [key, `-${key}`])

/** What an address asks for, where there is such an order. */
export const holdingSortOf = (text: string | undefined): HoldingSort | undefined =>
  SORTS.find((sort) => sort === text)

/** The most valuable first: the order the platform tells them in, without anything chosen. */
export function sortHoldings(
  holdings: readonly Holding[],
  { holdings: worth }: Pick<Worth, 'holdings'>,
  sort: HoldingSort = '-value',
): readonly Holding[] {
  const falling = sort.startsWith('-')
  const key = sort.replace('-', '') as HoldingSortKey
  if (key === 'name') {
    const named = holdings.toSorted((left, right) =>
      left.asset_name.localeCompare(right.asset_name),
    )
    return falling ? named.toReversed() : named
  }
  const unitsOf = (holding: Holding): bigint | undefined =>
    units(key === 'cost' ? holding.average_cost : worthField(worth.get(holding.asset_id), key))
  return holdings.toSorted((left, right) => compare(unitsOf(left), unitsOf(right), falling))
}

function worthField(
  worth: HoldingWorth | undefined,
  key: 'price' | 'value' | 'profit' | 'percent',
): string | null | undefined {
  return worth?.[key === 'percent' ? 'profitPercent' : key]
}

const units = (text: string | null | undefined): bigint | undefined =>
  typeof text === 'string' ? parseDecimal(text, PRICE_SCALE) : undefined

/** What is not known comes last, either way. */
function compare(left: bigint | undefined, right: bigint | undefined, falling: boolean): number {
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined)
  const sign = left > right ? 1 : left < right ? -1 : 0
  return falling ? -sign : sign
}

/** What a click on a heading asks for: names from A, figures from the greatest, then the reverse. */
export function nextHoldingSort(
  now: HoldingSort | undefined,
  key: HoldingSortKey,
): HoldingSort | undefined {
  const [first, second] = key === 'name' ? ([key, `-${key}`] as const) : ([`-${key}`, key] as const)
  if (now === first) return second
  return now === second ? undefined : first
}
