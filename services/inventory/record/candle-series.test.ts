import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RecordedCandle, rollUp } from './candle.ts'
import {
  type CandleBlock,
  type CandleLevel,
  DAYS,
  HOURS,
  MINUTES,
  readCandle,
} from './candle-rows.ts'
import { createCandleSeries, hourOf, minuteOf } from './candle-series.ts'

const START_MS = Date.parse('2026-03-10T23:00:00Z')
const START = START_MS / 1000
const HOUR_MS = HOURS.candleMs
const FRESH = 5

type Tick = { readonly second: number; readonly price: bigint }

/** Runs ticks as the market does; gives the blocks of every hour that ended, the newest by key. */
function record(ticks: readonly Tick[], endSecond: number) {
  const series = createCandleSeries({ fromMs: START_MS, freshSeconds: FRESH })
  const stored = new Map<string, CandleBlock>()
  let hourMs = START_MS
  const turnTo = (nextMs: number): void => {
    if (nextMs <= hourMs) return
    for (const block of series.endHour(nextMs)) stored.set(keyOf(block.level, block.startMs), block)
    hourMs = nextMs
  }
  for (const { second, price } of ticks) {
    turnTo(hourOf(second))
    series.add(second, { price, asOf: second })
  }
  turnTo(hourOf(endSecond))
  return { series, candleAt }

  function candleAt(level: CandleLevel, atMs: number): RecordedCandle | undefined {
    const spanMs = level.candleMs * level.slots
    const block = stored.get(keyOf(level, Math.floor(atMs / spanMs) * spanMs))
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
    const seen = { whole: 0, part: 0, none: 0 }
    fc.assert(
      fc.property(fc.nat(200), steps, (offset, moves) => {
        let second = START + offset
        const ticks = moves.map(([step, price]) => {
          second += step
          return { second, price }
        })
        const { candleAt } = record(ticks, second + 7200)
        const endMs = hourOf(second) + HOUR_MS
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
    expect(hourOf(START + 3600)).toBe(START_MS)
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

  it('go on from stored blocks as if nothing had been between', () => {
    const ticks = everySecond(START, 3 * 3600)
    const whole = record(ticks, START + 4 * 3600)
    const split = START + 3600
    const first = record(
      ticks.filter(({ second }) => second <= split),
      split + 1,
    )
    const stored = first.series.running()
    const resumed = createCandleSeries({
      fromMs: hourOf(split + 1),
      freshSeconds: FRESH,
      stored: { hours: stored[1] as CandleBlock, days: stored[2] as CandleBlock },
    })
    const last = ticks.findLast((tick) => tick.second <= split) as Tick
    resumed.seed({ price: last.price, asOf: last.second })
    for (const tick of ticks.filter(
      (other) => other.second > split && other.second <= split + 3600,
    ))
      resumed.add(tick.second, { price: tick.price, asOf: tick.second })
    const [minutes, hours] = resumed.endHour(hourOf(split + 3601)) as [CandleBlock, CandleBlock]
    const hourMs = START_MS + HOUR_MS
    expect(readCandle(hours, hourMs)).toEqual(whole.candleAt(HOURS, hourMs))
    for (let atMs = hourMs; atMs < hourMs + HOUR_MS; atMs += MINUTES.candleMs)
      expect(readCandle(minutes, atMs)).toEqual(whole.candleAt(MINUTES, atMs))
  })
})
