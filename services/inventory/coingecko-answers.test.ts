import { formatDecimal } from '@cnop/contract/money.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAnswer, readCandles, readQuotes, readWeeks, unitsOf } from './coingecko-answers.ts'
import { DAY_MS, type HistoryRequest, HOUR_MS } from './price-feed.ts'

const NOW = Date.UTC(2026, 4, 18, 12, 30)

const row = (fields: string): string =>
  `[{"id":"bitcoin","last_updated":"2026-05-18T12:29:21.599Z",${fields}}]`

const priceIn = (digits: string): bigint | undefined => {
  // A second, sound row keeps an answer without any price from being refused as a whole.
  const rows = row(`"current_price":${digits}`).slice(0, -1)
  const sound = ',{"id":"tether","last_updated":"2026-05-18T12:29:21.599Z","current_price":1}]'
  return readQuotes(parseAnswer(rows + sound), NOW).get('bitcoin')?.price
}

test.each([
  ['67298.67', 67_298_670_000_000_000n],
  ['1', 1_000_000_000_000n],
  ['0.000012345678', 12_345_678n],
  ['1e-9', 1000n],
  ['5.6366e-11', 56n],
  ['1.5E+3', 1_500_000_000_000_000n],
  ['1e11', 100_000_000_000_000_000_000_000n],
  ['0.1234567890125', 123_456_789_013n],
  ['0.12345678901249999999', 123_456_789_012n],
  ['9007199254.740993', 9_007_199_254_740_993_000_000n],
])('a price of %s is taken digit by digit', (digits, price) => {
  expect(priceIn(digits)).toBe(price)
})

test.each([
  '0',
  '-1',
  '-0.0',
  '1e-13',
  '1e12',
  '1e15',
  '1e99',
  '1e-99',
  'null',
  'true',
  '{}',
  '[]',
])('a price of %s is none', (digits) => {
  expect(priceIn(digits)).toBeUndefined()
})

test.each([
  '',
  'abc',
  '1.',
  '.5',
  '+1',
  '0x10',
  'Infinity',
  'NaN',
  '1e',
  '1e1000',
  '١',
  '1_000',
  null,
  1,
])('text like %j is no number', (digits) => {
  expect(unitsOf(digits)).toBeUndefined()
})

test('any number of twelve places survives, however it is written', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 24n - 1n }),
      fc.integer({ min: -9, max: 9 }),
      (units, shift) => {
        const plain = formatDecimal(units, 12)
        expect(unitsOf(plain)).toBe(units)
        expect(unitsOf(`${formatDecimal(units * 10n ** 9n, 21 + shift)}e${shift}`)).toBe(units)
      },
    ),
    { numRuns: 2000 },
  )
})

test('volume and market value are kept where they are told', () => {
  const answer = parseAnswer(
    row('"current_price":2,"total_volume":18485037521.5,"market_cap":1172934385865'),
  )
  expect(readQuotes(answer, NOW).get('bitcoin')).toEqual({
    price: 2_000_000_000_000n,
    asOfMs: Date.UTC(2026, 4, 18, 12, 29, 21, 599),
    volume24h: 18_485_037_521_500_000_000_000n,
    marketCap: 1_172_934_385_865_000_000_000_000n,
  })
})

test.each(['null', '-5', '"much"', '1e60'])(
  'a volume of %s is left out, and the price stays',
  (digits) => {
    const answer = parseAnswer(row(`"current_price":2,"total_volume":${digits},"market_cap":0`))
    expect(Object.keys(readQuotes(answer, NOW).get('bitcoin')!)).toEqual(['price', 'asOfMs'])
  },
)

test('a price of the future is of now, one of no known time is none', () => {
  const ahead = row('"current_price":2').replace('2026-05', '2027-05')
  expect(readQuotes(parseAnswer(ahead), NOW).get('bitcoin')!.asOfMs).toBe(NOW)
  for (const time of ['null', '"yesterday"', '1779882383']) {
    const undated = row('"current_price":2').replace('"2026-05-18T12:29:21.599Z"', time)
    expect(() => readQuotes(parseAnswer(undated), NOW)).toThrow('holds no price')
  }
})

test.each([
  '{}',
  'null',
  '"ok"',
  '[]',
  '[null,[],7]',
  '[{"id":7,"current_price":1}]',
  '{"status":{"error_code":429}}',
])('an answer of %s is broken', (text) => {
  const read = () => readQuotes(parseAnswer(text), NOW)
  expect(read).toThrow(expect.objectContaining({ reason: 'broken-answer' }))
})

test.each(['', '<html>', '[{"id":', '[1,]', 'NaN'])('text like %j is broken', (text) => {
  expect(() => parseAnswer(text)).toThrow(expect.objectContaining({ reason: 'broken-answer' }))
})

test('a row named like a part of every object is a row like any other', () => {
  const answer = parseAnswer(row('"current_price":2,"__proto__":{"current_price":3}'))
  expect(readQuotes(answer, NOW).get('bitcoin')!.price).toBe(2_000_000_000_000n)
})

test('a sparkline is hourly prices up to the last full hour', () => {
  const answer = parseAnswer(row('"sparkline_in_7d":{"price":[1.5,null,2.5,3e-7]}'))
  expect(readWeeks(answer, NOW).get('bitcoin')).toEqual([
    { atMs: Date.UTC(2026, 4, 18, 9), price: 1_500_000_000_000n },
    { atMs: Date.UTC(2026, 4, 18, 11), price: 2_500_000_000_000n },
    { atMs: Date.UTC(2026, 4, 18, 12), price: 300_000n },
  ])
  expect(readWeeks(parseAnswer(row('"sparkline_in_7d":null')), NOW).size).toBe(0)
})

const START = Date.UTC(2026, 4, 18, 0)
const DOLLAR = 10n ** 12n

/** A chart of `[minutes after START, dollars]`. */
const chartOf = (
  prices: readonly (readonly [number, number])[],
  volumes: readonly (readonly [number, number])[] = [],
): unknown => {
  const inMs = (series: readonly (readonly [number, number])[]) =>
    series.map(([minute, value]) => [START + minute * 60_000, value])
  return parseAnswer(
    JSON.stringify({ prices: inMs(prices), market_caps: [], total_volumes: inMs(volumes) }),
  )
}

const request = (interval: HistoryRequest['interval'], hours = 24): HistoryRequest => ({
  assetId: 'BTC',
  interval,
  fromMs: START,
  toMs: START + hours * HOUR_MS,
  nowMs: START + 30 * HOUR_MS,
})

test('a candle opens at its first price, closes where the next opens and spans what lies between', () => {
  const chart = chartOf([
    [0, 10],
    [20, 14],
    [40, 7],
    [60, 11],
    [80, 12],
  ])
  expect(readCandles(chart, request('1h'))).toEqual([
    {
      startMs: START,
      open: 10n * DOLLAR,
      high: 14n * DOLLAR,
      low: 7n * DOLLAR,
      close: 11n * DOLLAR,
      closed: true,
    },
    {
      startMs: START + HOUR_MS,
      open: 11n * DOLLAR,
      high: 12n * DOLLAR,
      low: 11n * DOLLAR,
      close: 12n * DOLLAR,
      closed: false,
    },
  ])
})

test('a time without prices has no candle, and the one before it closes at its own last price', () => {
  const series = readCandles(
    chartOf([
      [0, 10],
      [30, 9],
      [120, 20],
      [180, 21],
    ]),
    request('1h', 3),
  )
  expect(
    series.map(({ startMs, close, closed }) => [(startMs - START) / HOUR_MS, close, closed]),
  ).toEqual([
    [0, 9n * DOLLAR, true],
    [2, 21n * DOLLAR, true],
  ])
})

test('prices out of order, doubled or unusable make the same candles', () => {
  const sound = chartOf([
    [0, 10],
    [30, 12],
    [60, 11],
  ])
  const messy = chartOf([
    [60, 11],
    [30, 12],
    [0, 10],
    [45, -3],
    [50, 0],
    [30, 12],
  ])
  expect(readCandles(messy, request('1h'))).toEqual(readCandles(sound, request('1h')))
})

test('only a day has a volume: what the source counted until its end', () => {
  const day = DAY_MS / 60_000
  const chart = chartOf(
    [
      [0, 10],
      [day, 12],
    ],
    [
      [0, 500],
      [day, 700],
    ],
  )
  expect(readCandles(chart, request('1d')).map(({ volume }) => volume)).toEqual([700n * DOLLAR])
  expect(readCandles(chart, request('4h')).every(({ volume }) => volume === undefined)).toBe(true)
})

test.each(['[]', '{}', 'null', '{"prices":{}}'])('a chart of %s is broken', (text) => {
  expect(() => readCandles(parseAnswer(text), request('1h'))).toThrow(
    expect.objectContaining({ reason: 'broken-answer' }),
  )
})
