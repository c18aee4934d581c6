/** An asset of the market as the wire says it. */

import { pathOf } from '@cnop/contract/call.ts'
import {
  type AssetDetail,
  type AssetSummary,
  getAssetImage,
  type Quote,
} from '@cnop/contract/inventory.ts'
import {
  divideNearest,
  formatPrice,
  formatUsd,
  PRICE_SCALE,
  percentOf,
  pow10,
  USD_SCALE,
} from '@cnop/contract/money.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import type { MarketAsset } from '../market/asset-state.ts'
import type { Market } from '../market/market.ts'
import type { MarketCandle } from '../market/read-candles.ts'
import { DAY_MS, HOUR_MS } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'
import type { KnownPrice } from '../record/decide-tick.ts'
import { tickName } from '../record/tick-rows.ts'
import type { AssetOutlook, Extreme } from './asset-outlook.ts'

const SPARKLINE_POINTS = 42
const SPARKLINE_STEP_MS = (7 * DAY_MS) / SPARKLINE_POINTS

/** The start of the hour that figures over time are counted back from. */
export const hourOfMarket = ({ lastSecond = 0 }: Market): number =>
  startOf(lastSecond * 1000, HOUR_MS)

export function summaryOf(market: Market, entry: MarketAsset): AssetSummary {
  const { asset, known, facts } = entry
  return {
    asset_id: asset.assetId,
    name: asset.name,
    description: asset.description,
    category: asset.category,
    price_usd: known ? formatPrice(known.price) : null,
    is_active: market.halt(asset.assetId) === undefined,
    symbol: asset.symbol,
    image: `${API_BASE}${pathOf(getAssetImage, { asset_id: asset.assetId })}`,
    market_cap_rank: asset.marketCapRank,
    price_change_percentage_24h: changePercent(known, priceDayAgo(market, entry)),
    market_cap: known ? usdText(facts.marketCap ?? known.price * asset.circulatingSupply) : null,
    total_volume_24h: facts.volume24h === undefined ? null : usdText(facts.volume24h),
    sparkline: sparklineOf(market, entry),
    price_as_of: known ? instantText(known.asOf * 1000) : null,
    stale_after: known ? instantText(staleAfterMs(market, known)) : null,
    quantity_scale: asset.quantityScale,
  }
}

export type DetailParts = {
  readonly outlook: AssetOutlook
  /** The running hour, if it has a candle. */
  readonly hour: MarketCandle | undefined
  readonly nowMs: number
}

export function detailOf(market: Market, entry: MarketAsset, parts: DetailParts): AssetDetail {
  const { asset, known } = entry
  const { outlook, hour } = parts
  const weekAgo = entry.priceAtHour(hourOfMarket(market) - 7 * DAY_MS)
  const dayAgo = priceDayAgo(market, entry)
  const highest = further(outlook.highest, hour && { price: hour.high, atMs: hour.startMs }, isMore)
  const lowest = further(outlook.lowest, hour && { price: hour.low, atMs: hour.startMs }, isLess)
  return {
    ...summaryOf(market, entry),
    availability_status: availabilityOf(market, entry, parts.nowMs),
    price_change_24h: known && dayAgo ? formatPrice(known.price - dayAgo) : null,
    price_change_percentage_7d: changePercent(known, weekAgo),
    price_change_percentage_30d: changePercent(known, outlook.price30DaysAgo),
    high_24h: priceText(chosen(outlook.high24h, hour?.high, isMore)),
    low_24h: priceText(chosen(outlook.low24h, hour?.low, isLess)),
    circulating_supply: asset.circulatingSupply.toString(),
    total_supply: asset.totalSupply.toString(),
    max_supply: asset.maxSupply?.toString() ?? null,
    ath: formatPrice(highest.price),
    ath_change_percentage: changePercent(known, highest.price),
    ath_date: instantText(highest.atMs),
    atl: formatPrice(lowest.price),
    atl_change_percentage: changePercent(known, lowest.price),
    atl_date: instantText(lowest.atMs),
    last_updated: known ? instantText(known.asOf * 1000) : null,
  }
}

/** `undefined` for an asset without a price. */
export function quoteOf(market: Market, entry: MarketAsset, nowMs: number): Quote | undefined {
  const { asset, known } = entry
  const { lastSecond } = market
  if (known === undefined || lastSecond === undefined) return undefined
  return {
    asset_id: asset.assetId,
    asset_name: asset.name,
    quantity_scale: asset.quantityScale,
    halted: market.halt(asset.assetId) !== undefined,
    price: formatPrice(known.price),
    day_open: formatPrice(entry.openOfDay(startOf(nowMs, DAY_MS)) ?? known.price),
    as_of: instantText(known.asOf * 1000),
    stale_after: instantText(staleAfterMs(market, known)),
    tick: tickName(market.terms.feed, lastSecond),
    source: market.terms.feed,
  }
}

/** The price of 24 hours ago, counted in whole hours: the open of the oldest candle a day shows. */
export const priceDayAgo = (market: Market, entry: MarketAsset): bigint | undefined =>
  entry.priceAtHour(hourOfMarket(market) - DAY_MS)

export function availabilityOf(
  market: Market,
  { asset, known }: MarketAsset,
  nowMs: number,
): AssetDetail['availability_status'] {
  if (market.halt(asset.assetId)) return 'halted'
  return known && nowMs < staleAfterMs(market, known) ? 'available' : 'stale'
}

/** Units of 10^-12 USD to dollars and cents. */
export const usdText = (units: bigint): string =>
  formatUsd(divideNearest(units, pow10(PRICE_SCALE - USD_SCALE)))

export const instantText = (atMs: number): string => new Date(atMs).toISOString()

const staleAfterMs = (market: Market, known: KnownPrice): number =>
  (known.asOf + market.terms.freshSeconds) * 1000

const priceText = (price: bigint | undefined): string | null =>
  price === undefined ? null : formatPrice(price)

const changePercent = (known: KnownPrice | undefined, before: bigint | undefined): string | null =>
  known && before ? percentOf(known.price - before, before) : null

type Compare = (left: bigint, right: bigint) => boolean
const isMore: Compare = (left, right) => left > right
const isLess: Compare = (left, right) => left < right

function chosen(
  left: bigint | undefined,
  right: bigint | undefined,
  isBetter: Compare,
): bigint | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return isBetter(right, left) ? right : left
}

const further = (known: Extreme, other: Extreme | undefined, isFurther: Compare): Extreme =>
  other && isFurther(other.price, known.price) ? other : known

/** Every point but the last stays the same for an hour, and is put into words once. */
const sparklines = new WeakMap<
  MarketAsset,
  { readonly hourMs: number; readonly version: number; readonly past: readonly string[] }
>()

/** Seven days in steps of four hours, up to the current price; hours nobody knows are left out. */
function sparklineOf(market: Market, entry: MarketAsset): string[] {
  const hourMs = hourOfMarket(market)
  const version = entry.hoursVersion
  const kept = sparklines.get(entry)
  const current = kept?.hourMs === hourMs && kept.version === version ? kept : undefined
  const past = current?.past ?? pastPoints(entry, hourMs)
  if (!current) sparklines.set(entry, { hourMs, version, past })
  return entry.known ? [...past, formatPrice(entry.known.price)] : [...past]
}

function pastPoints(entry: MarketAsset, hourMs: number): readonly string[] {
  const points: string[] = []
  for (let steps = SPARKLINE_POINTS - 1; steps > 0; steps -= 1) {
    const price = entry.priceAtHour(hourMs - steps * SPARKLINE_STEP_MS)
    if (price !== undefined) points.push(formatPrice(price))
  }
  return points
}
