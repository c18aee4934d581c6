import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Asset, loadCatalogue } from './catalogue.ts'
import { type CoinGeckoFeedOptions, createCoinGeckoFeed } from './coingecko-feed.ts'
import { DAY_MS, HOUR_MS, type PriceFeed } from './price-feed.ts'

const NOW = Date.UTC(2026, 4, 18, 12, 30)
const { assets, byId } = loadCatalogue()
const { signal } = new AbortController()

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let answer: Answer
let seen: URL[]
let headers: IncomingMessage['headers']

beforeEach(async () => {
  seen = []
  server = createServer((request, response) => {
    seen.push(new URL(request.url ?? '', 'http://localhost'))
    headers = request.headers
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const addressOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`

const feedOf = (options: Partial<CoinGeckoFeedOptions> = {}): PriceFeed =>
  createCoinGeckoFeed({
    assets,
    periodMs: 60_000,
    timeoutMs: 2000,
    baseUrl: addressOf(),
    ...options,
  })

const text = (status: number, body: string, extra: Record<string, string> = {}): Answer => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...extra })
    response.end(body)
  }
}

/** A row as `/coins/markets` has it. */
const market = (id: string, price: string): string => `{
  "id": "${id}", "symbol": "xyz", "name": "Xyz", "image": "https://example.com/large/xyz.png?1696501400",
  "current_price": ${price}, "market_cap": 1172934385865, "market_cap_rank": 1,
  "fully_diluted_valuation": 1247783385249, "total_volume": 18485037521, "high_24h": 59781, "low_24h": 57812,
  "price_change_24h": 177.61, "price_change_percentage_24h": 0.29935, "market_cap_change_24h": 1698122210,
  "market_cap_change_percentage_24h": 0.14499, "circulating_supply": 19740303.0, "total_supply": 19740303.0,
  "max_supply": 21000000.0, "ath": 73738, "ath_change_percentage": -19.40468,
  "ath_date": "2024-03-14T07:10:36.635Z", "atl": 67.81, "atl_change_percentage": 87542.2394,
  "atl_date": "2013-07-06T00:00:00.000Z", "roi": null, "last_updated": "2026-05-18T12:29:21.599Z",
  "sparkline_in_7d": { "price": [59000.5, 59511.25] }
}`

const markets = (prices: Record<string, string>): Answer =>
  text(
    200,
    `[${Object.entries(prices)
      .map(([id, price]) => market(id, price))
      .join(',')}]`,
  )

test('one call asks for every asset of the catalogue, in dollars and with all digits', async () => {
  answer = (request, response) => {
    const ids = new URL(request.url ?? '', addressOf()).searchParams.get('ids')?.split(',') ?? []
    text(200, `[${ids.map((id, index) => market(id, `${index + 1}.000000000001`)).join(',')}]`)(
      request,
      response,
    )
  }
  const quotes = await feedOf().poll(NOW, signal)
  expect([...quotes.keys()]).toEqual(assets.map((asset) => asset.assetId))
  expect(quotes.get(assets[4]!.assetId)).toEqual({
    price: 5_000_000_000_001n,
    asOfMs: Date.UTC(2026, 4, 18, 12, 29, 21, 599),
    volume24h: 18_485_037_521_000_000_000_000n,
    marketCap: 1_172_934_385_865_000_000_000_000n,
  })
  expect(seen.map(({ pathname }) => pathname)).toEqual(['/api/v3/coins/markets'])
  expect(Object.fromEntries(seen[0]!.searchParams)).toEqual({
    vs_currency: 'usd',
    ids: assets.map((asset) => asset.coinGeckoId).join(','),
    per_page: '250',
    precision: 'full',
  })
})

test('more assets than a page holds are asked for page by page', async () => {
  const many = Array.from({ length: 260 }, (_, index): Asset => {
    return { ...assets[0]!, assetId: `A${index}`, coinGeckoId: `coin-${index}` }
  })
  answer = (request, response) => {
    const ids = new URL(request.url ?? '', addressOf()).searchParams.get('ids')?.split(',') ?? []
    text(200, `[${ids.map((id) => market(id, '1')).join(',')}]`)(request, response)
  }
  expect((await feedOf({ assets: many }).poll(NOW, signal)).size).toBe(260)
  expect(seen.map((url) => url.searchParams.get('ids')?.split(',').length)).toEqual([250, 10])
})

test.each([
  [{ apiKey: { plan: 'demo', key: 'CG-demo' } }, 'CG-demo', undefined],
  [{ apiKey: { plan: 'pro', key: 'CG-pro' } }, undefined, 'CG-pro'],
  [{}, undefined, undefined],
] as const)('with %j the plan is named by its header alone', async (options, demo, pro) => {
  answer = markets({ bitcoin: '1' })
  await feedOf(options).poll(NOW, signal)
  expect(headers['x-cg-demo-api-key']).toBe(demo)
  expect(headers['x-cg-pro-api-key']).toBe(pro)
})

test('a partial answer gives what it holds and nothing else', async () => {
  answer = markets({
    bitcoin: '59511',
    ethereum: 'null',
    tether: '-1',
    ripple: '0',
    pepe: '1e-9',
    solana: '1e15',
    'not-asked-for': '7',
  })
  const quotes = await feedOf().poll(NOW, signal)
  expect([...quotes].map(([assetId, { price }]) => [assetId, price])).toEqual([
    ['BTC', 59_511_000_000_000_000n],
    ['PEPE', 1000n],
  ])
})

const HTML = '<!DOCTYPE html><html><body>Just a moment...</body></html>'
const LIMIT = `{"status":{"error_code":429,"error_message":"You've exceeded the Rate Limit."}}`
const KEY = '{"status":{"error_code":10002,"error_message":"API Key Missing"}}'

test.each<[string, Answer, object]>([
  [
    '429 with seconds',
    text(429, LIMIT, { 'retry-after': '42' }),
    { reason: 'rate-limited', retryAfterMs: 42_000 },
  ],
  [
    '429 with a date',
    text(429, LIMIT, { 'retry-after': new Date(NOW + 90_000).toUTCString() }),
    { reason: 'rate-limited', retryAfterMs: 90_000 },
  ],
  [
    '429 with a date gone by',
    text(429, LIMIT, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
    { retryAfterMs: 1000 },
  ],
  ['429 for a year', text(429, LIMIT, { 'retry-after': '31536000' }), { retryAfterMs: HOUR_MS }],
  [
    '429 with nonsense',
    text(429, LIMIT, { 'retry-after': 'soon' }),
    { reason: 'rate-limited', retryAfterMs: 60_000 },
  ],
  [
    '429 of the network before it',
    text(429, HTML, { 'content-type': 'text/html' }),
    { retryAfterMs: 60_000 },
  ],
  ['500', text(500, '{"error":"Internal Server Error"}'), { reason: 'unreachable' }],
  ['503 as HTML', text(503, HTML, { 'content-type': 'text/html' }), { reason: 'unreachable' }],
  ['401', text(401, KEY), { reason: 'refused' }],
  ['403 as HTML', text(403, HTML, { 'content-type': 'text/html' }), { reason: 'refused' }],
  ['404', text(404, '{"error":"coin not found"}'), { reason: 'refused' }],
  ['a redirect', text(302, '', { location: '/elsewhere' }), { reason: 'unreachable' }],
  ['broken JSON', text(200, '[{"id":"bitcoin","current_pri'), { reason: 'broken-answer' }],
  [
    'HTML with status 200',
    text(200, HTML, { 'content-type': 'text/html' }),
    { reason: 'broken-answer' },
  ],
  ['nothing', text(200, ''), { reason: 'broken-answer' }],
  ['204', text(204, ''), { reason: 'broken-answer' }],
  ['an error with status 200', text(200, LIMIT), { reason: 'broken-answer' }],
  ['prices of null alone', markets({ bitcoin: 'null' }), { reason: 'broken-answer' }],
  ['nine megabytes', text(200, `[${' '.repeat(9_000_000)}]`), { reason: 'broken-answer' }],
])('%s is a fault with its reason, after one call', async (_case, given, expected) => {
  answer = given
  await expect(feedOf().poll(NOW, signal)).rejects.toMatchObject({
    name: 'PriceFeedFault',
    ...expected,
  })
  expect(seen).toHaveLength(1)
})

test.each<[string, Answer]>([
  ['never answers', () => undefined],
  ['stops after the headers', (_request, response) => response.writeHead(200).write('[')],
  ['stops in an error', (_request, response) => response.writeHead(500).write('{')],
])('a source that %s is given up at the deadline', async (_case, given) => {
  answer = given
  const begun = performance.now()
  await expect(feedOf({ timeoutMs: 150 }).poll(NOW, signal)).rejects.toMatchObject({
    reason: 'timeout',
  })
  expect(performance.now() - begun).toBeLessThan(1500)
  expect(seen).toHaveLength(1)
})

test('a connection that is cut or refused is unreachable', async () => {
  answer = (_request, response) => response.writeHead(200).write('[', () => response.destroy())
  await expect(feedOf().poll(NOW, signal)).rejects.toMatchObject({ reason: 'unreachable' })
  answer = (request) => request.socket.destroy()
  await expect(feedOf().poll(NOW, signal)).rejects.toMatchObject({ reason: 'unreachable' })
  const gone = feedOf({ baseUrl: 'http://127.0.0.1:1/api/v3' })
  await expect(gone.poll(NOW, signal)).rejects.toMatchObject({ reason: 'unreachable' })
})

test('a poll that its caller ends fails with the reason of the caller', async () => {
  answer = () => undefined
  const leaving = new Error('shutting down')
  const controller = new AbortController()
  const polling = feedOf().poll(NOW, controller.signal)
  setTimeout(() => controller.abort(leaving), 50)
  await expect(polling).rejects.toBe(leaving)
  await expect(feedOf().poll(NOW, AbortSignal.abort(leaving))).rejects.toBe(leaving)
})

test('no fault tells the key', async () => {
  answer = text(401, '{"status":{"error_message":"CG-secret is not valid"}}')
  const feed = feedOf({ apiKey: { plan: 'pro', key: 'CG-secret' } })
  const fault = await feed.poll(NOW, signal).catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(Error)
  expect(String((fault as Error).stack) + JSON.stringify(fault)).not.toContain('CG-secret')
})

test('the last week comes with one call for all assets', async () => {
  answer = markets({ bitcoin: '59511', ethereum: '2660' })
  const weeks = await feedOf().lastWeek(NOW, signal)
  expect([...weeks.keys()]).toEqual(['BTC', 'ETH'])
  expect(weeks.get('BTC')).toEqual([
    { atMs: Date.UTC(2026, 4, 18, 11), price: 59_000_500_000_000_000n },
    { atMs: Date.UTC(2026, 4, 18, 12), price: 59_511_250_000_000_000n },
  ])
  expect(seen.map((url) => url.searchParams.get('sparkline'))).toEqual(['true'])
})

test('candles are drawn from the chart of the asset, up to the present', async () => {
  const at = (hour: number): number => Date.UTC(2026, 4, 18, hour)
  answer = text(
    200,
    `{"prices":[[${at(9)},69702.3087473573],[${at(10)},69246.1],[${at(11)},7e4]],"market_caps":[],"total_volumes":[]}`,
  )
  const request = {
    assetId: 'AVAX',
    interval: '1h',
    fromMs: at(9) - 1,
    toMs: at(11),
    nowMs: NOW,
  } as const
  expect(await feedOf().history(request, signal)).toEqual([
    {
      startMs: at(9),
      open: 69_702_308_747_357_300n,
      high: 69_702_308_747_357_300n,
      low: 69_246_100_000_000_000n,
      close: 69_246_100_000_000_000n,
      closed: true,
    },
    {
      startMs: at(10),
      open: 69_246_100_000_000_000n,
      high: 70_000_000_000_000_000n,
      low: 69_246_100_000_000_000n,
      close: 70_000_000_000_000_000n,
      closed: true,
    },
  ])
  expect(seen[0]!.pathname).toBe('/api/v3/coins/avalanche-2/market_chart/range')
  expect(Object.fromEntries(seen[0]!.searchParams)).toEqual({
    vs_currency: 'usd',
    from: String(at(9) / 1000),
    to: String(NOW / 1000),
    precision: 'full',
  })
})

test('what the charts are too coarse for is not asked for', async () => {
  answer = text(200, '{"prices":[],"market_caps":[],"total_volumes":[]}')
  const past = { assetId: 'BTC', fromMs: NOW - 800 * DAY_MS, toMs: NOW, nowMs: NOW } as const
  for (const interval of ['1m', '5m', '15m', '1h', '4h', '1d'] as const)
    expect(await feedOf().history({ ...past, interval }, signal)).toEqual([])
  const daysBack = seen.map((url) => (NOW / 1000 - Number(url.searchParams.get('from'))) / 86_400)
  expect(daysBack.map(Math.round)).toEqual([1, 1, 90, 90, 365])
  for (const [index, most] of [1, 1, 90, 90, 365].entries())
    expect(daysBack[index]).toBeLessThanOrEqual(most)
  expect(await feedOf().history({ ...past, interval: '1d', assetId: 'NONE' }, signal)).toEqual([])
  expect(seen).toHaveLength(5)
})

test('a history fails with the same reasons as a poll', async () => {
  answer = text(429, LIMIT, { 'retry-after': '7' })
  const request = {
    assetId: byId.get('BTC')!.assetId,
    interval: '1h',
    fromMs: 0,
    toMs: NOW,
    nowMs: NOW,
  } as const
  await expect(feedOf().history(request, signal)).rejects.toMatchObject({
    reason: 'rate-limited',
    retryAfterMs: 7000,
  })
})
