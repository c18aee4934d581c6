import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { describe, expect, it } from 'vitest'
import type { FeedCandle } from '../price-feed.ts'
import { openMarket } from '../testing/recorded-market.ts'
import { createScriptedFeed } from '../testing/scripted-feed.ts'
import { catalogueOf } from '../testing/test-inventory.ts'

const START = Date.parse('2026-03-10T12:00:00Z') / 1000
const HOUR_MS = 3_600_000
const catalogue = catalogueOf('BTC')

const candleOf = (
  startMs: number,
  [open, high, low, close]: readonly [bigint, bigint, bigint, bigint],
) => ({
  startMs,
  open,
  high,
  low,
  close,
})

/** A market that was recorded each second from `from` to `to`, at the price of the second. */
async function recorded(from: number, to: number) {
  const store = createMemoryStore({ now: () => START * 1000 })
  const feed = createScriptedFeed()
  const opened = await openMarket({ store, feed, catalogue, second: from })
  for (let second = from; second <= to; second += 1)
    await opened.tick(second, { BTC: BigInt(second) })
  const read = (
    interval: '1m' | '5m' | '15m' | '1h' | '4h' | '1d',
    range: { fromMs?: number; toMs?: number; pricesOnly?: true } = {},
  ) =>
    opened.readCandles({
      assetId: 'BTC',
      interval,
      fromMs: (START - 3600) * 1000,
      toMs: (START + 7200) * 1000,
      nowMs: to * 1000,
      ...range,
    })
  return { feed, read, opened }
}

describe('candles of the record', () => {
  it('are rolled up to every interval', async () => {
    const { read } = await recorded(START, START + 1000)
    for (const [interval, seconds] of [
      ['5m', 300],
      ['15m', 900],
    ] as const) {
      const { candles } = await read(interval, { fromMs: START * 1000 })
      expect(candles).toEqual(
        Array.from({ length: Math.ceil(1000 / seconds) }, (_, index) => {
          const open = BigInt(START + index * seconds)
          const close = BigInt(Math.min(START + (index + 1) * seconds, START + 1000))
          return candleOf((START + index * seconds) * 1000, [open, close, open, close])
        }),
      )
    }
    const [hour] = (await read('4h', { fromMs: START * 1000 })).candles
    expect(hour).toEqual(
      candleOf(START * 1000, [
        BigInt(START),
        BigInt(START + 1000),
        BigInt(START),
        BigInt(START + 1000),
      ]),
    )
  })

  it('are there at once when an hour has ended, stored or not', async () => {
    const { read, opened } = await recorded(START + 3500, START + 3601)
    const of = async () => (await read('1m', { fromMs: START * 1000 })).candles
    const waiting = await of()
    expect(opened.queue.size).toBe(1)
    expect(waiting.map(({ startMs }) => startMs / 1000 - START)).toEqual([3480, 3540, 3600])
    await opened.tick(START + 3602, { BTC: BigInt(START + 3601) })
    expect(opened.queue.size).toBe(0)
    expect(await of()).toEqual(waiting)
  })

  it('need no feed when only prices are wanted and the record is whole', async () => {
    const { feed, read } = await recorded(START, START + 600)
    const range = { fromMs: (START + 60) * 1000, toMs: (START + 360) * 1000 } as const
    expect((await read('1m', { ...range, pricesOnly: true })).candles).toHaveLength(5)
    expect(feed.asked).toHaveLength(0)
    expect((await read('1m', range)).candles).toHaveLength(5)
    expect(feed.asked).toHaveLength(1)
    await read('1m', { fromMs: (START - 60) * 1000, pricesOnly: true })
    expect(feed.asked.length).toBeGreaterThan(1)
  })

  it('that are part only are framed by the feed, and both know extremes', async () => {
    const { feed, read } = await recorded(START + 1800, START + 2400)
    const told: FeedCandle = {
      ...candleOf(START * 1000, [1n, BigInt(START + 2000), 1n, 5n]),
      closed: false,
    }
    feed.tell(async () => [told])
    const running = (await read('1h', { fromMs: START * 1000 })).candles
    expect(running).toEqual([
      candleOf(START * 1000, [1n, BigInt(START + 2400), 1n, BigInt(START + 2400)]),
    ])
  })

  it('that are part only close as the feed says once they have ended', async () => {
    const { feed, read } = await recorded(START + 1800, START + 2400)
    const told = candleOf((START + 1740) * 1000, [1n, 9n, 1n, 5n])
    feed.tell(async () => [{ ...told, closed: true }])
    const range = { fromMs: told.startMs, toMs: told.startMs + 60_000 }
    expect((await read('1m', range)).candles).toEqual([
      { ...told, high: BigInt(START + 1800), low: 1n },
    ])
  })

  it('say nothing of times that neither record nor feed knows', async () => {
    const { read } = await recorded(START, START + 10)
    const { candles } = await read('1h', {
      fromMs: START * 1000 - 20 * HOUR_MS,
      toMs: START * 1000 - 2 * HOUR_MS,
    })
    expect(candles).toEqual([])
  })
})
