import { CANDLES_MAX } from '@cnop/contract/inventory.ts'
import { HISTORY_PERIODS } from '@cnop/contract/portfolio.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { expect, test } from 'vitest'
import { quantityOf } from '../ledger/balance-rows.ts'
import { EVENT_RANGE, loadEvent } from '../ledger/journal-rows.ts'
import { type Books, readBooks } from '../ledger/read-books.ts'
import { countingReads } from '../testing/counting-store.ts'
import {
  createSamplePlatform,
  SAMPLE_TRACE,
  type SamplePlatform,
} from '../testing/sample-account.ts'
import { planHistory } from './history-period.ts'
import { readPortfolio } from './read-portfolio.ts'
import { readPortfolioHistory } from './read-portfolio-history.ts'
import { createRewind } from './rewind-books.ts'

const NOW = '2026-03-10T12:07:00.000Z'

type Query = Parameters<typeof readPortfolioHistory>[0]['query']

const historyOf = async (
  { store, prices, now }: Pick<SamplePlatform, 'store' | 'prices' | 'now'>,
  query: Query = { period: '1d', interval: '4h' },
  eventsMax?: number,
) => {
  const limit = eventsMax === undefined ? {} : { eventsMax }
  const input = { store, prices, now, userId: 'ada', query, trace: SAMPLE_TRACE, ...limit }
  return (await readPortfolioHistory(input)).data
}

const BITCOIN = {
  name: 'Bitcoin',
  scale: 8,
  closes: {
    '2026-03-09T20:00:00.000Z': '49000.00',
    '2026-03-10T00:00:00.000Z': '51000.00',
    '2026-03-10T04:00:00.000Z': '52000.00',
    '2026-03-10T08:00:00.000Z': '53000.00',
    '2026-03-10T12:00:00.000Z': '61000.00',
  },
}

/** A day and a half, worked by hand. */
async function oneDay(): Promise<SamplePlatform> {
  const platform = createSamplePlatform({ at: '2026-03-09T18:00:00.000Z' })
  const ada = platform.account('ada')
  await ada.deposit('1000')
  platform.setTime('2026-03-09T23:00:00.000Z')
  platform.setAsset('BTC', { ...BITCOIN, price: '50000.00' })
  await ada.buy('BTC', '0.01')
  platform.setTime('2026-03-10T05:00:00.000Z')
  await ada.deposit('100')
  platform.setTime('2026-03-10T10:00:00.000Z')
  platform.setAsset('BTC', { ...BITCOIN, price: '60000.00' })
  await ada.sell('BTC', '0.005')
  platform.setTime('2026-03-10T12:05:00.000Z')
  await ada.withdraw('50')
  platform.setTime(NOW)
  platform.setAsset('BTC', { ...BITCOIN, price: '62000.00' })
  platform.prices.calls.length = 0
  return platform
}

test('the curve is equity at the end of each interval and now, from the first event on', async () => {
  const points = await historyOf(await oneDay())
  expect(points.map(({ time, equity, cash, net_flow }) => [time, equity, cash, net_flow])).toEqual([
    // 16:00 was before the account began.
    ['2026-03-09T20:00:00.000Z', '1000.00', '1000.00', '1000.00'],
    ['2026-03-10T00:00:00.000Z', '1010.00', '500.00', '0.00'],
    ['2026-03-10T04:00:00.000Z', '1020.00', '500.00', '0.00'],
    ['2026-03-10T08:00:00.000Z', '1130.00', '600.00', '100.00'],
    ['2026-03-10T12:00:00.000Z', '1205.00', '900.00', '0.00'],
    [NOW, '1160.00', '850.00', '-50.00'],
  ])
})

test('the last point is the portfolio of now', async () => {
  const platform = await oneDay()
  const portfolio = await readPortfolio({ ...platform, userId: 'ada', trace: SAMPLE_TRACE })
  const last = (await historyOf(platform)).at(-1)
  expect(last?.equity).toBe(portfolio.total_value)
  expect(last?.cash).toBe(portfolio.cash_balance)
  expect(last?.time).toBe(portfolio.as_of)
})

test('prices cost one call for the present and one for each asset that was there', async () => {
  const platform = await oneDay()
  await historyOf(platform)
  expect(platform.prices.calls).toEqual(['quotes BTC', 'closes BTC'])
})

test('an asset that was sold before now still has its value in the past', async () => {
  const platform = await oneDay()
  await platform.account('ada').sell('BTC', '0.005')
  const points = await historyOf(platform)
  expect(points.at(-1)).toMatchObject({ equity: '1160.00', cash: '1160.00' })
  expect(points.at(-2)).toMatchObject({ equity: '1205.00', cash: '900.00' })
})

test('a new customer gets one point, of zeros, that needs no prices', async () => {
  const platform = createSamplePlatform({ at: NOW })
  platform.prices.setDown(true)
  for (const period of HISTORY_PERIODS) {
    expect(await historyOf(platform, { period })).toEqual([
      { time: NOW, equity: '0.00', cash: '0.00', net_flow: '0.00' },
    ])
  }
})

test('the curve of an account older than the period begins with the period', async () => {
  const platform = createSamplePlatform({ at: '2026-01-01T00:00:00.000Z' })
  await platform.account('ada').deposit('1000')
  platform.setTime('2026-03-09T13:00:00.000Z')
  await platform.account('ada').deposit('1')
  platform.setTime(NOW)
  const points = await historyOf(platform)
  expect(points).toHaveLength(7)
  expect(points[0]).toEqual({
    time: '2026-03-09T16:00:00.000Z',
    equity: '1001.00',
    cash: '1001.00',
    net_flow: '1.00',
  })
  expect(points.slice(1).map(({ net_flow }) => net_flow)).toEqual(Array(6).fill('0.00'))
})

test('an event on the moment of a point is part of it, and of no other', async () => {
  const platform = createSamplePlatform({ at: '2026-03-01T00:00:00.000Z' })
  const ada = platform.account('ada')
  await ada.deposit('1000')
  for (const [time, amount] of [
    ['2026-03-09T12:00:00.000Z', '1'],
    ['2026-03-09T16:00:00.000Z', '2'],
    ['2026-03-10T08:00:00.000Z', '4'],
  ] as const) {
    platform.setTime(time)
    await ada.deposit(amount)
  }
  platform.setTime(NOW)
  const points = await historyOf(platform)
  expect(points.map(({ cash, net_flow }) => [cash, net_flow])).toEqual([
    ['1003.00', '2.00'],
    ['1003.00', '0.00'],
    ['1003.00', '0.00'],
    ['1003.00', '0.00'],
    ['1007.00', '4.00'],
    ['1007.00', '0.00'],
    ['1007.00', '0.00'],
  ])
})

test('where candles are missing the last close stands, before the first the first one', async () => {
  const platform = await oneDay()
  const closes = { '2026-03-10T04:00:00.000Z': '52000.00' }
  platform.setAsset('BTC', { ...BITCOIN, closes, price: '62000.00' })
  const equities = (await historyOf(platform)).map(({ equity }) => equity)
  expect(equities).toEqual(['1000.00', '1020.00', '1020.00', '1120.00', '1160.00', '1160.00'])
})

test('without any candle the price of now stands, and without any price the cost', async () => {
  const platform = await oneDay()
  platform.setAsset('BTC', { ...BITCOIN, closes: {}, price: '62000.00' })
  expect((await historyOf(platform))[1]?.equity).toBe('1120.00')
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8 })
  const equities = (await historyOf(platform)).map(({ equity }) => equity)
  expect(equities).toEqual(['1000.00', '1000.00', '1000.00', '1100.00', '1150.00', '1100.00'])
})

test('an asset that an operator gave is a flow, at the price of its point', async () => {
  const platform = await oneDay()
  platform.setTime('2026-03-10T11:00:00.000Z')
  await platform.account('ada').adjust('BTC', '0.001')
  platform.setTime(NOW)
  // The clock of the account does not go back: the correction is told at 12:05, priced 62 000.
  expect((await historyOf(platform)).at(-1)).toMatchObject({ equity: '1222.00', net_flow: '12.00' })
})

test('without inventory there is no curve of assets', async () => {
  const platform = await oneDay()
  platform.prices.setDown(true)
  await expect(historyOf(platform)).rejects.toMatchObject({ code: 'dependency-down' })
})

test.each([
  { period: '1d', points: 96, everyMinutes: 15 },
  { period: '1w', points: 168, everyMinutes: 60 },
  { period: '1m', points: 180, everyMinutes: 240 },
  { period: '3m', points: 90, everyMinutes: 1_440 },
  { period: '1y', points: 365, everyMinutes: 1_440 },
] as const)(
  'a period of $period has $points points and now',
  ({ period, points, everyMinutes }) => {
    const nowMs = Date.parse(NOW)
    const { timesMs, intervalMs } = planHistory({ period }, nowMs)
    expect(intervalMs).toBe(everyMinutes * 60_000)
    expect(timesMs).toHaveLength(points + 1)
    const [present, ...past] = timesMs
    expect(present).toBe(nowMs)
    for (const timeMs of past) expect(timeMs % intervalMs).toBe(0)
    expect(past[0]).toBeLessThan(nowMs)
    expect(nowMs - (past[0] ?? 0)).toBeLessThanOrEqual(intervalMs)
  },
)

test('a present that ends an interval is not told twice', () => {
  const nowMs = Date.parse('2026-03-10T12:00:00.000Z')
  const { timesMs } = planHistory({ period: '1d', interval: '4h' }, nowMs)
  expect(timesMs.slice(0, 2)).toEqual([nowMs, Date.parse('2026-03-10T08:00:00.000Z')])
})

test('an interval is taken for every period that candles reach, and refused by name for others', () => {
  for (const period of HISTORY_PERIODS) {
    for (const [interval, perDay] of [
      ['15m', 96],
      ['1h', 24],
      ['4h', 6],
      ['1d', 1],
    ] as const) {
      const days = { '1d': 1, '1w': 7, '1m': 30, '3m': 90, '1y': 365 }[period]
      const plan = () => planHistory({ period, interval }, Date.parse(NOW))
      if (days * perDay > CANDLES_MAX) {
        expect(plan).toThrowError(
          expect.objectContaining({
            code: 'invalid-input',
            errors: [{ field: 'interval', message: expect.any(String) }],
          }),
        )
      } else {
        expect(plan().timesMs).toHaveLength(days * perDay + 1)
      }
    }
  }
})

/** Books as they were after each command of a random history of two days. */
async function randomHistory(seed: number) {
  const chance = createChance(seed)
  const startMs = Date.parse(NOW) - 2 * 86_400_000
  const platform = createSamplePlatform({ at: new Date(startMs).toISOString() })
  const ada = platform.account('ada')
  const past: { atMs: number; books: Books }[] = []
  let atMs = startMs
  const digit = (): number => 1 + Math.floor(chance() * 9)
  const asset = (): string => (chance() < 0.5 ? 'BTC' : 'ETH')
  const steps = [
    () => ada.deposit(`${digit()}00.5`),
    () => ada.withdraw('0.01'),
    () => ada.adjust(asset(), chance() < 0.7 ? '0.01' : '-0.001'),
    () => ada.buy(asset(), `0.0${digit()}`),
    () => ada.sell(asset(), '0.01'),
    () => ada.hold({ type: 'limit_buy', asset: 'BTC', quantity: `0.0${digit()}`, price: '1000' }),
  ]
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '1234.56' })
  platform.setAsset('ETH', { name: 'Ether', scale: 6, price: '777.77' })
  for (let command = 0; command < 120; command += 1) {
    // A quarter of the events share their moment with the one before.
    atMs += chance() < 0.25 ? 0 : Math.floor(chance() * 3_000_000)
    platform.setTime(new Date(atMs).toISOString())
    const step = steps[Math.floor(chance() * steps.length)]
    await step?.().catch(() => undefined)
    past.push({ atMs, books: await readBooks(platform.store, 'ada') })
  }
  platform.setTime(new Date(Math.max(atMs, Date.parse(NOW))).toISOString())
  return { platform, past }
}

const quantitiesIn = (books: Books | undefined): Record<string, string> =>
  Object.fromEntries(
    (books?.balances ?? []).map((balance) => [
      balance.asset,
      `${quantityOf(balance)} for ${balance.cost}`,
    ]),
  )

test.each([1, 2, 3, 4, 5])(
  'undoing the journal finds the books of every moment, seed %i',
  async (seed) => {
    const { platform, past } = await randomHistory(seed)
    const { store, now } = platform
    const books = await readBooks(store, 'ada')
    const { timesMs, intervalMs } = planHistory({ period: '1d' }, now())
    const rewind = createRewind({ books, timesMs, intervalMs })
    const { rows } = await store.query('U#ada', { ...EVENT_RANGE, reverse: true, limit: 1_000 })
    for (const { row } of rows) if (!rewind.undo(loadEvent(row))) break
    expect(rows.length).toBeGreaterThan(50)
    expect(rewind.positions).toHaveLength(timesMs.length)
    for (const { timeMs, stocks } of rewind.positions) {
      const then = past.findLast(({ atMs }) => atMs <= timeMs)?.books
      const found = Object.fromEntries(
        [...stocks]
          .map(([asset, { quantity, cost }]) => [asset, `${quantity} for ${cost}`])
          .filter(([asset]) => then?.balances.some((balance) => balance.asset === asset)),
      )
      expect(found).toEqual(quantitiesIn(then))
    }
  },
)

/** One deposit of a dollar a minute, for `count` minutes until now. */
async function depositsUntilNow(count: number): Promise<SamplePlatform> {
  const nowMs = Date.parse(NOW)
  const platform = createSamplePlatform({ at: NOW })
  for (let left = count; left > 0; left -= 1) {
    platform.setTime(new Date(nowMs - 60_000 * left).toISOString())
    await platform.account('ada').deposit('1')
  }
  platform.setTime(NOW)
  return platform
}

test('of a journal too long to undo the curve shows the end, and all of it is right', async () => {
  const platform = await depositsUntilNow(1_500)
  const whole = await historyOf(platform, { period: '1d' })
  expect(whole).toHaveLength(97)
  const { store, rowsRead } = countingReads(platform.store)
  const end = await historyOf({ ...platform, store }, { period: '1d' }, 500)
  expect(end.length).toBeGreaterThan(30)
  expect(end.length).toBeLessThan(40)
  expect(end).toEqual(whole.slice(-end.length))
  expect(rowsRead()).toBeLessThan(1_000)
})

test('a journal of exactly as many events as are undone is shown from its beginning', async () => {
  const platform = await depositsUntilNow(500)
  const whole = await historyOf(platform, { period: '1d' })
  expect(await historyOf(platform, { period: '1d' }, 500)).toEqual(whole)
})

test('a period is read, not the whole journal', async () => {
  const platform = await depositsUntilNow(3_000)
  const { store, rowsRead } = countingReads(platform.store)
  await historyOf({ ...platform, store }, { period: '1d', interval: '15m' })
  expect(rowsRead()).toBeLessThan(2_000)
})
