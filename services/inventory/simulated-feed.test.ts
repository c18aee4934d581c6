import { CANDLE_INTERVALS } from '@cnop/contract/inventory.ts'
import { expect, test } from 'vitest'
import { loadCatalogue, type VolatilityClass } from './catalogue.ts'
import {
  CANDLE_INTERVAL_MS,
  DAY_MS,
  type FeedCandle,
  type HistoryRequest,
  HOUR_MS,
} from './price-feed.ts'
import { createSimulatedFeed, pricePlaces } from './simulated-feed.ts'

const catalogue = loadCatalogue()
const { assets } = catalogue
const feed = createSimulatedFeed({ seed: 'a market', assets })
const { signal } = new AbortController()
const NOW = Date.UTC(2026, 10, 20, 12, 34, 56)
const YEARS_AGO = NOW - 730 * DAY_MS

const dollars = (price: bigint): number => Number(price) / 1e12
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const candles = (
  assetId: string,
  interval: HistoryRequest['interval'],
  range: { readonly fromMs: number; readonly toMs: number; readonly nowMs?: number },
): Promise<readonly FeedCandle[]> =>
  feed.history({ assetId, interval, nowMs: NOW, ...range }, signal)

const returnsOf = (series: readonly FeedCandle[]): readonly number[] =>
  series.map(({ open, close }) => Math.log(dollars(close) / dollars(open)))

const priceAt = async (atMs: number): Promise<Record<string, bigint>> => {
  const quotes = await feed.poll(atMs, signal)
  return Object.fromEntries([...quotes].map(([assetId, quote]) => [assetId, quote.price]))
}

test('every asset has a price at every second, and never one of zero or less', async () => {
  for (const atMs of [YEARS_AGO, NOW, NOW + 10 * 365 * DAY_MS]) {
    const quotes = await feed.poll(atMs, signal)
    expect([...quotes.keys()]).toEqual(assets.map((asset) => asset.assetId))
    for (const quote of quotes.values()) {
      expect(quote.price > 0n).toBe(true)
      expect(quote.asOfMs).toBe(atMs - (atMs % 1000))
    }
  }
})

test('the same seed is the same market in every instance, after any questions', async () => {
  const again = createSimulatedFeed({ seed: 'a market', assets })
  await again.poll(NOW - 5 * DAY_MS, signal)
  await again.lastWeek(NOW, signal)
  expect(await again.poll(NOW, signal)).toEqual(await feed.poll(NOW, signal))
  const request = {
    assetId: 'SOL',
    interval: '1h',
    fromMs: NOW - DAY_MS,
    toMs: NOW,
    nowMs: NOW,
  } as const
  expect(await again.history(request, signal)).toEqual(await feed.history(request, signal))
})

test('an asset has the same price whichever others are traded beside it', async () => {
  const alone = createSimulatedFeed({ seed: 'a market', assets: [catalogue.byId.get('ETH')!] })
  expect((await alone.poll(NOW, signal)).get('ETH')).toEqual(
    (await feed.poll(NOW, signal)).get('ETH'),
  )
})

test('another seed is another market', async () => {
  const other = createSimulatedFeed({ seed: 'another market', assets })
  const theirs = await other.poll(NOW, signal)
  const same = [...(await feed.poll(NOW, signal))].filter(
    ([assetId, quote]) => theirs.get(assetId)?.price === quote.price,
  )
  expect(same.length).toBeLessThan(3)
})

test('a price is a whole number of ticks: two decimals for bitcoin, ten for a tiny one', async () => {
  const quotes = await feed.poll(NOW, signal)
  for (const asset of assets) {
    const tick = 10n ** BigInt(12 - pricePlaces(asset))
    expect(quotes.get(asset.assetId)!.price % tick, asset.assetId).toBe(0n)
  }
  const placesOf = (assetId: string) => pricePlaces(catalogue.byId.get(assetId)!)
  expect(['BTC', 'YFI', 'ETH', 'SOL', 'XRP', 'DOGE', 'SHIB', 'BTT'].map(placesOf)).toEqual([
    2, 2, 2, 3, 5, 6, 10, 12,
  ])
})

test('free prices stay between a fifth and five times the reference for ten years', async () => {
  const free = assets.filter(({ volatility }) => volatility !== 'pegged')
  for (let atMs = YEARS_AGO; atMs < YEARS_AGO + 3650 * DAY_MS; atMs += 5 * DAY_MS) {
    const prices = await priceAt(atMs)
    for (const { assetId, referencePrice } of free) {
      expect(prices[assetId]! < referencePrice * 5n, assetId).toBe(true)
      expect(prices[assetId]! * 5n > referencePrice, assetId).toBe(true)
    }
  }
})

test('the market stays near its references: half of all prices within a factor of 1.6', async () => {
  const distances: number[] = []
  for (let atMs = YEARS_AGO; atMs < NOW; atMs += 30 * DAY_MS)
    for (const [assetId, price] of Object.entries(await priceAt(atMs)))
      distances.push(
        Math.abs(Math.log(dollars(price) / dollars(catalogue.byId.get(assetId)!.referencePrice))),
      )
  const [median = 0] = distances.toSorted((a, b) => a - b).slice(distances.length / 2)
  expect(median).toBeLessThan(Math.log(1.6))
  expect(median).toBeGreaterThan(Math.log(1.05))
})

test('stablecoins stay within 0.3 % of one dollar, and move', async () => {
  for (const { assetId } of assets.filter(({ volatility }) => volatility === 'pegged')) {
    const series = await candles(assetId, '1h', { fromMs: NOW - 900 * HOUR_MS, toMs: NOW })
    for (const { high, low } of series) {
      expect(high <= 1_003_000_000_000n, assetId).toBe(true)
      expect(low >= 997_000_000_000n, assetId).toBe(true)
    }
    expect(new Set(series.map(({ open }) => open)).size).toBeGreaterThan(50)
  }
})

test.each<[VolatilityClass, number, number]>([
  ['pegged', 0.005, 0.04],
  ['metal', 0.11, 0.19],
  ['low', 0.4, 0.6],
  ['medium', 0.56, 0.84],
  ['high', 0.72, 1.1],
  ['extreme', 1.05, 1.7],
])('assets of class %s swing by %d to %d a year', async (volatility, least, most) => {
  for (const { assetId } of assets.filter((asset) => asset.volatility === volatility)) {
    const series = await candles(assetId, '1d', { fromMs: YEARS_AGO, toMs: NOW })
    const variance = mean(returnsOf(series).map((move) => move ** 2))
    const annual = Math.sqrt(variance * 365.25)
    expect(annual, assetId).toBeGreaterThan(least)
    expect(annual, assetId).toBeLessThan(most)
  }
})

async function correlation(left: string, right: string): Promise<number> {
  const range = { fromMs: YEARS_AGO, toMs: NOW }
  const [lefts, rights] = await Promise.all(
    [left, right].map(async (assetId) => returnsOf(await candles(assetId, '1d', range))),
  )
  const covariance = mean(lefts!.map((move, index) => move * rights![index]!))
  const variances = [lefts!, rights!].map((moves) => mean(moves.map((move) => move ** 2)))
  return covariance / Math.sqrt(variances[0]! * variances[1]!)
}

test('bitcoin and ether move together, two golds as one, a stablecoin alone', async () => {
  const together = await correlation('BTC', 'ETH')
  expect(together).toBeGreaterThan(0.5)
  expect(together).toBeLessThan(0.95)
  expect(await correlation('PAXG', 'XAUT')).toBeGreaterThan(0.95)
  expect(Math.abs(await correlation('USDT', 'BTC'))).toBeLessThan(0.15)
})

test('assets of one sector have more in common than assets of two', async () => {
  expect(await correlation('PEPE', 'BONK')).toBeGreaterThan(await correlation('PEPE', 'ENA'))
})

test('from second to second no price jumps by 2 %, and most prices change', async () => {
  let changed = 0
  let looked = 0
  let greatest = 0
  for (let index = 0; index < 600; index += 1) {
    const atMs = YEARS_AGO + index * 1_234_567_000
    const [before, after] = [await priceAt(atMs), await priceAt(atMs + 1000)]
    for (const { assetId, volatility } of assets) {
      const move = Math.abs(dollars(after[assetId]!) / dollars(before[assetId]!) - 1)
      greatest = Math.max(greatest, move)
      if (volatility === 'pegged') continue
      looked += 1
      if (move > 0) changed += 1
    }
  }
  expect(greatest).toBeLessThan(0.02)
  expect(changed / looked).toBeGreaterThan(0.9)
})

test.each(CANDLE_INTERVALS)(
  'candles of %s join, contain their prices and follow each other',
  async (interval) => {
    const intervalMs = CANDLE_INTERVAL_MS[interval]
    const series = await candles('DOGE', interval, { fromMs: NOW - 300 * intervalMs, toMs: NOW })
    expect(series).toHaveLength(300)
    for (const [index, candle] of series.entries()) {
      expect(candle.startMs % intervalMs).toBe(0)
      expect(candle.low <= candle.open && candle.low <= candle.close).toBe(true)
      expect(candle.high >= candle.open && candle.high >= candle.close).toBe(true)
      expect(candle.volume! >= 0n).toBe(true)
      const next = series[index + 1]
      expect(candle.closed).toBe(next !== undefined)
      if (!next) continue
      expect(next.startMs).toBe(candle.startMs + intervalMs)
      expect(candle.close).toBe(next.open)
    }
    const some = series[7]!
    const quotes = await priceAt(some.startMs)
    expect(some.open).toBe(quotes['DOGE'])
  },
)

test('the present candle ends at the present price and is not closed', async () => {
  const [last] = (await candles('BTC', '1h', { fromMs: NOW - HOUR_MS, toMs: NOW })).slice(-1)
  expect(last).toMatchObject({ startMs: NOW - (NOW % HOUR_MS), closed: false })
  expect(last!.close).toBe((await priceAt(NOW))['BTC'])
})

test('a candle that has just begun holds one price and no volume', async () => {
  const startMs = NOW - (NOW % HOUR_MS)
  const [candle] = await candles('BTC', '1h', {
    fromMs: startMs,
    toMs: startMs + 1,
    nowMs: startMs,
  })
  const price = (await priceAt(startMs))['BTC']
  expect(candle).toEqual({
    startMs,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0n,
    closed: false,
  })
})

test('a closed candle is the same for ever', async () => {
  const range = { fromMs: NOW - 50 * HOUR_MS, toMs: NOW - 2 * HOUR_MS }
  const now = await candles('SUI', '1h', range)
  expect(now).toHaveLength(48)
  expect(now.every((candle) => candle.closed)).toBe(true)
  expect(await candles('SUI', '1h', { ...range, nowMs: NOW + 400 * DAY_MS })).toEqual(now)
})

test('there are no candles of the future, of nothing and of an unknown asset', async () => {
  const future = await candles('BTC', '1m', { fromMs: NOW - 60_000, toMs: NOW + DAY_MS })
  expect(future).toHaveLength(1)
  expect(await candles('BTC', '1m', { fromMs: NOW + 60_000, toMs: NOW + DAY_MS })).toEqual([])
  expect(await candles('BTC', '1m', { fromMs: NOW, toMs: NOW - DAY_MS })).toEqual([])
  expect(await candles('NONE', '1m', { fromMs: NOW - DAY_MS, toMs: NOW })).toEqual([])
})

test('more candles than the contract allows are refused', async () => {
  const fromMs = NOW - 1001 * 60_000
  await expect(candles('BTC', '1m', { fromMs, toMs: NOW })).rejects.toThrow(RangeError)
})

test('the volumes of minutes add up to that of their hour, and of a day to that of the quote', async () => {
  const endMs = NOW - (NOW % DAY_MS)
  const sum = (series: readonly FeedCandle[]): bigint =>
    series.reduce((total, { volume }) => total + volume!, 0n)
  const minutes = await candles('ETH', '1m', { fromMs: endMs - HOUR_MS, toMs: endMs })
  const hours = await candles('ETH', '1h', { fromMs: endMs - DAY_MS, toMs: endMs })
  const days = await candles('ETH', '1d', { fromMs: endMs - DAY_MS, toMs: endMs })
  expect([minutes.length, hours.length, days.length]).toEqual([60, 24, 1])
  expect(sum(minutes)).toBe(hours.at(-1)!.volume)
  expect(sum(hours)).toBe(days[0]!.volume)
  expect((await feed.poll(endMs, signal)).get('ETH')!.volume24h).toBe(days[0]!.volume)
})

test('volume is typical on average and high where prices move', async () => {
  const asset = catalogue.byId.get('SOL')!
  const series = await candles('SOL', '1d', { fromMs: YEARS_AGO, toMs: NOW })
  const volumes = series.slice(0, -1).map(({ volume }) => dollars(volume!))
  expect(mean(volumes) / dollars(asset.typicalVolume24h)).toBeGreaterThan(0.8)
  expect(mean(volumes) / dollars(asset.typicalVolume24h)).toBeLessThan(1.2)

  const hours = await candles('SOL', '1h', { fromMs: NOW - 1000 * HOUR_MS, toMs: NOW - HOUR_MS })
  const busiest = hours.toSorted((a, b) => Number(b.volume! - a.volume!))
  const moveOf = (some: readonly FeedCandle[]): number => mean(returnsOf(some).map(Math.abs))
  expect(moveOf(busiest.slice(0, 200))).toBeGreaterThan(1.3 * moveOf(busiest.slice(-200)))
})

test('the market value is the price times what circulates', async () => {
  for (const [assetId, quote] of await feed.poll(NOW, signal))
    expect(quote.marketCap).toBe(quote.price * catalogue.byId.get(assetId)!.circulatingSupply)
})

test('the last week has a price for every full hour, equal to the quote of then', async () => {
  const week = (await feed.lastWeek(NOW, signal)).get('ADA')!
  expect(week).toHaveLength(169)
  expect(week.at(-1)!.atMs).toBe(NOW - (NOW % HOUR_MS))
  for (const [index, point] of week.slice(1).entries())
    expect(point.atMs - week[index]!.atMs).toBe(HOUR_MS)
  for (const point of [week[0]!, week[100]!])
    expect((await priceAt(point.atMs))['ADA']).toBe(point.price)
})
