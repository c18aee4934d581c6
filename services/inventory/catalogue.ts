/**
 * The assets there are to trade: committed data, checked once when the service starts.
 *
 * The values are those of one reference date. They anchor the simulated market and fill in what a
 * live feed does not say; a quote never comes from here.
 */
import { CATEGORIES } from '@cnop/contract/inventory.ts'
import { PRICE_SCALE, parsePrice, pow10 } from '@cnop/contract/money.ts'
import committed from './catalogue.json' with { type: 'json' }

export type Category = (typeof CATEGORIES)[number]

/** How much the price of an asset swings; the simulator gives each class its figures. */
export const VOLATILITY_CLASSES = ['pegged', 'metal', 'low', 'medium', 'high', 'extreme'] as const
export type VolatilityClass = (typeof VOLATILITY_CLASSES)[number]

/** Prices and dollar amounts count 10^-12 USD; supplies count whole units of the asset. */
export type Asset = {
  readonly assetId: string
  readonly name: string
  /** As the market writes it; the id is the same in capitals. */
  readonly symbol: string
  readonly description: string
  readonly category: Category
  readonly coinGeckoId: string
  /** 1 is the largest; only the assets of this catalogue are counted. */
  readonly marketCapRank: number
  readonly circulatingSupply: bigint
  readonly totalSupply: bigint
  readonly maxSupply: bigint | null
  readonly athPrice: bigint
  /** RFC 3339, midnight UTC of the day. */
  readonly athDate: string
  readonly atlPrice: bigint
  readonly atlDate: string
  readonly referencePrice: bigint
  readonly typicalVolume24h: bigint
  readonly volatility: VolatilityClass
  /** Decimal places of a quantity. Balances are kept at this scale, so it never changes. */
  readonly quantityScale: number
}

export type Catalogue = {
  /** RFC 3339, midnight UTC of the day. */
  readonly referenceDate: string
  /** In the order of their rank. */
  readonly assets: readonly Asset[]
  readonly byId: ReadonlyMap<string, Asset>
}

type Entry = Readonly<Record<string, unknown>>

const QUANTITY_SCALE_MAX = 8

/** The committed catalogue. Throws one sentence that names the entry and the field at fault. */
export const loadCatalogue = (): Catalogue => readCatalogue(committed)

export function readCatalogue(source: unknown): Catalogue {
  const root = entryOf(source, 'the catalogue')
  const listed = root['assets']
  if (!Array.isArray(listed) || listed.length === 0) fail('the catalogue', 'lists no assets')
  const referenceDate = dateOf(root, 'reference_date', 'the catalogue')
  const assets = listed.map((entry, index) => readAsset(entry, index + 1))
  for (const asset of assets) checkExtremes(asset, referenceDate)
  const byId = uniqueBy(assets, (asset) => asset.assetId)
  uniqueBy(assets, (asset) => asset.coinGeckoId)
  return { referenceDate, assets, byId }
}

function readAsset(source: unknown, rank: number): Asset {
  const place = `entry ${rank}`
  const entry = entryOf(source, place)
  const assetId = textOf(entry, 'asset_id', place, /^[A-Z0-9]{1,10}$/)
  const symbol = textOf(entry, 'symbol', assetId)
  if (symbol.toUpperCase() !== assetId) fail(assetId, 'has a symbol that is not its id')
  if (entry['market_cap_rank'] !== rank) fail(assetId, `must have market_cap_rank ${rank}`)
  return {
    assetId,
    symbol,
    name: textOf(entry, 'name', assetId),
    description: textOf(entry, 'description', assetId, /^\S.{19,298}\.$/),
    category: choiceOf(entry, 'category', assetId, CATEGORIES),
    coinGeckoId: textOf(entry, 'coingecko_id', assetId, /^[a-z0-9]+(-[a-z0-9]+)*$/),
    marketCapRank: rank,
    circulatingSupply: supplyOf(entry, 'circulating_supply', assetId),
    totalSupply: supplyOf(entry, 'total_supply', assetId),
    maxSupply: entry['max_supply'] === null ? null : supplyOf(entry, 'max_supply', assetId),
    athPrice: priceOf(entry, 'ath_price_usd', assetId),
    athDate: dateOf(entry, 'ath_date', assetId),
    atlPrice: priceOf(entry, 'atl_price_usd', assetId),
    atlDate: dateOf(entry, 'atl_date', assetId),
    referencePrice: priceOf(entry, 'reference_price_usd', assetId),
    typicalVolume24h: supplyOf(entry, 'typical_volume_24h_usd', assetId) * pow10(PRICE_SCALE),
    volatility: choiceOf(entry, 'volatility', assetId, VOLATILITY_CLASSES),
    quantityScale: scaleOf(entry, assetId),
  }
}

function checkExtremes(asset: Asset, referenceDate: string): void {
  const { assetId, atlPrice, referencePrice, athPrice, circulatingSupply, totalSupply } = asset
  if (atlPrice > referencePrice) fail(assetId, 'has its lowest price above the reference price')
  if (athPrice < referencePrice) fail(assetId, 'has its highest price below the reference price')
  if (asset.atlDate > referenceDate || asset.athDate > referenceDate)
    fail(assetId, 'has an extreme later than the reference date')
  if (circulatingSupply > totalSupply) fail(assetId, 'has more units in circulation than in all')
  if (asset.maxSupply !== null && totalSupply > asset.maxSupply)
    fail(assetId, 'has more units than there can ever be')
}

function uniqueBy(assets: readonly Asset[], keyOf: (asset: Asset) => string): Map<string, Asset> {
  const byKey = new Map<string, Asset>()
  for (const asset of assets) {
    if (byKey.has(keyOf(asset))) fail(asset.assetId, `repeats ${keyOf(asset)}`)
    byKey.set(keyOf(asset), asset)
  }
  return byKey
}

function entryOf(value: unknown, place: string): Entry {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entry
  return fail(place, 'is no object')
}

function textOf(entry: Entry, field: string, place: string, pattern = /^\S(.*\S)?$/): string {
  const value = entry[field]
  if (typeof value === 'string' && pattern.test(value)) return value
  return fail(place, `needs ${field} as text like ${pattern.source}`)
}

function choiceOf<T extends string>(
  entry: Entry,
  field: string,
  place: string,
  choices: readonly T[],
): T {
  const choice = choices.find((known) => known === entry[field])
  return choice ?? fail(place, `needs ${field} as one of ${choices.join(', ')}`)
}

const supplyOf = (entry: Entry, field: string, place: string): bigint =>
  BigInt(textOf(entry, field, place, /^[1-9][0-9]*$/))

function priceOf(entry: Entry, field: string, place: string): bigint {
  const price = parsePrice(textOf(entry, field, place))
  if (price !== undefined && price > 0n) return price
  return fail(place, `needs ${field} as a positive price of at most ${PRICE_SCALE} places`)
}

function dateOf(entry: Entry, field: string, place: string): string {
  const day = textOf(entry, field, place, /^\d{4}-\d{2}-\d{2}$/)
  const at = new Date(`${day}T00:00:00.000Z`)
  if (!Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)) return at.toISOString()
  return fail(place, `needs ${field} as a day of the calendar`)
}

function scaleOf(entry: Entry, place: string): number {
  const scale = entry['quantity_scale']
  if (typeof scale === 'number' && Number.isInteger(scale) && scale >= 0) {
    if (scale <= QUANTITY_SCALE_MAX) return scale
  }
  return fail(place, `needs quantity_scale as a whole number up to ${QUANTITY_SCALE_MAX}`)
}

function fail(place: string, complaint: string): never {
  throw new Error(`The asset catalogue is unusable: ${place} ${complaint}.`)
}
