import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { PriceFeedFault } from '../price-feed.ts'
import { tickPartition } from '../record/tick-rows.ts'
import { createScriptedFeed } from '../testing/scripted-feed.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { catalogueOf, startInventory, type TestInventory } from '../testing/test-inventory.ts'
import { PRICES_CHANNEL } from './price-frame.ts'

const NOON_MS = Date.parse('2026-03-10T12:00:00Z')
const catalogue = catalogueOf('BTC', 'ETH')

let inventory: TestInventory | undefined
afterEach(async () => {
  await inventory?.close()
  inventory = undefined
})

async function start(options: Parameters<typeof startInventory>[0]) {
  const started = await startInventory({ catalogue, ...options })
  inventory = started
  return started
}

/** The seconds of the hour that have a tick. */
async function recordedSeconds(store: Store, second = NOON_MS / 1000): Promise<readonly string[]> {
  const { rows } = await store.query(tickPartition('simulator', second), { limit: 1000 })
  return rows.map(({ sk }) => sk.slice('YYYY-MM-DDTHH:'.length))
}

describe('recording', () => {
  it('makes one tick a second, on the second, without drift', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100', ETH: '10' })
    const { clock, store } = await start({ feed, startMs: NOON_MS + 400 })
    await clock.advance(5000)
    expect(feed.polledMs.map((atMs) => atMs - NOON_MS)).toEqual([400, 1000, 2000, 3000, 4000, 5000])
    expect(await recordedSeconds(store)).toEqual([
      '00:00',
      '00:01',
      '00:02',
      '00:03',
      '00:04',
      '00:05',
    ])
  })

  it('keeps to its grid when a poll takes long, and never polls twice at once', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const { clock } = await start({ feed, startMs: NOON_MS })
    let under = 0
    let most = 0
    feed.answer(async (nowMs, signal) => {
      under += 1
      most = Math.max(most, under)
      await clock.waitUntil(nowMs + 1300, signal)
      under -= 1
      return new Map([['BTC', { price: 100n, asOfMs: nowMs }]])
    })
    await clock.advance(7000)
    expect(most).toBe(1)
    expect(feed.polledMs.map((atMs) => atMs - NOON_MS)).toEqual([0, 1000, 3000, 5000, 7000])
  })

  it('of a slow feed keeps to its period', async () => {
    const feed = createScriptedFeed({ kind: 'coingecko', periodMs: 60_000 })
    feed.say({ BTC: '100' })
    const { clock } = await start({ feed, startMs: NOON_MS + 7_300 })
    await clock.advance(180_000)
    expect(feed.polledMs.map((atMs) => atMs - NOON_MS)).toEqual([7_300, 67_000, 127_000, 187_000])
  })

  it('gives up a poll that is not answered, and goes on', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const { clock, get, metrics } = await start({ feed, startMs: NOON_MS })
    feed.answer(() => new Promise(() => {}))
    await clock.advance(11_500)
    feed.say({ BTC: '101' })
    await clock.advance(12_000)
    expect((await get('/inventory/assets/BTC')).data.price_usd).toBe('101.00')
    expect(await metrics()).toMatch(
      /price_feed_polls_total\{feed="simulator",outcome="timeout"\} 1/,
    )
  })

  it('changes nothing when a poll fails, and says so in the figures', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const { clock, get, store, metrics } = await start({ feed, startMs: NOON_MS })
    const before = await get('/inventory/assets')
    feed.answer(async () => {
      throw new PriceFeedFault('unreachable', 'The source is away.')
    })
    await clock.advance(3000)
    expect(await get('/inventory/assets')).toEqual(before)
    expect(await recordedSeconds(store)).toEqual(['00:00'])
    const figures = await metrics()
    expect(figures).toMatch(/price_feed_polls_total\{feed="simulator",outcome="recorded"\} 1/)
    expect(figures).toMatch(/price_feed_polls_total\{feed="simulator",outcome="unreachable"\} 3/)
    expect(figures).toMatch(/price_feed_age_seconds\{feed="simulator"\} 3\n/)
  })

  it('records no tick when nothing is new', async () => {
    const feed = createScriptedFeed()
    feed.answer(async () => new Map([['BTC', { price: 100n, asOfMs: NOON_MS }]]))
    const { clock, store, metrics } = await start({ feed, startMs: NOON_MS })
    await clock.advance(3000)
    expect(await recordedSeconds(store)).toEqual(['00:00'])
    expect(await metrics()).toMatch(
      /price_feed_polls_total\{feed="simulator",outcome="unchanged"\} 3/,
    )
  })

  it('leaves a source alone for as long as it asks', async () => {
    const feed = createScriptedFeed({ kind: 'coingecko', periodMs: 10_000 })
    feed.say({ BTC: '100' })
    const { clock } = await start({ feed, startMs: NOON_MS })
    feed.answer(async () => {
      throw new PriceFeedFault('rate-limited', 'Enough.', { retryAfterMs: 25_000 })
    })
    await clock.advance(10_000)
    feed.say({ BTC: '101' })
    await clock.advance(50_000)
    expect(feed.polledMs.map((atMs) => (atMs - NOON_MS) / 1000)).toEqual([0, 10, 40, 50, 60])
  })

  it('survives a first poll that fails, and is not ready before the first tick', async () => {
    const feed = createScriptedFeed()
    feed.answer(async () => {
      throw new PriceFeedFault('unreachable', 'The source is away.')
    })
    const { clock, ask, get } = await start({ feed, startMs: NOON_MS })
    expect((await ask('/health/ready')).status).toBe(503)
    expect((await get('/inventory/assets')).data).toMatchObject([{ price_usd: null }, {}])
    expect((await get('/inventory/assets/BTC')).data.availability_status).toBe('stale')
    feed.say({ BTC: '100' })
    await clock.advance(1000)
    expect((await ask('/health/ready')).status).toBe(200)
  })

  it('asks for the last week again until the feed has told it', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '110' })
    feed.tellWeek(async () => {
      throw new PriceFeedFault('unreachable', 'The source is away.')
    })
    const { clock, get } = await start({ feed, startMs: NOON_MS })
    const summary = async () => (await get('/inventory/assets')).data[0]
    expect((await summary()).price_change_percentage_24h).toBeNull()
    feed.tellWeek(async () => {
      const atMs = NOON_MS - 24 * 3_600_000
      return new Map([['BTC', [{ atMs, price: 100n * 10n ** 12n }]]])
    })
    await clock.advance(1000)
    expect((await summary()).price_change_percentage_24h).toBe('10.00')
  })

  it('tells nobody of a tick before it is durable', async () => {
    const clock = createTestClock(NOON_MS)
    const store = createMemoryStore({ now: clock.now })
    let durable = 0
    const dawdling: Store = {
      ...store,
      async transact(ops, options) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        await store.transact(ops, options)
        durable += ops.some(({ key }) => key.pk.startsWith('K#')) ? 1 : 0
      },
    }
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const { bus } = await start({ feed, clock, store: dawdling })
    const heard: number[] = []
    bus.subscribe(PRICES_CHANNEL, () => heard.push(durable))
    for (let second = 0; second < 5; second += 1) {
      await clock.advance(1000)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(heard.length).toBeGreaterThanOrEqual(3)
    expect(heard).toEqual(heard.map((_, index) => index + 2))
  })

  it('lets a full disk stop the ticks and nothing else', async () => {
    const clock = createTestClock(NOON_MS)
    const store = createMemoryStore({ now: clock.now })
    const { StoreFault } = await import('@cnop/kit/store/store.ts')
    let full = false
    const filling: Store = {
      ...store,
      transact: async (ops, options) => {
        if (full) throw new StoreFault('unavailable', 'The disk is full')
        await store.transact(ops, options)
      },
    }
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const { get, metrics } = await start({ feed, clock, store: filling })
    full = true
    feed.say({ BTC: '101' })
    await clock.advance(2000)
    expect((await get('/inventory/assets/BTC')).data.price_usd).toBe('100.00')
    expect(await metrics()).toMatch(/outcome="not-recorded"\} 2/)
    full = false
    await clock.advance(1000)
    expect((await get('/inventory/assets/BTC')).data.price_usd).toBe('101.00')
  })

  it('stops when it is told, after what was under way', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const { clock, service, store } = await startInventory({ feed, catalogue, startMs: NOON_MS })
    let ended = false
    feed.answer(async (nowMs, signal) => {
      await clock.waitUntil(nowMs + 5000, signal)
      ended = true
      return new Map([['BTC', { price: 100n, asOfMs: nowMs }]])
    })
    await clock.advance(1000)
    await service.close()
    expect(ended).toBe(true)
    const polls = feed.polledMs.length
    await clock.advance(10_000)
    expect(feed.polledMs).toHaveLength(polls)
    expect(await recordedSeconds(store)).toEqual(['00:00'])
  })
})
