/**
 * The running candles of one asset. Ticks fill the minute, minutes the hour, hours the day. From
 * time to time the running blocks are folded: given out to be stored, so that only the ticks since
 * then have to be read again at a start.
 */
import { extendCandle, flatCandle, type RecordedCandle, rollUp } from './candle.ts'
import {
  type CandleBlock,
  DAYS,
  emptyBlock,
  firstSlots,
  HOURS,
  MINUTES,
  withCandle,
} from './candle-rows.ts'
import type { KnownPrice } from './decide-tick.ts'

export type CandleSeries = {
  /** The price known when the series begins. */
  seed(price: KnownPrice): void
  /** A new price, of a tick behind the last fold and within the same hour; seconds rise. */
  add(second: number, price: KnownPrice): void
  /** Ends every minute before `untilMs`, and the hour if that lies behind it; gives what changed. */
  fold(untilMs: number): readonly CandleBlock[]
  /** The running blocks with the running candles in them; there, whole means whole so far. */
  running(): readonly CandleBlock[]
}

/** The minute a tick belongs to: the one that ends with the tick's second, or goes on behind it. */
export const minuteOf = (second: number): number => (Math.ceil(second / 60) - 1) * MINUTES.candleMs

/** `stored` are the blocks as they were folded at `fromMs`. */
export function createCandleSeries(options: {
  readonly fromMs: number
  readonly freshSeconds: number
  readonly stored?: StoredBlocks
}): CandleSeries {
  const { fromMs, freshSeconds, stored = {} } = options
  let minutes = stored.minutes ?? emptyBlock(MINUTES, fromMs)
  let hours = stored.hours ?? emptyBlock(HOURS, fromMs)
  let days = stored.days ?? emptyBlock(DAYS, fromMs)
  let folded = minutes
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
    fold(untilMs) {
      const hourEndMs = minutes.startMs + HOURS.candleMs
      cover(Math.min(untilMs, hourEndMs))
      nextMs = Math.max(nextMs, untilMs)
      const filled = withHour({ minutes, hours, days }, MINUTES.slots, HOURS.slots)
      const changed = minutes === folded ? undefined : filled
      hours = changed?.hours ?? hours
      days = changed?.days ?? days
      if (untilMs >= hourEndMs) minutes = emptyBlock(MINUTES, untilMs)
      folded = minutes
      return changed ? Object.values(changed) : []
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

export type StoredBlocks = Partial<Record<keyof RunningBlocks, CandleBlock | undefined>>

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
