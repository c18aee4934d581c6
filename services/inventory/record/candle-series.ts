/**
 * The running candles of one asset. Ticks fill the minute, minutes the hour, hours the day; when an
 * hour has ended, its block and those of the day and the days it belongs to are given out to be
 * stored.
 */
import { extendCandle, flatCandle, type RecordedCandle, rollUp } from './candle.ts'
import {
  type CandleBlock,
  DAYS,
  emptyBlock,
  firstSlots,
  HOURS,
  MINUTES,
  startOf,
  withCandle,
} from './candle-rows.ts'
import type { KnownPrice } from './decide-tick.ts'

export type CandleSeries = {
  /** The price known when the series begins. */
  seed(price: KnownPrice): void
  /** A new price, of a tick within the running hour; seconds rise. */
  add(second: number, price: KnownPrice): void
  /** Ends the running hour and begins the one at `nextMs`; gives the blocks to store. */
  endHour(nextMs: number): readonly CandleBlock[]
  /** The running blocks with the running candles in them; there, whole means whole so far. */
  running(): readonly CandleBlock[]
}

/** The minute a tick belongs to: the one that ends with the tick's second, or goes on behind it. */
export const minuteOf = (second: number): number => (Math.ceil(second / 60) - 1) * MINUTES.candleMs
export const hourOf = (second: number): number => startOf(minuteOf(second), HOURS.candleMs)

/** `stored` are the blocks in which the hour that begins at `fromMs` continues. */
export function createCandleSeries(options: {
  readonly fromMs: number
  readonly freshSeconds: number
  readonly stored?: { readonly hours?: CandleBlock; readonly days?: CandleBlock }
}): CandleSeries {
  const { fromMs, freshSeconds, stored = {} } = options
  let minutes = emptyBlock(MINUTES, fromMs)
  let hours = stored.hours ?? emptyBlock(HOURS, fromMs)
  let days = stored.days ?? emptyBlock(DAYS, fromMs)
  let known: KnownPrice | undefined
  let minute: { readonly startMs: number; candle: RecordedCandle } | undefined
  /** The first minute that no candle has begun for. */
  let nextMs = fromMs

  return {
    seed(price) {
      known = price
    },
    add(second, price) {
      const startMs = minuteOf(second)
      cover(startMs)
      const before = freshAt(second * 1000) ? known : undefined
      minute ??= beginMinute(startMs, before, price)
      const whole = minute.candle.whole && before !== undefined
      minute.candle = { ...extendCandle(minute.candle, price.price), whole }
      known = price
    },
    endHour(begunMs) {
      cover(minutes.startMs + HOURS.candleMs)
      const ended = withHour({ minutes, hours, days }, MINUTES.slots, HOURS.slots)
      minutes = emptyBlock(MINUTES, begunMs)
      nextMs = begunMs
      if (ended === undefined) return []
      hours = ended.hours
      days = ended.days
      return [ended.minutes, hours, days]
    },
    running() {
      const begun = minute ? withCandle(minutes, minute.startMs, minute.candle) : minutes
      const minutesBegun = (nextMs - minutes.startMs) / MINUTES.candleMs
      const hoursBegun = (minutes.startMs % DAYS.candleMs) / HOURS.candleMs + 1
      const blocks = { minutes: begun, hours, days }
      return Object.values(withHour(blocks, minutesBegun, hoursBegun) ?? blocks)
    },
  }

  function beginMinute(
    startMs: number,
    before: KnownPrice | undefined,
    price: KnownPrice,
  ): { readonly startMs: number; candle: RecordedCandle } {
    nextMs = startMs + MINUTES.candleMs
    return { startMs, candle: flatCandle((before ?? price).price, before !== undefined) }
  }

  /** Writes the minutes that end by `untilMs`: the running one, then flat ones while the price is fresh. */
  function cover(untilMs: number): void {
    if (minute !== undefined && minute.startMs < untilMs) {
      const { startMs, candle } = minute
      const whole = candle.whole && freshAt(startMs + MINUTES.candleMs)
      minutes = withCandle(minutes, startMs, { ...candle, whole })
      minute = undefined
    }
    if (known === undefined) return
    const flat = flatCandle(known.price, true)
    for (; nextMs < untilMs && freshAt(nextMs + MINUTES.candleMs); nextMs += MINUTES.candleMs)
      minutes = withCandle(minutes, nextMs, flat)
  }

  function freshAt(atMs: number): boolean {
    return known !== undefined && atMs / 1000 - known.asOf < freshSeconds
  }
}

type RunningBlocks = {
  readonly minutes: CandleBlock
  readonly hours: CandleBlock
  readonly days: CandleBlock
}

/**
 * The blocks with the hour of the first minutes, and the day of the first hours, filled in;
 * `undefined` when there is no candle among those minutes.
 */
function withHour(
  blocks: RunningBlocks,
  minutesBegun: number,
  hoursBegun: number,
): RunningBlocks | undefined {
  const { minutes } = blocks
  const hour = rollUp(firstSlots(minutes, minutesBegun))
  if (hour === undefined) return undefined
  const hours = withCandle(blocks.hours, minutes.startMs, hour)
  const day = rollUp(firstSlots(hours, hoursBegun))
  const days = day ? withCandle(blocks.days, hours.startMs, day) : blocks.days
  return { minutes, hours, days }
}
