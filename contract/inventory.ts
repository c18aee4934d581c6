import { type Static, Type } from 'typebox'
import { pageAnswer, pageQuery } from './page.ts'
import { closed, DecimalText, dataOf, defineRoute, Instant } from './route.ts'

export const ASSET_ID_PATTERN = '^[A-Z0-9]{1,10}$'
export const AssetId = Type.String({
  pattern: ASSET_ID_PATTERN,
  description: 'Such as BTC',
  'x-rule': 'Use 1 to 10 capital letters and digits, such as BTC.',
})

export const CATEGORIES = [
  'layer-1',
  'layer-2',
  'stablecoin',
  'defi',
  'meme',
  'exchange',
  'infrastructure',
  'gaming',
  'privacy',
  'payments',
  'ai',
  'storage',
  'oracle',
  'rwa',
] as const
const Category = Type.Enum(CATEGORIES)

const nullable = <T extends typeof DecimalText | typeof Instant>(schema: T) =>
  Type.Union([schema, Type.Null()])

const listed = {
  asset_id: AssetId,
  name: Type.String(),
  description: Type.String(),
  category: Category,
  /** `null` only before a feed without history has given its first price. */
  price_usd: nullable(DecimalText),
  is_active: Type.Boolean({ description: 'False while trading is halted' }),
  symbol: Type.String(),
  image: Type.String({ description: 'A path on this origin' }),
  market_cap_rank: Type.Integer(),
  price_change_percentage_24h: nullable(DecimalText),
  market_cap: nullable(DecimalText),
  total_volume_24h: nullable(DecimalText),
  sparkline: Type.Array(DecimalText, { description: '7 days, 42 points, oldest first' }),
  price_as_of: nullable(Instant),
  stale_after: nullable(Instant),
  quantity_scale: Type.Integer({ description: 'Decimal places of a quantity, fixed for ever' }),
}
export const AssetSummary = Type.Object(listed)
export type AssetSummary = Static<typeof AssetSummary>

export const AssetDetail = Type.Object({
  ...listed,
  availability_status: Type.Enum(['available', 'halted', 'stale']),
  price_change_24h: nullable(DecimalText),
  price_change_percentage_7d: nullable(DecimalText),
  price_change_percentage_30d: nullable(DecimalText),
  high_24h: nullable(DecimalText),
  low_24h: nullable(DecimalText),
  circulating_supply: nullable(DecimalText),
  total_supply: nullable(DecimalText),
  max_supply: nullable(DecimalText),
  ath: DecimalText,
  ath_change_percentage: nullable(DecimalText),
  ath_date: Instant,
  atl: DecimalText,
  atl_change_percentage: nullable(DecimalText),
  atl_date: Instant,
  last_updated: nullable(Instant),
})
export type AssetDetail = Static<typeof AssetDetail>

const oneAsset = Type.Object({ asset_id: AssetId })

export const listAssets = defineRoute({
  name: 'listAssets',
  service: 'inventory',
  method: 'GET',
  path: '/inventory/assets',
  access: 'public',
  summary: 'The assets, with prices',
  query: Type.Object({
    active_only: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 250 })),
    search: Type.Optional(Type.String({ maxLength: 64 })),
    category: Type.Optional(Category),
    sort: Type.Optional(
      Type.Enum(['rank', 'name', 'price', '-price', 'change', '-change', 'volume', '-volume']),
    ),
  }),
  answer: Type.Object({
    data: Type.Array(AssetSummary),
    total_count: Type.Integer({ description: 'Matching, before the limit' }),
    active_count: Type.Integer(),
  }),
})

export const getAsset = defineRoute({
  name: 'getAsset',
  service: 'inventory',
  method: 'GET',
  path: '/inventory/assets/:asset_id',
  access: 'public',
  summary: 'One asset in full',
  params: oneAsset,
  answer: dataOf(AssetDetail),
  problems: ['asset-not-found'],
})

/** The drawn monogram; answers SVG. */
export const getAssetImage = defineRoute({
  name: 'getAssetImage',
  service: 'inventory',
  method: 'GET',
  path: '/inventory/assets/:asset_id/image.svg',
  access: 'public',
  summary: 'A drawn monogram of the asset, as SVG',
  params: oneAsset,
  answer: Type.String(),
  problems: ['asset-not-found'],
  media: 'image/svg+xml',
})

export const CANDLE_INTERVALS = ['1m', '5m', '15m', '1h', '4h', '1d'] as const
export type CandleInterval = (typeof CANDLE_INTERVALS)[number]
const Interval = Type.Enum(CANDLE_INTERVALS)

export const Candle = Type.Object({
  time: Instant,
  open: DecimalText,
  high: DecimalText,
  low: DecimalText,
  close: DecimalText,
  /** In US dollars; `null` where the feed knows prices only. */
  volume: nullable(DecimalText),
})
export type Candle = Static<typeof Candle>

export const CANDLES_MAX = 1000

export const getCandles = defineRoute({
  name: 'getCandles',
  service: 'inventory',
  method: 'GET',
  path: '/inventory/assets/:asset_id/candles',
  access: 'public',
  summary: 'Candles, oldest first; the last 300 of the interval unless told, 1000 at most',
  params: oneAsset,
  query: Type.Object({
    interval: Type.Optional(Interval),
    from: Type.Optional(Instant),
    to: Type.Optional(Instant),
  }),
  answer: Type.Object({ data: Type.Array(Candle) }),
  problems: ['asset-not-found'],
})

/** What other services need to price an order or a holding. Prices have up to 12 places. */
export const Quote = Type.Object({
  asset_id: AssetId,
  asset_name: Type.String(),
  quantity_scale: Type.Integer(),
  halted: Type.Boolean(),
  price: DecimalText,
  /** The price at 00:00 UTC today, or the first known of today. */
  day_open: DecimalText,
  as_of: Instant,
  stale_after: Instant,
  /** Names the recorded tick: feed and second. */
  tick: Type.String(),
  source: Type.String(),
})
export type Quote = Static<typeof Quote>

export const getQuotes = defineRoute({
  name: 'getQuotes',
  service: 'inventory',
  method: 'GET',
  path: '/internal/quotes',
  access: 'internal',
  summary: 'The last known quotes of the named assets; one without a price yet is left out',
  query: Type.Object({
    asset_ids: Type.String({ pattern: '^[A-Z0-9]{1,10}(,[A-Z0-9]{1,10}){0,249}$' }),
  }),
  answer: dataOf(Type.Array(Quote)),
  problems: ['asset-not-found'],
})

export const streamPrices = defineRoute({
  name: 'streamPrices',
  service: 'inventory',
  method: 'GET',
  path: '/internal/prices/stream',
  access: 'internal',
  summary: 'Every tick as one server-sent event, the last one first',
  answer: Type.String(),
  media: 'text/event-stream',
})

const reason = { reason: Type.String({ minLength: 3, maxLength: 200 }) }

export const haltAsset = defineRoute({
  name: 'haltAsset',
  service: 'inventory',
  method: 'POST',
  path: '/internal/operator/assets/:asset_id/halt',
  access: 'operator',
  summary: 'Stop trading in an asset',
  params: oneAsset,
  body: closed(reason),
  answer: dataOf(Type.Object({ asset_id: AssetId, halted: Type.Boolean() })),
  problems: ['asset-not-found'],
})

export const releaseAsset = defineRoute({
  name: 'releaseAsset',
  service: 'inventory',
  method: 'POST',
  path: '/internal/operator/assets/:asset_id/release',
  access: 'operator',
  summary: 'Allow trading in an asset again',
  params: oneAsset,
  body: closed(reason),
  answer: dataOf(Type.Object({ asset_id: AssetId, halted: Type.Boolean() })),
  problems: ['asset-not-found'],
})

/** One line of the audit trail: who halted or released an asset, and why. */
export const HaltEvent = Type.Object({
  asset_id: AssetId,
  halted: Type.Boolean(),
  actor: Type.String({ description: 'The operator by name, or the rule for jumps' }),
  reason: Type.String(),
  at: Instant,
})
export type HaltEvent = Static<typeof HaltEvent>

export const listHalts = defineRoute({
  name: 'listHalts',
  service: 'inventory',
  method: 'GET',
  path: '/internal/operator/halts',
  access: 'operator',
  summary: 'Every halt and release, newest first',
  query: Type.Object(pageQuery),
  answer: Type.Object({ data: Type.Array(HaltEvent), ...pageAnswer }),
})
