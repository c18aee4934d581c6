/**
 * The listing. Everybody who asks within a tick gets the same bytes: each asset is put into words
 * once a tick, and so is each answer that is asked for again.
 */
import type { listAssets } from '@cnop/contract/inventory.ts'
import { PRICE_SCALE, pow10 } from '@cnop/contract/money.ts'
import { PAGE_LIMIT_DEFAULT } from '@cnop/contract/page.ts'
import type { QueryOf } from '@cnop/contract/route.ts'
import type { MarketAsset } from '../market/asset-state.ts'
import type { Market } from '../market/market.ts'
import { priceDayAgo, summaryOf } from './asset-answers.ts'

export type ListQuery = QueryOf<typeof listAssets>
type Sort = NonNullable<ListQuery['sort']>

/** The JSON text of an answer, for as long as the market's version lasts. */
export type ListAssets = (query: ListQuery) => string

/** Searches differ without end; only so many are kept. */
const ANSWERS_KEPT = 64

export function assetLister(market: Market): ListAssets {
  let version = -1
  let entries = new Map<string, string>()
  let answers = new Map<string, string>()

  return (query) => {
    if (version !== market.version) {
      version = market.version
      entries = new Map()
      answers = new Map()
    }
    const { active_only, limit, search, category, sort } = query
    const name = JSON.stringify([active_only, limit, search, category, sort])
    const known = answers.get(name)
    if (known !== undefined) return known
    const answer = listingOf(query)
    if (answers.size < ANSWERS_KEPT) answers.set(name, answer)
    return answer
  }

  function listingOf({ limit = PAGE_LIMIT_DEFAULT, sort = 'rank', ...filter }: ListQuery): string {
    const matching = market.assets.filter((entry) => matches(market, entry, filter))
    const active = matching.filter(({ asset }) => market.halt(asset.assetId) === undefined)
    const shown = sorted(market, matching, sort).slice(0, limit)
    return `{"data":[${shown.map(entryOf).join()}],"total_count":${matching.length},"active_count":${active.length}}`
  }

  function entryOf(entry: MarketAsset): string {
    const known = entries.get(entry.asset.assetId)
    if (known !== undefined) return known
    const text = JSON.stringify(summaryOf(market, entry))
    entries.set(entry.asset.assetId, text)
    return text
  }
}

function matches(
  market: Market,
  { asset }: MarketAsset,
  filter: Pick<ListQuery, 'active_only' | 'category' | 'search'>,
): boolean {
  const { active_only = false, category = asset.category, search = '' } = filter
  if (active_only && market.halt(asset.assetId)) return false
  if (asset.category !== category) return false
  const sought = search.trim().toLowerCase()
  return asset.assetId.toLowerCase().includes(sought) || asset.name.toLowerCase().includes(sought)
}

type Figure = (market: Market, entry: MarketAsset) => bigint | undefined

const FIGURES: Readonly<Record<'price' | 'change' | 'volume', Figure>> = {
  price: (_, { known }) => known?.price,
  change: (market, entry) => {
    const before = priceDayAgo(market, entry)
    return entry.known && before ? (entry.known.price * pow10(PRICE_SCALE)) / before : undefined
  },
  volume: (_, { facts }) => facts.volume24h,
}

/** The assets stand in the order of their rank, and equal ones stay so. */
function sorted(
  market: Market,
  entries: readonly MarketAsset[],
  sort: Sort,
): readonly MarketAsset[] {
  switch (sort) {
    case 'rank':
      return entries
    case 'name':
      return entries.toSorted((left, right) => compareText(left.asset.name, right.asset.name))
    case 'price':
    case 'change':
    case 'volume':
      return byFigure(market, entries, { figure: FIGURES[sort], sign: 1 })
    case '-price':
      return byFigure(market, entries, { figure: FIGURES.price, sign: -1 })
    case '-change':
      return byFigure(market, entries, { figure: FIGURES.change, sign: -1 })
    case '-volume':
      return byFigure(market, entries, { figure: FIGURES.volume, sign: -1 })
  }
}

/** What has no figure stands behind what has one, whichever way it is sorted. */
function byFigure(
  market: Market,
  entries: readonly MarketAsset[],
  order: { readonly figure: Figure; readonly sign: 1 | -1 },
): readonly MarketAsset[] {
  const figures = new Map(entries.map((entry) => [entry, order.figure(market, entry)]))
  return entries.toSorted((left, right) => {
    const [first, second] = [figures.get(left), figures.get(right)]
    if (first === second) return 0
    if (first === undefined) return 1
    if (second === undefined) return -1
    return first < second ? -order.sign : order.sign
  })
}

function compareText(left: string, right: string): number {
  const [first, second] = [left.toLowerCase(), right.toLowerCase()]
  if (first === second) return 0
  return first < second ? -1 : 1
}
