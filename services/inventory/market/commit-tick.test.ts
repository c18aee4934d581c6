import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { KeyedRow, Op, Store } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../catalogue.ts'
import { flatCandle, type RecordedCandle, rollUp } from '../record/candle.ts'
import {
  blockPartition,
  type CandleLevel,
  DAYS,
  HOURS,
  MINUTES,
  readBlock,
  readCandle,
} from '../record/candle-rows.ts'
import { minuteOf } from '../record/candle-series.ts'
import { secondOfTickKey, tickPartition, unpackTick } from '../record/tick-rows.ts'
import { openMarket } from '../testing/recorded-market.ts'
import { createScriptedFeed } from '../testing/scripted-feed.ts'
import { catalogueOf } from '../testing/test-inventory.ts'

const START = Date.parse('2026-03-10T22:00:00Z') / 1000
const catalogue = catalogueOf('BTC', 'ETH')
const feed = createScriptedFeed()
const now = (): number => START * 1000

/** A walk that is the same in every test and never jumps. */
const priceAt = (second: number): bigint => 10n ** 15n + BigInt((second * 7919) % 1009) * 10n ** 11n

const pricesAt = (second: number) => ({ BTC: priceAt(second), ETH: priceAt(second * 3) })

async function recordSeconds(
  opened: Awaited<ReturnType<typeof openMarket>>,
  from: number,
  to: number,
): Promise<void> {
  for (let second = from; second < to; second += 1) await opened.tick(second, pricesAt(second))
}

async function storedCandles(
  store: Store,
  level: CandleLevel,
  assetId = 'BTC',
): Promise<ReadonlyMap<number, RecordedCandle>> {
  const { rows } = await store.query(blockPartition(level, assetId), { limit: 1000 })
  const candles = new Map<number, RecordedCandle>()
  for (const keyed of rows) {
    const block = readBlock(level, keyed)
    for (const [slot, candle] of block.candles.entries())
      if (candle) candles.set(block.startMs + slot * level.candleMs, candle)
  }
  return candles
}

async function storedTicks(store: Store, assetId = 'BTC') {
  const partitions = (await store.partitions('', 1000)).filter((pk) => pk.startsWith('K#'))
  const rows = await Promise.all(partitions.map((pk) => rowsIn(store, pk)))
  return rows.flat().flatMap(({ sk, row }) => {
    const second = secondOfTickKey(sk)
    const known = unpackTick(['BTC', 'ETH'], second, row).prices.get(assetId)
    return known ? [{ second, price: known.price }] : []
  })
}

async function rowsIn(store: Store, pk: string): Promise<readonly KeyedRow[]> {
  const { rows, more } = await store.query(pk, { limit: 1000 })
  const pages = [rows]
  for (let page = { rows, more }; page.more; pages.push(page.rows)) {
    const after = page.rows.at(-1)?.sk ?? ''
    page = { ...(await store.query(pk, { limit: 1000, after })) }
  }
  return pages.flat()
}

/** Tells the ops of every transaction. */
function watched(store: Store): {
  readonly store: Store
  readonly transactions: (readonly Op[])[]
} {
  const transactions: (readonly Op[])[] = []
  return {
    transactions,
    store: {
      ...store,
      transact(ops, options) {
        transactions.push(ops)
        return store.transact(ops, options)
      },
    },
  }
}

describe('what is recorded', () => {
  it('agrees with itself over restarts: ticks, minutes, hours and days', async () => {
    const store = createMemoryStore({ now })
    const end = START + 3 * 3600 + 60
    const stops = [START + 1234, START + 3599, START + 3600, START + 3605, START + 7201, end]
    let second = START
    for (const stop of stops) {
      await recordSeconds(await openMarket({ store, feed, catalogue, second }), second, stop)
      second = stop
    }
    const ticks = await storedTicks(store)
    expect(ticks.map((tick) => tick.second)).toEqual(
      Array.from({ length: end - START }, (_, index) => START + index),
    )
    expect(ticks.every((tick) => tick.price === priceAt(tick.second))).toBe(true)

    const minutes = await storedCandles(store, MINUTES)
    const hours = await storedCandles(store, HOURS)
    const days = await storedCandles(store, DAYS)
    const hourMs = START * 1000
    for (let atMs = hourMs; atMs < hourMs + 3 * HOURS.candleMs; atMs += MINUTES.candleMs) {
      const first = ticks.findLast((tick) => tick.second * 1000 <= atMs)
      const within = ticks.filter((tick) => minuteOf(tick.second) === atMs)
      const prices = [...(first ? [first] : []), ...within].map(({ price }) => price)
      expect(minutes.get(atMs)).toEqual({
        open: prices[0],
        high: prices.reduce((most, price) => (price > most ? price : most)),
        low: prices.reduce((least, price) => (price < least ? price : least)),
        close: prices.at(-1),
        whole: true,
      })
    }
    for (let index = 0; index < 3; index += 1) {
      const startMs = hourMs + index * HOURS.candleMs
      const parts = Array.from({ length: 60 }, (_, at) => minutes.get(startMs + at * 60_000))
      expect(hours.get(startMs)).toEqual(rollUp(parts))
      expect(hours.get(startMs)?.whole).toBe(true)
    }
    const today = Date.parse('2026-03-11T00:00:00Z')
    expect(days.get(today)).toMatchObject({
      open: priceAt(START + 7200),
      close: priceAt(START + 3 * 3600),
    })
  })

  it('is folded again when the process ends right after an hour', async () => {
    const store = createMemoryStore({ now })
    const many = loadCatalogue()
    const whole = { store, feed, catalogue: many }
    const prices = (at: number) =>
      Object.fromEntries(many.assets.map(({ assetId }) => [assetId, priceAt(at)]))
    const first = await openMarket({ ...whole, second: START + 3500 })
    for (let at = START + 3500; at <= START + 3602; at += 1) await first.tick(at, prices(at))
    expect(first.queue.size).toBeGreaterThan(90)
    const next = await openMarket({ ...whole, second: START + 3603 })
    expect(next.queue.size).toBe(many.assets.length)
    for (let at = START + 3603; at <= START + 3620; at += 1) await next.tick(at, prices(at))
    expect(next.queue.size).toBe(0)
    for (const { assetId } of many.assets) {
      const candles = await storedCandles(store, MINUTES, assetId)
      expect(candles.size).toBe(2)
      expect(candles.get((START + 3540) * 1000)).toMatchObject({
        open: priceAt(START + 3540),
        close: priceAt(START + 3600),
        whole: true,
      })
    }
  })

  it('is never forgotten before it is folded, however long nothing ran', async () => {
    const store = createMemoryStore({ now })
    const many = loadCatalogue()
    const prices = (at: number) =>
      Object.fromEntries(many.assets.map(({ assetId }) => [assetId, priceAt(at)]))
    const first = await openMarket({ store, feed, catalogue: many, second: START })
    for (let at = START + 1; at <= START + 20; at += 1) await first.tick(at, prices(at))
    const later = START + 3 * 86_400
    const second = await openMarket({ store, feed, catalogue: many, second: later })
    for (let at = later; at < later + 4; at += 1) await second.tick(at, prices(at))
    const third = await openMarket({ store, feed, catalogue: many, second: later + 4 })
    for (let at = later + 4; at < later + 40; at += 1) await third.tick(at, prices(at))
    const last = many.assets.at(-1)?.assetId ?? ''
    expect((await storedCandles(store, MINUTES, last)).get(START * 1000)).toEqual({
      ...rollUp(
        Array.from({ length: 20 }, (_, index) => flatCandle(priceAt(START + 1 + index), true)),
      ),
      whole: false,
    })
    expect((await storedTicks(store)).every((tick) => tick.second >= later)).toBe(true)
  })

  it('writes a bounded number of rows with each tick', async () => {
    const { store, transactions } = watched(createMemoryStore({ now }))
    const many = loadCatalogue()
    const opened = await openMarket({ store, feed, catalogue: many, second: START })
    for (let second = START; second < START + 3700; second += 5)
      await opened.tick(
        second,
        Object.fromEntries(many.assets.map(({ assetId }) => [assetId, priceAt(second)])),
      )
    expect(opened.queue.size).toBe(0)
    const counts = transactions.map((ops) => ops.length)
    expect(Math.max(...counts)).toBeLessThanOrEqual(40)
    expect(counts.filter((count) => count === 1).length).toBeGreaterThan(600)
  })

  it('forgets ticks after a day, a few at a time, and none before', async () => {
    const { store, transactions } = watched(createMemoryStore({ now }))
    const opened = await openMarket({ store, feed, catalogue, second: START })
    await recordSeconds(opened, START, START + 100)
    const dayLater = START + 24 * 3600
    await recordSeconds(opened, dayLater + 50, dayLater + 53)
    await recordSeconds(opened, dayLater + 53, dayLater + 70)
    const kept = (await storedTicks(store)).map(({ second }) => second)
    expect(kept.filter((second) => second < dayLater + 69 - 24 * 3600)).toEqual([])
    expect(kept.filter((second) => second < START + 100)).toHaveLength(30)
    const removed = transactions.map(
      (ops) => ops.filter(({ kind, key }) => kind === 'delete' && key.pk.startsWith('K#')).length,
    )
    expect(Math.max(...removed)).toBe(4)
    await recordSeconds(opened, dayLater + 70, dayLater + 300)
    expect((await storedTicks(store)).filter(({ second }) => second < START + 200)).toEqual([])
  })

  it('forgets ticks of days on which nothing ran', async () => {
    const store = createMemoryStore({ now })
    await recordSeconds(
      await openMarket({ store, feed, catalogue, second: START }),
      START,
      START + 50,
    )
    const later = START + 9 * 24 * 3600
    const opened = await openMarket({ store, feed, catalogue, second: later })
    await recordSeconds(opened, later, later + 60)
    expect((await storedTicks(store)).every(({ second }) => second >= later)).toBe(true)
  })

  it('forgets minutes after a week, and never an hour or a day', async () => {
    const store = createMemoryStore({ now })
    const opened = await openMarket({ store, feed, catalogue, second: START })
    const hour = async (at: number) => {
      await recordSeconds(opened, at, at + 3)
      await recordSeconds(opened, at + 3600, at + 3603)
    }
    await hour(START)
    await hour(START + 7 * 86_400 - 3600)
    expect((await storedCandles(store, MINUTES)).has(START * 1000)).toBe(true)
    await hour(START + 7 * 86_400 + 3600)
    expect((await storedCandles(store, MINUTES)).has(START * 1000)).toBe(false)
    expect((await storedCandles(store, HOURS)).has(START * 1000)).toBe(true)
    expect((await storedCandles(store, DAYS)).has(Date.parse('2026-03-10T00:00:00Z'))).toBe(true)
  })

  it('is one tick a second, even for a process that has just taken over', async () => {
    const store = createMemoryStore({ now })
    const first = await openMarket({ store, feed, catalogue, second: START })
    const second = await openMarket({ store, feed, catalogue, second: START })
    expect(await first.tick(START, { BTC: 10n ** 15n })).toBeDefined()
    expect(await second.tick(START, { BTC: 2n * 10n ** 15n })).toBeUndefined()
    expect(await storedTicks(store)).toEqual([{ second: START, price: 10n ** 15n }])
    const third = await openMarket({ store, feed, catalogue, second: START })
    expect(await third.tick(START, { BTC: 2n * 10n ** 15n })).toBeUndefined()
    expect(await third.tick(START - 5, { BTC: 2n * 10n ** 15n })).toBeUndefined()
  })

  it('carries the last known price of an asset that a poll leaves out', async () => {
    const store = createMemoryStore({ now })
    const opened = await openMarket({ store, feed, catalogue, second: START })
    await opened.tick(START, { BTC: 5n, ETH: 7n })
    await opened.tick(START + 1, { ETH: 8n })
    const { rows } = await store.query(tickPartition('simulator', START), { limit: 10 })
    const last = unpackTick(['BTC', 'ETH'], START + 1, rows[1]?.row ?? {})
    expect(last.prices).toEqual(
      new Map([
        ['BTC', { price: 5n, asOf: START }],
        ['ETH', { price: 8n, asOf: START + 1 }],
      ]),
    )
    const again = await openMarket({ store, feed, catalogue, second: START + 2 })
    expect(again.market.known).toEqual(last.prices)
    const candle = again.market.asset('BTC')?.runningBlocks()[0]
    expect(candle && readCandle(candle, (START - 60) * 1000)).toBeUndefined()
  })

  it('adds new assets behind the others, and still reads what was before', async () => {
    const store = createMemoryStore({ now })
    const small = catalogueOf('ETH')
    await (await openMarket({ store, feed, catalogue: small, second: START })).tick(START, {
      ETH: 7n,
    })
    const opened = await openMarket({ store, feed, catalogue, second: START + 1 })
    expect([...opened.market.known]).toEqual([['ETH', { price: 7n, asOf: START }]])
    await opened.tick(START + 1, { BTC: 5n, ETH: 8n })
    const smaller = await openMarket({ store, feed, catalogue: small, second: START + 2 })
    expect([...smaller.market.known.keys()]).toEqual(['ETH'])
    const back = await openMarket({ store, feed, catalogue, second: START + 2 })
    expect(back.market.known.get('BTC')).toEqual({ price: 5n, asOf: START + 1 })
  })

  it('survives the end of the process on a real disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inventory-'))
    const open = (): Store =>
      openSqliteStore({
        file: join(folder, 'inventory.db'),
        now,
        onFatal: (error) => {
          throw error
        },
      })
    try {
      const before = open()
      const running = await openMarket({ store: before, feed, catalogue, second: START + 3580 })
      await recordSeconds(running, START + 3580, START + 3640)
      await before.close()
      const after = open()
      const resumed = await openMarket({ store: after, feed, catalogue, second: START + 3640 })
      expect(resumed.market.known).toEqual(running.market.known)
      expect(resumed.market.asset('BTC')?.runningBlocks()).toEqual(
        running.market.asset('BTC')?.runningBlocks(),
      )
      await recordSeconds(resumed, START + 3640, START + 3645)
      expect((await storedCandles(after, HOURS)).get(START * 1000)?.close).toBe(
        priceAt(START + 3600),
      )
      await after.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('belongs to one feed', async () => {
    const store = createMemoryStore({ now })
    await openMarket({ store, feed, catalogue, second: START })
    const other = createScriptedFeed({ kind: 'coingecko', periodMs: 60_000 })
    await expect(openMarket({ store, feed: other, catalogue, second: START })).rejects.toThrow(
      'The data directory holds prices of the simulator feed, but MARKET_FEED is coingecko. ' +
        'Set MARKET_FEED=simulator, or give the coingecko feed a DATA_DIR of its own.',
    )
    await openMarket({ store, feed, catalogue, second: START })
  })

  it('belongs to one seed, from the first start on that knows one', async () => {
    const store = createMemoryStore({ now })
    const unseeded = createScriptedFeed({ kind: 'simulator', periodMs: 1000 })
    await openMarket({ store, feed: unseeded, catalogue, second: START })
    await openMarket({ store, feed: { ...unseeded, seed: 'one' }, catalogue, second: START })
    const other = { ...unseeded, seed: 'two' }
    await expect(openMarket({ store, feed: other, catalogue, second: START })).rejects.toThrow(
      'The data directory holds prices of MARKET_SEED=one, but MARKET_SEED is two. ' +
        'Set MARKET_SEED=one, or give the other market a DATA_DIR of its own.',
    )
  })
})
