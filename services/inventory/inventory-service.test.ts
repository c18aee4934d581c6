import type { AssetDetail, AssetSummary, Candle } from '@cnop/contract/inventory.ts'
import { parseDecimal, parsePrice, percentOf } from '@cnop/contract/money.ts'
import { PROBLEM_MEDIA_TYPE } from '@cnop/contract/problem.ts'
import { signCaller } from '@cnop/kit/caller.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { loadCatalogue } from './catalogue.ts'
import { PRICES_CHANNEL } from './market/price-frame.ts'
import { type FeedCandle, PriceFeedFault } from './price-feed.ts'
import { createSimulatedFeed } from './simulated-feed.ts'
import { createScriptedFeed } from './testing/scripted-feed.ts'
import { createTestClock } from './testing/test-clock.ts'
import {
  CALLER_SECRET,
  catalogueOf,
  OPERATOR,
  SYSTEM,
  startInventory,
  type TestInventory,
} from './testing/test-inventory.ts'

const START_MS = Date.parse('2026-03-10T12:00:00Z')
const CANDLES = '/inventory/assets/BTC/candles'

let opened: TestInventory[] = []
afterEach(async () => {
  for (const inventory of opened) await inventory.close()
  opened = []
})

async function start(options: Parameters<typeof startInventory>[0]): Promise<TestInventory> {
  const inventory = await startInventory(options)
  opened.push(inventory)
  return inventory
}

const simulator = () => createSimulatedFeed({ seed: 'door', assets: loadCatalogue().assets })

async function scripted(prices: Record<string, string> = { BTC: '100', ETH: '10', SOL: '1' }) {
  const feed = createScriptedFeed()
  feed.say(prices)
  const catalogue = catalogueOf('BTC', 'ETH', 'SOL')
  return { ...(await start({ feed, catalogue, startMs: START_MS })), feed }
}

const list = async ({ get }: TestInventory, query = '') =>
  (await get(`/inventory/assets${query}`)) as {
    data: AssetSummary[]
    total_count: number
    active_count: number
  }

const idsOf = (answer: { data: AssetSummary[] }): string[] =>
  answer.data.map(({ asset_id }) => asset_id)

const candles = async ({ get }: TestInventory, query = ''): Promise<Candle[]> =>
  (await get(`${CANDLES}${query}`)).data

const units = (text: string): bigint => parsePrice(text) ?? -1n

/** What the internal stream says from its opening on. */
async function listen({ service, clock }: TestInventory) {
  const answer = await service.app.inject({
    url: '/internal/prices/stream',
    headers: {
      'x-cnop-caller': signCaller(SYSTEM, { secret: CALLER_SECRET, nowMs: clock.now() }),
    },
    payloadAsStream: true,
  })
  let text = ''
  const body = answer.stream()
  body.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return {
    frames: () =>
      text
        .split('\n\n')
        .filter((frame) => frame.includes('event: prices'))
        .map((frame) => ({
          id: /^id: (.*)$/m.exec(frame)?.[1],
          ...JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? ''),
        })),
    end: () => body.destroy(),
  }
}

describe('the listing', () => {
  it('has at least a hundred assets, each with a price and a week behind it', async () => {
    const inventory = await start({ feed: simulator() })
    const answer = await list(inventory, '?limit=250')
    expect(answer.data.length).toBeGreaterThanOrEqual(100)
    expect(answer.total_count).toBe(answer.data.length)
    expect(answer.active_count).toBe(answer.data.length)
    for (const asset of answer.data) {
      expect(asset.sparkline).toHaveLength(42)
      expect(asset.sparkline.at(-1)).toBe(asset.price_usd)
      expect(asset.price_change_percentage_24h).not.toBeNull()
      expect(asset.total_volume_24h).not.toBeNull()
    }
    expect(answer.data.map(({ market_cap_rank }) => market_cap_rank)).toEqual(
      answer.data.map((_, index) => index + 1),
    )
  })

  it('shows fifty unless told, and counts all', async () => {
    const inventory = await start({ feed: simulator() })
    const answer = await list(inventory)
    expect(answer.data).toHaveLength(50)
    expect(answer.total_count).toBe(loadCatalogue().assets.length)
    expect((await list(inventory, '?limit=1')).data).toHaveLength(1)
  })

  it('finds by id and by name, in any case, and by category', async () => {
    const inventory = await start({ feed: simulator() })
    expect(idsOf(await list(inventory, '?search=bItCoIn'))).toEqual(['BTC', 'BCH', 'BSV'])
    expect(idsOf(await list(inventory, '?search=btc'))).toContain('BTC')
    expect(await list(inventory, '?search=%25')).toEqual({
      data: [],
      total_count: 0,
      active_count: 0,
    })
    const memes = await list(inventory, '?category=meme&limit=250')
    expect(new Set(memes.data.map(({ category }) => category))).toEqual(new Set(['meme']))
    expect(memes.total_count).toBe(
      loadCatalogue().assets.filter(({ category }) => category === 'meme').length,
    )
  })

  it.each([
    ['price', 'price_usd', 1],
    ['-price', 'price_usd', -1],
    ['change', 'price_change_percentage_24h', 1],
    ['-change', 'price_change_percentage_24h', -1],
    ['volume', 'total_volume_24h', 1],
    ['-volume', 'total_volume_24h', -1],
  ] as const)('is sorted by %s', async (sort, field, sign) => {
    const inventory = await start({ feed: simulator() })
    const { data } = await list(inventory, `?sort=${sort}&limit=250`)
    const figures = data.map((asset) => parseDecimal(asset[field] ?? '', 12) ?? 0n)
    expect(figures.length).toBeGreaterThan(100)
    for (const [index, figure] of figures.entries())
      if (index > 0)
        expect((figure - (figures[index - 1] as bigint)) * BigInt(sign) >= 0n).toBe(true)
  })

  it('is sorted by name without regard to case', async () => {
    const inventory = await start({ feed: simulator() })
    const names = (await list(inventory, '?sort=name&limit=250')).data.map(({ name }) =>
      name.toLowerCase(),
    )
    expect(names).toEqual(names.toSorted())
  })

  it('puts assets without a figure last, whichever way it is sorted', async () => {
    const inventory = await scripted({ BTC: '100', SOL: '1' })
    expect(idsOf(await list(inventory, '?sort=price'))).toEqual(['SOL', 'BTC', 'ETH'])
    expect(idsOf(await list(inventory, '?sort=-price'))).toEqual(['BTC', 'SOL', 'ETH'])
  })

  it('leaves out halted assets when only active ones are wanted', async () => {
    const inventory = await scripted()
    await inventory.ask('/internal/operator/assets/ETH/halt', {
      caller: OPERATOR,
      method: 'POST',
      body: { reason: 'Delisted' },
    })
    expect(await list(inventory)).toMatchObject({ total_count: 3, active_count: 2 })
    const active = await list(inventory, '?active_only=true')
    expect(idsOf(active)).toEqual(['BTC', 'SOL'])
    expect(active).toMatchObject({ total_count: 2, active_count: 2 })
    expect((await list(inventory, '?active_only=false')).data[1]?.is_active).toBe(false)
  })

  it.each(['limit=0', 'limit=251', 'limit=many', 'sort=rank2', 'category=bank', 'active_only=5'])(
    'refuses %s and names the field',
    async (query) => {
      const { ask } = await scripted()
      const answer = await ask(`/inventory/assets?${query}`)
      expect(answer.status).toBe(422)
      expect(answer.headers['content-type']).toContain(PROBLEM_MEDIA_TYPE)
      expect(JSON.parse(answer.text).errors[0].field).toBe(query.split('=')[0])
    },
  )

  it('is the same bytes and tag within a tick, and others after it', async () => {
    const { ask, clock, feed } = await scripted()
    const first = await ask('/inventory/assets')
    const second = await ask('/inventory/assets')
    expect(first.headers['cache-control']).toBe('public, max-age=1')
    expect(second.text).toBe(first.text)
    expect(second.headers['etag']).toBe(first.headers['etag'])
    feed.say({ BTC: '101' })
    await clock.advance(1000)
    const third = await ask('/inventory/assets')
    expect(third.text).not.toBe(first.text)
    expect(third.headers['etag']).not.toBe(first.headers['etag'])
  })
})

describe('prices', () => {
  it('agree in listing, detail, candles, quotes and stream', async () => {
    const inventory = await start({ feed: simulator() })
    const stream = await listen(inventory)
    await inventory.clock.advance(3000)
    const [summary] = (await list(inventory, '?search=bitcoin&limit=1')).data
    const detail: AssetDetail = (await inventory.get('/inventory/assets/BTC')).data
    const price = summary?.price_usd ?? ''
    expect(detail).toMatchObject({ ...summary })
    for (const interval of ['1m', '5m', '15m', '1h', '4h', '1d'])
      expect((await candles(inventory, `?interval=${interval}`)).at(-1)?.close).toBe(price)
    const quotes = await inventory.get('/internal/quotes?asset_ids=BTC', SYSTEM)
    expect(quotes.data[0]).toMatchObject({
      price,
      as_of: detail.price_as_of,
      stale_after: detail.stale_after,
    })
    expect(stream.frames().at(-1)).toMatchObject({ as_of: detail.price_as_of })
    expect(stream.frames().at(-1)?.prices['BTC']).toBe(price)
    stream.end()
  })

  it('go stale after five seconds of silence, and come back', async () => {
    const inventory = await scripted()
    const { clock, get, feed } = inventory
    const status = async (id: string) =>
      (await get(`/inventory/assets/${id}`)).data.availability_status
    const [before] = (await list(inventory)).data
    expect(before?.stale_after).toBe('2026-03-10T12:00:05.000Z')
    feed.say({})
    await clock.advance(4999)
    expect(await status('BTC')).toBe('available')
    await clock.advance(1)
    expect(await status('BTC')).toBe('stale')
    expect((await list(inventory)).data[0]).toEqual(before)
    expect(JSON.parse((await inventory.ask('/health/ready')).text)).toMatchObject({
      status: 'ready',
      checks: { prices: 'stale' },
    })
    feed.say({ BTC: '100' })
    await clock.advance(1000)
    expect(await status('BTC')).toBe('available')
  })

  it('are fresh for three periods of a slow feed', async () => {
    const feed = createScriptedFeed({ kind: 'coingecko', periodMs: 60_000 })
    feed.say({ BTC: '100' })
    const catalogue = catalogueOf('BTC')
    const inventory = await start({ feed, catalogue, startMs: START_MS })
    expect((await list(inventory)).data[0]?.stale_after).toBe('2026-03-10T12:03:00.000Z')
  })

  it('that a poll leaves out go stale one by one, the others live on', async () => {
    const inventory = await scripted()
    const { clock, get, feed } = inventory
    feed.say({ BTC: '101', ETH: '11' })
    await clock.advance(3000)
    feed.say({ BTC: '102' })
    await clock.advance(3000)
    const { data } = await list(inventory)
    expect(data.map(({ price_usd, price_as_of }) => [price_usd, price_as_of])).toEqual([
      ['102.00', '2026-03-10T12:00:06.000Z'],
      ['11.00', '2026-03-10T12:00:03.000Z'],
      ['1.00', '2026-03-10T12:00:00.000Z'],
    ])
    const status = async (id: string) =>
      (await get(`/inventory/assets/${id}`)).data.availability_status
    expect([await status('BTC'), await status('ETH'), await status('SOL')]).toEqual([
      'available',
      'available',
      'stale',
    ])
  })

  it('go on after a restart: no gap in the candles and no second tick in a second', async () => {
    const feed = createSimulatedFeed({ seed: 'door', assets: catalogueOf('BTC').assets })
    const clock = createTestClock(START_MS)
    const store = createMemoryStore({ now: clock.now })
    const catalogue = catalogueOf('BTC')
    const first = await startInventory({ feed, catalogue, clock, store })
    await clock.advance(150_000)
    await first.close()
    const second = await start({ feed, catalogue, clock, store })
    expect(second.store).toBe(store)
    expect(await second.metrics()).toMatch(/outcome="unchanged"\} 1/)
    await clock.advance(100_000)
    const minutes = await candles(
      second,
      '?interval=1m&from=2026-03-10T11:50:00Z&to=2026-03-10T12:10:00Z',
    )
    expect(minutes.map(({ time }) => time.slice(14, 16))).toEqual(
      Array.from({ length: 15 }, (_, index) => String((50 + index) % 60).padStart(2, '0')),
    )
    for (const [index, { open }] of minutes.entries())
      if (index > 0) expect(open).toBe(minutes[index - 1]?.close)
  })
})

describe('the detail', () => {
  it('agrees with the candles of its day and with the past', async () => {
    const inventory = await start({ feed: simulator(), startMs: START_MS + 754_000 })
    await inventory.clock.advance(5000)
    const detail: AssetDetail = (await inventory.get('/inventory/assets/BTC')).data
    const day = await candles(inventory, '?interval=1h&from=2026-03-09T12:00:00Z')
    expect(day).toHaveLength(25)
    const highs = day.map(({ high }) => units(high))
    const lows = day.map(({ low }) => units(low))
    expect(units(detail.high_24h ?? '')).toBe(highs.reduce((a, b) => (a > b ? a : b)))
    expect(units(detail.low_24h ?? '')).toBe(lows.reduce((a, b) => (a < b ? a : b)))
    const price = units(detail.price_usd ?? '')
    expect(units(detail.price_change_24h ?? '')).toBe(price - units(day[0]?.open ?? ''))
    expect(units(detail.ath) >= units(detail.high_24h ?? '')).toBe(true)
    expect(units(detail.atl) <= units(detail.low_24h ?? '')).toBe(true)
    const [week] = await candles(
      inventory,
      '?interval=1h&from=2026-03-03T12:00:00Z&to=2026-03-03T13:00:00Z',
    )
    const [month] = await candles(
      inventory,
      '?interval=1h&from=2026-02-08T12:00:00Z&to=2026-02-08T13:00:00Z',
    )
    expect(detail.price_change_percentage_7d).toBe(percent(price, units(week?.open ?? '')))
    expect(detail.price_change_percentage_30d).toBe(percent(price, units(month?.open ?? '')))
  })

  it('knows a higher price than the catalogue when the market has had one', async () => {
    const inventory = await scripted({ BTC: '100000' })
    const { clock, feed, get } = inventory
    expect((await get('/inventory/assets/BTC')).data.ath).toBe('111814.00')
    feed.say({ BTC: '120000' })
    await clock.advance(1000)
    feed.say({ BTC: '119000' })
    await clock.advance(1000)
    expect((await get('/inventory/assets/BTC')).data).toMatchObject({
      ath: '120000.00',
      ath_change_percentage: '-0.83',
      ath_date: '2026-03-10T12:00:00.000Z',
      high_24h: '120000.00',
      low_24h: '100000.00',
    })
  })

  it('says null where nobody knows', async () => {
    const inventory = await scripted()
    expect((await inventory.get('/inventory/assets/BTC')).data).toMatchObject({
      price_change_24h: null,
      price_change_percentage_7d: null,
      price_change_percentage_30d: null,
      total_volume_24h: null,
      sparkline: ['100.00'],
    })
  })

  it('of an unknown asset is a problem, and so are its picture and its candles', async () => {
    const { ask } = await scripted()
    for (const url of ['', '/image.svg', '/candles']) {
      const answer = await ask(`/inventory/assets/NOPE${url}`)
      expect(answer.status).toBe(404)
      expect(JSON.parse(answer.text).code).toBe('asset-not-found')
      expect((await ask(`/inventory/assets/no-pe${url}`)).status).toBe(422)
    }
  })

  it('has a picture that may be kept for long', async () => {
    const { ask, get } = await scripted()
    const answer = await ask('/inventory/assets/BTC/image.svg')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('image/svg+xml')
    expect(answer.headers['cache-control']).toMatch(/max-age=\d{6}/)
    expect(answer.text).toMatch(/^<svg /)
    expect((await get('/inventory/assets/BTC')).data.image).toBe(
      '/api/v1/inventory/assets/BTC/image.svg',
    )
  })
})

const percent = (price: bigint, before: bigint): string => percentOf(price - before, before)

describe('candles', () => {
  it('are the last 300 hours unless told', async () => {
    const inventory = await start({ feed: simulator() })
    const hours = await candles(inventory)
    expect(hours).toHaveLength(300)
    expect(hours.at(-1)?.time).toBe('2026-03-10T12:00:00.000Z')
    expect(await candles(inventory, '?to=2026-03-01T00:00:00Z')).toHaveLength(300)
  })

  it('join: each closes where the next one opens', async () => {
    const inventory = await start({ feed: simulator(), catalogue: catalogueOf('BTC') })
    await inventory.clock.advance(200_000)
    for (const interval of ['1m', '5m', '15m', '1h', '4h', '1d']) {
      const joined = await candles(inventory, `?interval=${interval}`)
      expect(joined).toHaveLength(300)
      for (const [index, candle] of joined.entries()) {
        expect(units(candle.high) >= units(candle.open)).toBe(true)
        expect(units(candle.low) <= units(candle.close)).toBe(true)
        if (index > 0) expect(candle.open).toBe(joined[index - 1]?.close)
      }
    }
  })

  it('are what was recorded, where the record is whole, with the volume of the feed', async () => {
    const inventory = await scripted({ BTC: '100' })
    const { clock, feed } = inventory
    const wrong = (startMs: number, closed: boolean): FeedCandle => {
      const price = 7n * 10n ** 12n
      return {
        startMs,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: 5n * 10n ** 12n,
        closed,
      }
    }
    feed.tell(async ({ fromMs, nowMs }) => {
      const starts = Array.from({ length: 4 }, (_, index) => START_MS + (index - 2) * 60_000)
      return starts
        .filter((startMs) => startMs >= fromMs && startMs <= nowMs)
        .map((startMs) => wrong(startMs, startMs + 60_000 <= nowMs))
    })
    for (const price of ['101', '99', '103', '102']) {
      feed.say({ BTC: price })
      await clock.advance(20_000)
    }
    const minutes = await candles(inventory, '?interval=1m')
    expect(minutes).toEqual([
      candle('2026-03-10T11:58:00.000Z', ['7.00', '7.00', '7.00', '7.00'], '5.00'),
      candle('2026-03-10T11:59:00.000Z', ['7.00', '100.00', '7.00', '7.00'], '5.00'),
      candle('2026-03-10T12:00:00.000Z', ['100.00', '103.00', '99.00', '103.00'], '5.00'),
      candle('2026-03-10T12:01:00.000Z', ['103.00', '103.00', '102.00', '102.00'], '5.00'),
    ])
  })

  it('are the record as far as it goes when the feed cannot be asked', async () => {
    const inventory = await scripted({ BTC: '100' })
    inventory.feed.tell(async () => {
      throw new PriceFeedFault('unreachable', 'The source is away.')
    })
    await inventory.clock.advance(130_000)
    const minutes = await candles(inventory, '?interval=1m')
    expect(minutes.map(({ time }) => time.slice(11, 16))).toEqual([
      '11:59',
      '12:00',
      '12:01',
      '12:02',
    ])
    expect(minutes.at(-1)?.volume).toBeNull()
    const none = await inventory.ask(`${CANDLES}?to=2026-03-01T00:00:00Z`)
    expect(none.status).toBe(503)
    expect(JSON.parse(none.text).code).toBe('dependency-down')
    expect(none.headers['retry-after']).toBeDefined()
  })

  it('are refused for a while when too much history is asked for', async () => {
    const feed = simulator()
    const inventory = await start({ feed, historyCallsPerMinuteMax: 2 })
    expect((await inventory.ask(`${CANDLES}?to=2026-03-01T00:00:00Z`)).status).toBe(200)
    expect((await inventory.ask(`${CANDLES}?to=2026-02-01T00:00:00Z`)).status).toBe(200)
    const answer = await inventory.ask(`${CANDLES}?to=2026-01-01T00:00:00Z`)
    expect(answer.status).toBe(429)
    expect(answer.headers['retry-after']).toBe('60')
  })

  it.each([
    ['?from=2026-03-09T00:00:00Z&to=2026-03-08T00:00:00Z', 'from'],
    ['?from=2026-03-09T00:00:00Z&to=2026-03-09T00:00:00Z', 'from'],
    ['?interval=1m&from=2026-03-09T00:00:00Z', 'from'],
    ['?interval=2m', 'interval'],
    ['?from=yesterday', 'from'],
    ['?to=2026-03-09', 'to'],
    ['?to=2026-02-31T25:00:00Z', 'to'],
  ])('of a range that makes no sense are refused: %s', async (query, field) => {
    const { ask } = await scripted()
    const answer = await ask(`${CANDLES}${query}`)
    expect(answer.status).toBe(422)
    expect(JSON.parse(answer.text).errors.map((error: { field: string }) => error.field)).toEqual([
      field,
    ])
  })

  it('are at most a thousand, and none of the future', async () => {
    const inventory = await start({ feed: simulator() })
    const from = new Date(START_MS - 999 * 3_600_000).toISOString()
    expect(await candles(inventory, `?from=${from}`)).toHaveLength(1000)
    const ahead = await candles(inventory, '?from=2026-03-10T11:00:00Z&to=9999-12-31T23:59:59Z')
    expect(ahead.map(({ time }) => time.slice(11, 13))).toEqual(['11', '12'])
    expect(await candles(inventory, '?from=2027-01-01T00:00:00Z')).toEqual([])
    expect(await candles(inventory, '?interval=1d&to=1970-01-03T00:00:00Z')).toHaveLength(2)
  })
})

const candle = (
  time: string,
  [open, high, low, close]: [string, string, string, string],
  volume: string,
): Candle => ({ time, open, high, low, close, volume })

describe('quotes', () => {
  it('name the recorded tick, the day’s open and until when they hold', async () => {
    const inventory = await scripted()
    const { clock, feed, get } = inventory
    feed.say({ BTC: '110' })
    await clock.advance(1000)
    const { data } = await get('/internal/quotes?asset_ids=ETH,BTC,ETH', SYSTEM)
    expect(data).toEqual([
      {
        asset_id: 'ETH',
        asset_name: 'Ethereum',
        quantity_scale: 8,
        halted: false,
        price: '10.00',
        day_open: '10.00',
        as_of: '2026-03-10T12:00:00.000Z',
        stale_after: '2026-03-10T12:00:05.000Z',
        tick: 'simulator@2026-03-10T12:00:01Z',
        source: 'simulator',
      },
      {
        asset_id: 'BTC',
        asset_name: 'Bitcoin',
        quantity_scale: 8,
        halted: false,
        price: '110.00',
        day_open: '100.00',
        as_of: '2026-03-10T12:00:01.000Z',
        stale_after: '2026-03-10T12:00:06.000Z',
        tick: 'simulator@2026-03-10T12:00:01Z',
        source: 'simulator',
      },
    ])
  })

  it('open the day at 00:00 UTC', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const startMs = Date.parse('2026-03-10T23:59:58Z')
    const { clock, get } = await start({ feed, catalogue: catalogueOf('BTC'), startMs })
    const open = async () => (await get('/internal/quotes?asset_ids=BTC', SYSTEM)).data[0].day_open
    feed.say({ BTC: '101' })
    await clock.advance(1000)
    expect(await open()).toBe('100.00')
    feed.say({ BTC: '102' })
    await clock.advance(1000)
    expect(await open()).toBe('102.00')
    feed.say({ BTC: '103' })
    await clock.advance(1000)
    expect(await open()).toBe('102.00')
  })

  it('leave out an asset that has no price yet, and refuse one that does not exist', async () => {
    const { ask, get } = await scripted({ BTC: '100' })
    const some = await get('/internal/quotes?asset_ids=BTC,SOL', SYSTEM)
    expect(some.data).toHaveLength(1)
    const answer = await ask('/internal/quotes?asset_ids=BTC,NOPE', { caller: SYSTEM })
    expect(answer.status).toBe(404)
    expect((await ask('/internal/quotes?asset_ids=btc', { caller: SYSTEM })).status).toBe(422)
    expect((await ask('/internal/quotes?asset_ids=BTC')).status).toBe(401)
  })
})

describe('the stream of prices', () => {
  it('says the last tick at once and then each one once, always the whole market', async () => {
    const inventory = await scripted()
    const { clock, feed } = inventory
    feed.say({ BTC: '101' })
    await clock.advance(1000)
    const early = await listen(inventory)
    feed.say({ BTC: '102', SOL: '2' })
    await clock.advance(1000)
    const late = await listen(inventory)
    feed.say({})
    await clock.advance(2000)
    feed.say({ ETH: '11' })
    await clock.advance(1000)
    const third = {
      id: '1773144005',
      as_of: '2026-03-10T12:00:05.000Z',
      prices: { BTC: '102.00', ETH: '11.00', SOL: '2.00' },
    }
    expect(early.frames()).toEqual([
      {
        id: '1773144001',
        as_of: '2026-03-10T12:00:01.000Z',
        prices: { BTC: '101.00', ETH: '10.00', SOL: '1.00' },
      },
      {
        id: '1773144002',
        as_of: '2026-03-10T12:00:02.000Z',
        prices: { BTC: '102.00', ETH: '10.00', SOL: '2.00' },
      },
      third,
    ])
    expect(late.frames()).toEqual([
      {
        id: '1773144002',
        as_of: '2026-03-10T12:00:02.000Z',
        prices: { BTC: '102.00', ETH: '10.00', SOL: '2.00' },
      },
      third,
    ])
    early.end()
    late.end()
  })

  it('goes on for the others when one listener leaves', async () => {
    const inventory = await scripted()
    const [leaving, staying] = [await listen(inventory), await listen(inventory)]
    leaving.end()
    await inventory.clock.advance(2000)
    expect(staying.frames()).toHaveLength(3)
    expect(leaving.frames()).toHaveLength(1)
    staying.end()
  })

  it('says a tick once, though the bus may say it twice or late', async () => {
    const inventory = await scripted()
    const { bus, clock } = inventory
    const messages: string[] = []
    bus.subscribe(PRICES_CHANNEL, (message) => messages.push(message))
    const stream = await listen(inventory)
    await clock.advance(2000)
    for (const message of [...messages]) bus.publish(PRICES_CHANNEL, message)
    await clock.advance(1000)
    expect(stream.frames().map(({ as_of }) => as_of.slice(17, 19))).toEqual([
      '00',
      '01',
      '02',
      '03',
    ])
    stream.end()
  })

  it('says nothing before there is a price', async () => {
    const inventory = await scripted({})
    const stream = await listen(inventory)
    expect(stream.frames()).toEqual([])
    inventory.feed.say({ BTC: '5' })
    await inventory.clock.advance(1000)
    expect(stream.frames()).toHaveLength(1)
    stream.end()
  })
})

describe('halts', () => {
  const operate = (
    { ask }: Pick<TestInventory, 'ask'>,
    what: 'halt' | 'release',
    reason = 'The source is broken',
  ) =>
    ask(`/internal/operator/assets/BTC/${what}`, {
      caller: OPERATOR,
      method: 'POST',
      body: { reason },
    })

  const halted = async ({ get }: TestInventory): Promise<boolean> =>
    (await get('/internal/quotes?asset_ids=BTC', SYSTEM)).data[0].halted

  it('follow a jump of 30 % in one tick, and end after three calm ones', async () => {
    const inventory = await scripted()
    const { clock, feed, get } = inventory
    const seen: [string, boolean][] = []
    for (const price of ['129', '167.7', '168', '170', '165', '166']) {
      feed.say({ BTC: price })
      await clock.advance(1000)
      const { data } = await get('/inventory/assets/BTC')
      seen.push([data.price_usd, await halted(inventory)])
    }
    expect(seen).toEqual([
      ['129.00', false],
      ['167.70', true],
      ['168.00', true],
      ['170.00', true],
      ['165.00', false],
      ['166.00', false],
    ])
  })

  it('show in every answer', async () => {
    const inventory = await scripted()
    expect(await operate(inventory, 'halt')).toMatchObject({
      status: 200,
      text: '{"data":{"asset_id":"BTC","halted":true}}',
    })
    expect(await halted(inventory)).toBe(true)
    expect((await list(inventory)).data[0]?.is_active).toBe(false)
    const { data } = await inventory.get('/inventory/assets/BTC')
    expect(data).toMatchObject({ is_active: false, availability_status: 'halted' })
    await operate(inventory, 'release')
    expect(await halted(inventory)).toBe(false)
  })

  it('of the operator outlast ticks and restarts, until released', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const clock = createTestClock(START_MS)
    const store = createMemoryStore({ now: clock.now })
    const catalogue = catalogueOf('BTC')
    const first = await startInventory({ feed, catalogue, clock, store })
    await operate(first, 'halt')
    await clock.advance(5000)
    expect(await halted(first)).toBe(true)
    await first.close()
    const second = await start({ feed, catalogue, clock, store })
    expect(await halted(second)).toBe(true)
    await operate(second, 'release')
    await clock.advance(1000)
    expect(await halted(second)).toBe(false)
  })

  it('of a jump outlast a restart, and count on where they were', async () => {
    const feed = createScriptedFeed()
    feed.say({ BTC: '100' })
    const clock = createTestClock(START_MS)
    const store = createMemoryStore({ now: clock.now })
    const catalogue = catalogueOf('BTC')
    const first = await startInventory({ feed, catalogue, clock, store })
    feed.say({ BTC: '200' })
    await clock.advance(3000)
    await first.close()
    const second = await start({ feed, catalogue, clock, store })
    expect(await halted(second)).toBe(true)
    await clock.advance(1000)
    expect(await halted(second)).toBe(false)
  })

  it('and ticks in the same moment lose nothing of each other', async () => {
    const inventory = await scripted()
    const { clock, feed } = inventory
    feed.say({ BTC: '100', ETH: '20' })
    const [answer] = await Promise.all([operate(inventory, 'halt'), clock.advance(1000)])
    expect(answer.status).toBe(200)
    const { data } = await inventory.get('/internal/quotes?asset_ids=BTC,ETH,SOL', SYSTEM)
    expect(data.map((quote: { halted: boolean }) => quote.halted)).toEqual([true, true, false])
    expect((await trail(inventory)).map(({ asset_id }) => asset_id).toSorted()).toEqual([
      'BTC',
      'ETH',
    ])
  })

  it('are listed with who, when and why, newest first, page by page', async () => {
    const inventory = await scripted()
    const { clock, feed } = inventory
    await operate(inventory, 'halt', 'Looks wrong')
    await clock.advance(500)
    await operate(inventory, 'release', 'Looks right')
    feed.say({ ETH: '20' })
    await clock.advance(500)
    expect(await trail(inventory)).toEqual([
      {
        asset_id: 'ETH',
        halted: true,
        actor: 'market',
        reason: 'The price went from 10.00 to 20.00 in one tick.',
        at: '2026-03-10T12:00:01.000Z',
      },
      {
        asset_id: 'BTC',
        halted: false,
        actor: 'olga',
        reason: 'Looks right',
        at: '2026-03-10T12:00:00.500Z',
      },
      {
        asset_id: 'BTC',
        halted: true,
        actor: 'olga',
        reason: 'Looks wrong',
        at: '2026-03-10T12:00:00.000Z',
      },
    ])
  })

  it('are the operator’s alone, and need a reason', async () => {
    const inventory = await scripted()
    const url = '/internal/operator/assets/BTC/halt'
    const body = { reason: 'Because' }
    expect((await inventory.ask(url, { method: 'POST', body })).status).toBe(401)
    expect((await inventory.ask(url, { method: 'POST', body, caller: SYSTEM })).status).toBe(401)
    expect((await inventory.ask('/internal/operator/halts', { caller: SYSTEM })).status).toBe(401)
    const short = await inventory.ask(url, {
      method: 'POST',
      body: { reason: '' },
      caller: OPERATOR,
    })
    expect(short.status).toBe(422)
    const unknown = await inventory.ask('/internal/operator/assets/NOPE/halt', {
      method: 'POST',
      body,
      caller: OPERATOR,
    })
    expect(unknown.status).toBe(404)
    expect(await halted(inventory)).toBe(false)
  })

  /** The whole trail, read two events at a time. */
  async function trail({ get }: TestInventory): Promise<{ asset_id: string }[]> {
    const events: { asset_id: string }[] = []
    for (let cursor = ''; ; ) {
      const page = await get(`/internal/operator/halts?limit=2${cursor}`, OPERATOR)
      events.push(...page.data)
      expect(page.data.length).toBeLessThanOrEqual(2)
      if (!page.has_more) return events
      cursor = `&cursor=${page.next_cursor}`
    }
  }
})
