/** What can be bookmarked of each page, as its address says it; what an address cannot mean is left out. */
import { ASSET_ID_PATTERN, CANDLE_INTERVALS, CATEGORIES } from '@cnop/contract/inventory.ts'

type Said = Readonly<Record<string, unknown>>

const ASSET_ID = new RegExp(ASSET_ID_PATTERN)
const WORD = /^-?[a-z0-9_]{1,30}$/
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const ORDER_ID = /^[A-Za-z0-9_-]{1,64}$/
const MARKET_SORT = /^(rank|name|-?(price|change|volume|cap))$/
const SIDES = ['buy', 'sell'] as const
const TRANSFERS = ['deposit', 'withdraw'] as const

type MarketSort = 'rank' | 'name' | `${'' | '-'}${'price' | 'change' | 'volume' | 'cap'}`

type MarketsSearch = {
  readonly q?: string | undefined
  readonly category?: (typeof CATEGORIES)[number] | undefined
  readonly sort?: MarketSort | undefined
  readonly watched?: true | undefined
}

export const marketsSearch = (said: Said): MarketsSearch => ({
  ...(typeof said['q'] === 'string' && said['q'] !== '' ? { q: said['q'] } : {}),
  ...oneOf('category', said['category'], CATEGORIES),
  ...(matching('sort', said['sort'], MARKET_SORT) as { readonly sort?: MarketSort }),
  ...(said['watched'] === true ? { watched: true } : {}),
})

export const assetSearch = (said: Said) => oneOf('interval', said['interval'], CANDLE_INTERVALS)

export const tradeSearch = (said: Said) => ({
  ...oneOf('side', said['side'], SIDES),
  ...oneOf('interval', said['interval'], CANDLE_INTERVALS),
})

/** Where to go on from the two doors to an account. */
export const nextSearch = (said: Said): { readonly next?: string } =>
  isOwnPath(said['next']) ? { next: said['next'] } : {}

type OrdersSearch = {
  readonly asset?: string
  /** The page knows which there are. */
  readonly status?: string
  readonly type?: string
  /** The one whose details are open. */
  readonly order?: string
}

export const ordersSearch = (said: Said): OrdersSearch => ({
  ...matching('asset', said['asset'], ASSET_ID),
  ...matching('status', said['status'], WORD),
  ...matching('type', said['type'], WORD),
  ...matching('order', said['order'], ORDER_ID),
})

type PortfolioSearch = {
  /** The page knows which there are. */
  readonly period?: string
  readonly sort?: string
  /** The one whose history is open. */
  readonly asset?: string
}

export const portfolioSearch = (said: Said): PortfolioSearch => ({
  ...matching('period', said['period'], WORD),
  ...matching('sort', said['sort'], WORD),
  ...matching('asset', said['asset'], ASSET_ID),
})

type AccountSearch = {
  readonly do?: (typeof TRANSFERS)[number]
  /** The page knows which there are. */
  readonly type?: string
  /** Days of the chosen time zone, both included. */
  readonly from?: string
  readonly to?: string
}

export const accountSearch = (said: Said): AccountSearch => ({
  ...oneOf('do', said['do'], TRANSFERS),
  ...matching('type', said['type'], WORD),
  ...matching('from', said['from'], DAY),
  ...matching('to', said['to'], DAY),
})

/** Only addresses of this origin: `//elsewhere` is another one. */
const isOwnPath = (value: unknown): value is string =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value)

function oneOf<Name extends string, T extends string>(
  name: Name,
  value: unknown,
  known: readonly T[],
): { readonly [K in Name]?: T } {
  const found = known.find((one) => one === value)
  return (found === undefined ? {} : { [name]: found }) as { readonly [K in Name]?: T }
}

function matching<Name extends string>(
  name: Name,
  value: unknown,
  form: RegExp,
): { readonly [K in Name]?: string } {
  const fits = typeof value === 'string' && form.test(value)
  return (fits ? { [name]: value } : {}) as { readonly [K in Name]?: string }
}
