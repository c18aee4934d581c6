import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RecordedCandle, rollUp } from './candle.ts'
import {
  blockStart,
  type CandleBlock,
  type CandleLevel,
  DAYS,
  HOURS,
  MINUTES,
  readCandle,
  startOf,
} from './candle-rows.ts'
import { createCandleSeries, minuteOf } from './candle-series.ts'

const START_MS = Date.parse('2026-03-10T23:00:00Z')
const START = START_MS / 1000
const HOUR_MS = HOURS.candleMs
const FRESH = 5

type Tick = { readonly second: number; readonly price: bigint }

/** Runs ticks as the market does, folding each stretch; gives the newest of every block. */
function record(ticks: readonly Tick[], endSecond: number, stretchMs = HOUR_MS) {
  const series = createCandleSeries({ fromMs: START_MS, freshSeconds: FRESH })
  const stored = new Map<string, CandleBlock>()
  let foldedMs = START_MS
  const turnTo = (second: number): void => {
    const untilMs = startOf(minuteOf(second), stretchMs)
    if (untilMs <= foldedMs) return
    for (const block of series.fold(untilMs)) stored.set(keyOf(block.level, block.startMs), block)
    foldedMs = untilMs
  }
  for (const { second, price } of ticks) {
    turnTo(second)
    series.add(second, { price, asOf: second })
  }
  turnTo(endSecond)
  return { series, candleAt, blockOf }

  function blockOf(level: CandleLevel, atMs: number): CandleBlock | undefined {
    return stored.get(keyOf(level, blockStart(level, atMs)))
  }

  function candleAt(level: CandleLevel, atMs: number): RecordedCandle | undefined {
    const block = blockOf(level, atMs)
    return block && readCandle(block, atMs)
  }
}

const keyOf = (level: CandleLevel, startMs: number): string => `${level.interval}/${startMs}`

/** What a minute is by its definition, looked up second by second. */
function minuteBySpec(ticks: readonly Tick[], startMs: number): RecordedCandle | undefined {
  const start = startMs / 1000
  const end = start + 60
  const before = ticks.findLast(({ second }) => second <= start)
  const within = ticks.filter(({ second }) => second > start && second <= end)
  const last = within.at(-1) ?? before
  const freshAtEnd = last !== undefined && end - last.second < FRESH
  const [first] = within
  if (first === undefined) return before && freshAtEnd ? candleOf([before.price], true) : undefined
  const path = before && first.second - before.second < FRESH ? [before, ...within] : within
  const joined = path.length > within.length
  const gapless = within.every(
    ({ second }, index) => index === 0 || second - (within[index - 1] as Tick).second < FRESH,
  )
  const prices = path.map(({ price }) => price)
  return candleOf(prices, joined && gapless && freshAtEnd)
}

function candleOf(prices: readonly bigint[], whole: boolean): RecordedCandle {
  const sorted = prices.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0))
  return {
    open: prices[0] as bigint,
    high: sorted.at(-1) as bigint,
    low: sorted[0] as bigint,
    close: prices.at(-1) as bigint,
    whole,
  }
}

const kindOf = (candle: RecordedCandle | undefined): 'whole' | 'part' | 'none' =>
  candle?.whole ? 'whole' : candle ? 'part' : 'none'

const everySecond = (from: number, count: number): readonly Tick[] =>
  Array.from({ length: count }, (_, index) => ({
    second: from + index,
    price: 1000n + BigInt((index * 7919) % 501),
  }))

describe('recorded candles', () => {
  it('say what the ticks say, whatever gaps the ticks have', () => {
    const steps = fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 60, arbitrary: fc.integer({ min: 1, max: 4 }) },
          { weight: 2, arbitrary: fc.integer({ min: 5, max: 7 }) },
          { weight: 1, arbitrary: fc.integer({ min: 8, max: 4000 }) },
        ),
        fc.bigInt(1n, 1000n),
      ),
      { minLength: 1, maxLength: 400, size: 'max' },
    )
    const stretches = fc.constantFrom(HOUR_MS, HOUR_MS / 6)
    const seen = { whole: 0, part: 0, none: 0 }
    fc.assert(
      fc.property(fc.nat(200), steps, stretches, (offset, moves, stretchMs) => {
        let second = START + offset
        const ticks = moves.map(([step, price]) => {
          second += step
          return { second, price }
        })
        const { candleAt } = record(ticks, second + 7200, stretchMs)
        const endMs = startOf(second * 1000, HOUR_MS) + HOUR_MS
        for (let atMs = START_MS; atMs < endMs; atMs += MINUTES.candleMs) {
          const candle = candleAt(MINUTES, atMs)
          expect(candle).toEqual(minuteBySpec(ticks, atMs))
          seen[kindOf(candle)] += 1
        }
      }),
      { numRuns: 100 },
    )
    expect(Math.min(seen.whole, seen.part, seen.none)).toBeGreaterThan(100)
  })

  it('of an hour and of a day are those of their parts', () => {
    const gap = everySecond(START + 5000, 4000)
    const ticks = [...everySecond(START + 1, 4000), ...gap]
    const { candleAt } = record(ticks, START + 3 * 3600)
    for (const hourMs of [START_MS, START_MS + HOUR_MS, START_MS + 2 * HOUR_MS]) {
      const minutes = Array.from({ length: 60 }, (_, index) =>
        candleAt(MINUTES, hourMs + index * MINUTES.candleMs),
      )
      expect(candleAt(HOURS, hourMs)).toEqual(rollUp(minutes))
    }
    const midnight = START_MS + HOUR_MS
    const hours = Array.from({ length: 24 }, (_, index) =>
      candleAt(HOURS, midnight + index * HOUR_MS),
    )
    expect(candleAt(DAYS, midnight)).toEqual(rollUp(hours))
    expect(candleAt(DAYS, midnight)?.whole).toBe(false)
  })

  it('join: one closes where the next one opens', () => {
    const { candleAt } = record(everySecond(START, 2 * 3600 + 1), START + 3 * 3600)
    let before = candleAt(MINUTES, START_MS)
    for (let index = 1; index < 120; index += 1) {
      const candle = candleAt(MINUTES, START_MS + index * MINUTES.candleMs)
      expect(candle?.open).toBe(before?.close)
      expect(candle?.whole).toBe(true)
      before = candle
    }
  })

  it('of a second on the border belong to the minute that ends with it', () => {
    expect(minuteOf(START + 60)).toBe(START_MS)
    expect(minuteOf(START + 61)).toBe(START_MS + MINUTES.candleMs)
    expect(minuteOf(START + 3600)).toBe(START_MS + HOUR_MS - MINUTES.candleMs)
  })

  it('of a price that stays fresh without a tick are flat', () => {
    const series = createCandleSeries({ fromMs: START_MS, freshSeconds: 900 })
    series.add(START + 30, { price: 10n, asOf: START + 30 })
    series.add(START + 330, { price: 20n, asOf: START + 330 })
    const [minutes] = series.running()
    expect(minutes?.candles.slice(1, 6)).toEqual([
      ...Array.from({ length: 4 }, () => candleOf([10n], true)),
      candleOf([10n, 20n], true),
    ])
  })

  it('that run are whole so far, and not one tick behind', () => {
    const series = createCandleSeries({ fromMs: START_MS, freshSeconds: FRESH })
    series.seed({ price: 1000n, asOf: START })
    const ticks = everySecond(START + 1, 1000)
    for (const { second, price } of ticks) series.add(second, { price, asOf: second })
    const prices = [1000n, ...ticks.map(({ price }) => price)]
    const [minutes, hours, days] = series.running() as [CandleBlock, CandleBlock, CandleBlock]
    expect(readCandle(hours, START_MS)).toEqual(candleOf(prices, true))
    expect(readCandle(minutes, START_MS + 16 * MINUTES.candleMs)?.close).toBe(prices.at(-1))
    expect(readCandle(days, Date.parse('2026-03-10T00:00:00Z'))?.close).toBe(prices.at(-1))
  })

  it.each([600, 3600, 4200])('go on from blocks folded after %d s as if never stopped', (split) => {
    const ticks = everySecond(START, 2 * 3600 + 1)
    const whole = record(ticks, START + 3 * 3600)
    const [past, future] = [ticks.slice(0, split + 1), ticks.slice(split + 1)]
    const foldedMs = START_MS + split * 1000
    const before = record(past, START + split + 1, HOUR_MS / 6)
    const series = createCandleSeries({
      fromMs: foldedMs,
      freshSeconds: FRESH,
      stored: {
        minutes: before.blockOf(MINUTES, foldedMs),
        hours: before.blockOf(HOURS, foldedMs),
        days: before.blockOf(DAYS, foldedMs),
      },
    })
    const last = past.at(-1) as Tick
    series.seed({ price: last.price, asOf: last.second })
    for (const tick of future) {
      if (split < 3600 && tick.second === START + 3601) series.fold(START_MS + HOUR_MS)
      series.add(tick.second, { price: tick.price, asOf: tick.second })
    }
    const [minutes, hours] = series.fold(START_MS + 2 * HOUR_MS) as [CandleBlock, CandleBlock]
    const hourMs = START_MS + HOUR_MS
    expect(minutes.candles).toHaveLength(60)
    expect(readCandle(hours, hourMs)).toEqual(whole.candleAt(HOURS, hourMs))
    for (let atMs = hourMs; atMs < hourMs + HOUR_MS; atMs += MINUTES.candleMs)
      expect(readCandle(minutes, atMs)).toEqual(whole.candleAt(MINUTES, atMs))
  })

  it('that nothing has been added to are not given out again', () => {
    const { series } = record(everySecond(START + 1, 100), START + 100)
    expect(series.fold(START_MS + 600_000)).toHaveLength(3)
    expect(series.fold(START_MS + 1_200_000)).toEqual([])
    expect(series.fold(START_MS + 2 * HOUR_MS)).toEqual([])
    series.add(START + 2 * 3600 + 5, { price: 5n, asOf: START + 2 * 3600 + 5 })
    expect(series.fold(START_MS + 3 * HOUR_MS)).toHaveLength(3)
  })

  it('of an hour that has ended are whole only if all of it was recorded', () => {
    const { candleAt } = record(everySecond(START, 1801), START + 1801, HOUR_MS / 6)
    expect(candleAt(HOURS, START_MS)).toMatchObject({ whole: false })
    const { candleAt: later } = record(everySecond(START, 3601), START + 3601, HOUR_MS / 6)
    expect(later(HOURS, START_MS)?.whole).toBe(true)
  })
})
