/**
 * The seeded market: every price is a function of (seed, asset, second) alone.
 *
 * Nothing is stored and nothing runs on, so a restart, another process or a look two years back see
 * the same market. With `r` the reference price of the catalogue and `m`, `s`, `o` the positions of
 * three noise paths (the market's, the sector's, the asset's own, see `market-noise.ts`):
 *
 *     x     = volatility * sqrt(cell in years) * (sqrt(wm) m + sqrt(ws) s + sqrt(wo) o)
 *     price = r * exp(band * tanh(x / band)),  wm + ws + wo = 1, rounded to the asset's tick
 *
 * The weights are shares of variance, so `volatility` is the annual volatility of the asset and two
 * assets correlate through what they share. `tanh` bounds the price for ever between r / e^band
 * and r * e^band and leaves ordinary moves as they are. Volume flows with the trading time of the
 * market and of the asset, half each: where prices move, volume is high.
 */
import { CANDLES_MAX } from '@cnop/contract/inventory.ts'
import { PRICE_SCALE, pow10 } from '@cnop/contract/money.ts'
import type { Asset, VolatilityClass } from './catalogue.ts'
import { createNoisePath, type NoisePath } from './market-noise.ts'
import {
  CANDLE_INTERVAL_MS,
  DAY_MS,
  type FeedCandle,
  type FeedPoint,
  type FeedQuote,
  type HistoryRequest,
  HOUR_MS,
  type PriceFeed,
} from './price-feed.ts'

type Profile = {
  readonly annualVolatility: number
  /** Shares of the variance; what is left is the asset's own. */
  readonly marketShare: number
  readonly sectorShare: number
  /** The greatest distance from the centre, as a natural logarithm. */
  readonly band: number
  /** 2^cellBits seconds is how long the price takes to forget where it was. */
  readonly cellBits: number
}

/** 194 days: trends of months, and a market that stays near its reference for years. */
const FREE_CELL_BITS = 24
const FREE_BAND = Math.log(5)

const PROFILES: Readonly<Record<VolatilityClass, Profile>> = {
  pegged: { annualVolatility: 0.03, marketShare: 0, sectorShare: 0, band: 0.0025, cellBits: 14 },
  metal: profile(0.15, { marketShare: 0.03, sectorShare: 0.95 }),
  low: profile(0.5, { marketShare: 0.78, sectorShare: 0.04 }),
  medium: profile(0.7, { marketShare: 0.68, sectorShare: 0.08 }),
  high: profile(0.95, { marketShare: 0.58, sectorShare: 0.12 }),
  extreme: profile(1.5, { marketShare: 0.42, sectorShare: 0.2 }),
}

const DAY_SECONDS = DAY_MS / 1000
const SECONDS_PER_YEAR = 365.25 * 86_400
const DOLLAR = pow10(PRICE_SCALE)
const SIGNIFICANT_DIGITS = 6
const PLACES_MIN = 2
const SAMPLES_PER_CANDLE = 30
const HOURS_PER_WEEK = 168

type SimulatedAsset = {
  priceAt(second: number): bigint
  /** What changed hands from long ago until this second, in whole dollars at price scale. */
  turnoverAt(second: number): bigint
  readonly circulatingSupply: bigint
}

export function createSimulatedFeed(options: {
  readonly seed: string
  readonly assets: readonly Asset[]
}): PriceFeed {
  const paths = pathsOf(options.seed)
  const simulated = new Map(
    options.assets.map((asset) => [asset.assetId, simulate(asset, paths)] as const),
  )
  return {
    kind: 'simulator',
    seed: options.seed,
    periodMs: 1000,
    poll: async (nowMs) => {
      const second = Math.floor(nowMs / 1000)
      // First all assets at one second, then at the other: the shared paths are walked once each.
      const dayBefore = mapValues(simulated, (asset) => {
        return { asset, turnover: asset.turnoverAt(second - DAY_SECONDS) }
      })
      return mapValues(dayBefore, ({ asset, turnover }) => quoteAt(asset, second, turnover))
    },
    lastWeek: async (nowMs) => {
      const lastHourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
      return mapValues(simulated, (asset) => weekUntil(asset, lastHourMs))
    },
    history: async (request) => {
      const asset = simulated.get(request.assetId)
      return asset ? candlesOf(asset, request) : []
    },
  }
}

function profile(
  annualVolatility: number,
  shares: { readonly marketShare: number; readonly sectorShare: number },
): Profile {
  return { annualVolatility, ...shares, band: FREE_BAND, cellBits: FREE_CELL_BITS }
}

/** Paths by name; assets that name the same path share it. */
function pathsOf(seed: string): (name: string, cellBits: number) => NoisePath {
  const known = new Map<string, NoisePath>()
  return (name, cellBits) => {
    const path = known.get(name) ?? rememberLast(createNoisePath(`${seed}/${name}`, cellBits))
    known.set(name, path)
    return path
  }
}

/** Spares the shared paths of a tick, where every asset asks for the same second. */
function rememberLast(path: NoisePath): NoisePath {
  let last = 0
  let point = path.at(last)
  return {
    at(second) {
      if (second !== last) point = path.at(second)
      last = second
      return point
    },
  }
}

function simulate(
  asset: Asset,
  pathOf: (name: string, cellBits: number) => NoisePath,
): SimulatedAsset {
  const { annualVolatility, marketShare, sectorShare, band, cellBits } = PROFILES[asset.volatility]
  const market = pathOf('market', FREE_CELL_BITS)
  // A sector is what a category's assets of one class have in common: two gold tokens move as one.
  const sector = pathOf(`sector/${asset.category}/${asset.volatility}`, FREE_CELL_BITS)
  const own = pathOf(`asset/${asset.assetId}`, cellBits)
  const scale = annualVolatility * Math.sqrt(2 ** cellBits / SECONDS_PER_YEAR)
  const marketWeight = scale * Math.sqrt(marketShare)
  const sectorWeight = scale * Math.sqrt(sectorShare)
  const ownWeight = scale * Math.sqrt(1 - marketShare - sectorShare)

  const places = pricePlaces(asset)
  const ticksPerUsd = 10 ** places
  const tick = pow10(PRICE_SCALE - places)
  const centre = asset.volatility === 'pegged' ? 1 : toDollars(asset.referencePrice)
  const dollarsPerSecond = toDollars(asset.typicalVolume24h) / 86_400

  return {
    circulatingSupply: asset.circulatingSupply,
    priceAt(second) {
      const x =
        marketWeight * market.at(second).position +
        sectorWeight * sector.at(second).position +
        ownWeight * own.at(second).position
      const price = centre * Math.exp(band * Math.tanh(x / band))
      return BigInt(Math.round(price * ticksPerUsd)) * tick
    },
    turnoverAt(second) {
      const traded = (market.at(second).tradedSeconds + own.at(second).tradedSeconds) / 2
      return BigInt(Math.round(dollarsPerSecond * traded)) * DOLLAR
    },
  }
}

/** Decimal places of a simulated price: six significant digits at the reference, 2 at least. */
export function pricePlaces(asset: Asset): number {
  const leading = asset.referencePrice.toString().length - PRICE_SCALE
  return Math.min(PRICE_SCALE, Math.max(PLACES_MIN, SIGNIFICANT_DIGITS - leading))
}

/** Only for noise: fifteen digits are plenty to scale it by. */
const toDollars = (price: bigint): number => Number(price) / 10 ** PRICE_SCALE

function quoteAt(asset: SimulatedAsset, second: number, turnoverBefore: bigint): FeedQuote {
  const price = asset.priceAt(second)
  return {
    price,
    asOfMs: second * 1000,
    volume24h: asset.turnoverAt(second) - turnoverBefore,
    marketCap: price * asset.circulatingSupply,
  }
}

function weekUntil(asset: SimulatedAsset, lastHourMs: number): readonly FeedPoint[] {
  return Array.from({ length: HOURS_PER_WEEK + 1 }, (_, index) => {
    const atMs = lastHourMs - (HOURS_PER_WEEK - index) * HOUR_MS
    return { atMs, price: asset.priceAt(atMs / 1000) }
  })
}

function candlesOf(asset: SimulatedAsset, request: HistoryRequest): readonly FeedCandle[] {
  const intervalMs = CANDLE_INTERVAL_MS[request.interval]
  const nowSecond = Math.floor(request.nowMs / 1000)
  const firstMs = Math.ceil(request.fromMs / intervalMs) * intervalMs
  const endMs = Math.min(request.toMs, nowSecond * 1000 + 1)
  const count = Math.max(0, Math.ceil((endMs - firstMs) / intervalMs))
  if (count > CANDLES_MAX) throw new RangeError(`At most ${CANDLES_MAX} candles at once.`)
  return Array.from({ length: count }, (_, index) =>
    candleAt(asset, (firstMs + index * intervalMs) / 1000, {
      seconds: intervalMs / 1000,
      nowSecond,
    }),
  )
}

/**
 * The close is the price at the second where the next candle opens, so neighbours join. High and
 * low are those of 30 evenly spaced looks, which makes a day as cheap as a minute; a longer candle
 * may miss an extreme that a shorter one shows.
 */
function candleAt(
  asset: SimulatedAsset,
  start: number,
  span: { readonly seconds: number; readonly nowSecond: number },
): FeedCandle {
  const end = Math.min(start + span.seconds, span.nowSecond)
  const step = span.seconds / SAMPLES_PER_CANDLE
  const open = asset.priceAt(start)
  const close = asset.priceAt(end)
  let high = open > close ? open : close
  let low = open > close ? close : open
  for (let second = start + step; second < end; second += step) {
    const price = asset.priceAt(second)
    if (price > high) high = price
    if (price < low) low = price
  }
  const volume = asset.turnoverAt(end) - asset.turnoverAt(start)
  const closed = start + span.seconds <= span.nowSecond
  return { startMs: start * 1000, open, high, low, close, volume, closed }
}

function mapValues<V, W>(
  values: ReadonlyMap<string, V>,
  change: (value: V) => W,
): ReadonlyMap<string, W> {
  const changed = new Map<string, W>()
  for (const [key, value] of values) changed.set(key, change(value))
  return changed
}
