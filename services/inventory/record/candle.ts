/**
 * Candles of recorded ticks. A candle covers the time behind its start up to and with its end, and
 * opens at the price that was still fresh when it began: neighbours join.
 */

/** Prices in units of 10^-12 USD. */
export type RecordedCandle = {
  readonly open: bigint
  readonly high: bigint
  readonly low: bigint
  readonly close: bigint
  /** There was a fresh price all the time it covers. */
  readonly whole: boolean
}

export const flatCandle = (price: bigint, whole: boolean): RecordedCandle => ({
  open: price,
  high: price,
  low: price,
  close: price,
  whole,
})

export const extendCandle = (candle: RecordedCandle, price: bigint): RecordedCandle => ({
  ...candle,
  high: price > candle.high ? price : candle.high,
  low: price < candle.low ? price : candle.low,
  close: price,
})

/** The candle of consecutive parts, whole when every part is there and whole. */
export function rollUp(parts: readonly (RecordedCandle | undefined)[]): RecordedCandle | undefined {
  let rolled: RecordedCandle | undefined
  let whole = true
  for (const part of parts) {
    whole &&= part?.whole ?? false
    if (part === undefined) continue
    rolled = rolled === undefined ? part : joinCandles(rolled, part)
  }
  return rolled && { ...rolled, whole }
}

const joinCandles = (left: RecordedCandle, right: RecordedCandle): RecordedCandle => ({
  open: left.open,
  high: left.high > right.high ? left.high : right.high,
  low: left.low < right.low ? left.low : right.low,
  close: right.close,
  whole: left.whole && right.whole,
})
