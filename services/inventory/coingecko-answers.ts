/**
 * What CoinGecko answers, turned into prices.
 *
 * Numbers are taken from the digits on the wire, never from the floating-point number a JSON parser
 * makes of them. A row that is not what CoinGecko documents, or whose price no market could have,
 * is left out; an answer without any usable row is broken.
 */
import { divideNearest, PRICE_SCALE, pow10 } from '@cnop/contract/money.ts'
import {
  CANDLE_INTERVAL_MS,
  type FeedCandle,
  type FeedPoint,
  type FeedQuote,
  type HistoryRequest,
  HOUR_MS,
  PriceFeedFault,
} from './price-feed.ts'

/** A million million dollars for one unit is a mistake of the source, as nothing or less is. */
const PRICE_LIMIT = pow10(PRICE_SCALE + 12)
/** Sums of dollars have to fit a stored number of 38 digits. */
const AMOUNT_LIMIT = pow10(38)
const NUMBER = /^(\d{1,40})(?:\.(\d{1,40}))?(?:e([+-]?\d{1,2}))?$/i

type Fields = Readonly<Record<string, unknown>>

/** JSON with every number as its digits. Throws a `PriceFeedFault` when it is no JSON. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits)
  } catch (cause) {
    throw broken('is no JSON', cause)
  }
}

/** `/coins/markets`: the quotes of the ids asked for, by CoinGecko id. */
export function readQuotes(answer: unknown, nowMs: number): ReadonlyMap<string, FeedQuote> {
  const quotes = new Map<string, FeedQuote>()
  for (const row of rowsOf(answer)) {
    const { id } = row
    const price = priceOf(row['current_price'])
    const asOfMs = instantOf(row['last_updated'], nowMs)
    if (typeof id !== 'string' || price === undefined || asOfMs === undefined) continue
    const volume24h = amountOf(row['total_volume'])
    const marketCap = amountOf(row['market_cap'])
    quotes.set(id, {
      price,
      asOfMs,
      ...(volume24h !== undefined && { volume24h }),
      // CoinGecko says 0 where it does not know the supply.
      ...(marketCap !== undefined && marketCap > 0n && { marketCap }),
    })
  }
  if (quotes.size === 0) throw broken('holds no price')
  return quotes
}

/** `/coins/markets` with `sparkline`: hourly prices by CoinGecko id. */
export function readWeeks(
  answer: unknown,
  nowMs: number,
): ReadonlyMap<string, readonly FeedPoint[]> {
  const weeks = new Map<string, readonly FeedPoint[]>()
  for (const row of rowsOf(answer)) {
    const { id, sparkline_in_7d: sparkline } = row
    const asOfMs = instantOf(row['last_updated'], nowMs)
    const prices = isFields(sparkline) ? sparkline['price'] : undefined
    if (typeof id !== 'string' || asOfMs === undefined || !Array.isArray(prices)) continue
    weeks.set(id, hourlyUntil(asOfMs, prices))
  }
  return weeks
}

/** `/coins/{id}/market_chart/range`: candles of the prices it holds. */
export function readCandles(answer: unknown, request: HistoryRequest): readonly FeedCandle[] {
  if (!isFields(answer)) throw broken('is no chart')
  const intervalMs = CANDLE_INTERVAL_MS[request.interval]
  const prices = seriesOf(answer['prices'], priceOf)
  const byStart = Map.groupBy(prices, (point) => startOf(point.atMs, intervalMs))
  // The rolling 24 hours that end with a day are the day; no shorter interval can be told apart.
  const volumes = request.interval === '1d' ? seriesOf(answer['total_volumes'], amountOf) : []
  const volumeByEnd = Map.groupBy(volumes, (point) => startOf(point.atMs, intervalMs))
  const lastMs = prices.at(-1)?.atMs ?? 0
  const candles: FeedCandle[] = []
  for (const [startMs, points] of byStart) {
    if (startMs < request.fromMs || startMs >= request.toMs) continue
    const endMs = startMs + intervalMs
    const volume = volumeByEnd.get(endMs)?.[0]?.value
    const drawn = drawCandle(points, byStart.get(endMs)?.[0])
    candles.push({
      startMs,
      ...drawn,
      ...(volume !== undefined && { volume }),
      closed: endMs <= lastMs,
    })
  }
  return candles
}

/** A JSON number to units of 10^-12, rounded to the nearest; `undefined` when it is none. */
export function unitsOf(digits: unknown): bigint | undefined {
  const match = typeof digits === 'string' ? NUMBER.exec(digits) : null
  if (!match) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = match
  const shift = PRICE_SCALE - fraction.length + Number(exponent)
  const units = BigInt(whole + fraction)
  return shift >= 0 ? units * pow10(shift) : divideNearest(units, pow10(-shift))
}

/** `context.source` is the text of a number as it stood in the answer. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value
}

function priceOf(digits: unknown): bigint | undefined {
  const price = unitsOf(digits)
  return price !== undefined && price > 0n && price < PRICE_LIMIT ? price : undefined
}

function amountOf(digits: unknown): bigint | undefined {
  const amount = unitsOf(digits)
  return amount !== undefined && amount < AMOUNT_LIMIT ? amount : undefined
}

/** A source whose clock runs ahead has not seen the future. */
function instantOf(text: unknown, nowMs: number): number | undefined {
  const atMs = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.min(atMs, nowMs)
}

/** The sparkline carries no times: one price an hour, the last of them of the last full hour. */
function hourlyUntil(asOfMs: number, prices: readonly unknown[]): readonly FeedPoint[] {
  const lastHourMs = startOf(asOfMs, HOUR_MS)
  return prices.flatMap((digits, index) => {
    const price = priceOf(digits)
    const atMs = lastHourMs - (prices.length - 1 - index) * HOUR_MS
    return price === undefined ? [] : [{ atMs, price }]
  })
}

type Sample = { readonly atMs: number; readonly value: bigint }

/** `[[time, number], …]` in the order of time, without what is unusable. */
function seriesOf(
  series: unknown,
  read: (digits: unknown) => bigint | undefined,
): readonly Sample[] {
  if (!Array.isArray(series)) throw broken('has a chart without its series')
  const samples = series.flatMap((pair): readonly Sample[] => {
    if (!Array.isArray(pair)) return []
    const atMs = Number(pair[0])
    const value = read(pair[1])
    return Number.isSafeInteger(atMs) && value !== undefined ? [{ atMs, value }] : []
  })
  return samples.toSorted((left, right) => left.atMs - right.atMs)
}

/** The candle closes where the next one opens, if the next one is known. */
function drawCandle(
  points: readonly Sample[],
  next: Sample | undefined,
): Pick<FeedCandle, 'open' | 'high' | 'low' | 'close'> {
  const values = [...points, ...(next ? [next] : [])].map((point) => point.value)
  const [open = 0n] = values
  const close = values.at(-1) ?? open
  const high = values.reduce((best, value) => (value > best ? value : best))
  const low = values.reduce((best, value) => (value < best ? value : best))
  return { open, high, low, close }
}

const startOf = (atMs: number, intervalMs: number): number => atMs - (atMs % intervalMs)

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function rowsOf(answer: unknown): readonly Fields[] {
  if (!Array.isArray(answer)) throw broken('is no list of markets')
  return answer.filter(isFields)
}

const broken = (complaint: string, cause?: unknown): PriceFeedFault =>
  new PriceFeedFault('broken-answer', `The answer of CoinGecko ${complaint}.`, { cause })
