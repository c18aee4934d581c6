/**
 * The price feed port: where prices come from.
 *
 * A feed never invents. What its source does not say is left out of the answer, and an answer that
 * cannot be had is a `PriceFeedFault`; what to do with the last known price is the service's
 * business. Prices and dollar amounts count 10^-12 USD.
 */
import type { CandleInterval } from '@cnop/contract/inventory.ts'

export type PriceFeedKind = 'simulator' | 'coingecko'

export type FeedQuote = {
  /** Positive. */
  readonly price: bigint
  /** When the source says the price was true; never later than the poll. */
  readonly asOfMs: number
  /** What changed hands in the 24 hours before, in dollars. */
  readonly volume24h?: bigint
  readonly marketCap?: bigint
}

export type FeedPoint = { readonly atMs: number; readonly price: bigint }

/** Covers the time from `startMs` to the start of the next candle, or to the present. */
export type FeedCandle = {
  readonly startMs: number
  readonly open: bigint
  readonly high: bigint
  readonly low: bigint
  readonly close: bigint
  /** In dollars. Absent where the source knows prices only. */
  readonly volume?: bigint
  /** False while the candle may still change. */
  readonly closed: boolean
}

export type HistoryRequest = {
  readonly assetId: string
  readonly interval: CandleInterval
  /** The candles that begin at or after `fromMs` and before `toMs`, none of the future. */
  readonly fromMs: number
  readonly toMs: number
  readonly nowMs: number
}

export type PriceFeed = {
  readonly kind: PriceFeedKind
  /** Of invented prices: another seed is another market. */
  readonly seed?: string
  /** How long to wait between two polls. */
  readonly periodMs: number
  /** The present price of every asset the source knows now, by asset id. */
  poll(nowMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, FeedQuote>>
  /** Hourly prices of the last seven days, oldest first: what a listing needs on a first start. */
  lastWeek(nowMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, readonly FeedPoint[]>>
  /** Candles, oldest first; those the source cannot fill are left out. */
  history(request: HistoryRequest, signal: AbortSignal): Promise<readonly FeedCandle[]>
}

export type PriceFeedReason =
  /** Asked too often; `retryAfterMs` says how long the source wants to be left alone. */
  | 'rate-limited'
  | 'timeout'
  /** No connection, or the source failed on its side. */
  | 'unreachable'
  /** The answer is not what the source documents. */
  | 'broken-answer'
  /** The key or the address is wrong: waiting does not help, an operator must act. */
  | 'refused'

export class PriceFeedFault extends Error {
  readonly reason: PriceFeedReason
  readonly retryAfterMs: number | undefined

  constructor(
    reason: PriceFeedReason,
    message: string,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PriceFeedFault'
    this.reason = reason
    this.retryAfterMs = options.retryAfterMs
  }
}

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

export const CANDLE_INTERVAL_MS: Readonly<Record<CandleInterval, number>> = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '4h': 4 * HOUR_MS,
  '1d': DAY_MS,
}
