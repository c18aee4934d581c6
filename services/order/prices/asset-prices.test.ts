import { getCandles, getQuotes, type Quote } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Call } from '@cnop/kit/answer-call.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, type Service, serve } from '@cnop/kit/service.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, type Transport } from '@cnop/kit/transport.ts'
import { afterEach, expect, test } from 'vitest'
import { type AssetPrices, createAssetPrices } from './asset-prices.ts'

const NOW_MS = Date.parse('2026-03-01T10:00:00.000Z')
const SIGNING = { secret: 'a secret of at least 32 characters', now: () => NOW_MS }
const TRACE = { requestId: 'request-of-a-test', deadline: NOW_MS + 5_000 }
const HOUR_MS = 3_600_000

let inventory: Service | undefined
afterEach(async () => {
  await inventory?.close()
  inventory = undefined
})

type Seen = Pick<Call<typeof getQuotes>, 'caller' | 'requestId' | 'deadline'>

/** An inventory that knows every asset but NONE, and has no price of NEW. */
async function pricesOf(
  parts: { wrap?: (transport: Transport) => Transport; before?: () => Promise<void> } = {},
) {
  const asked: string[][] = []
  const seen: Seen[] = []
  let candleCalls = 0
  let candleCallsMax = 0
  inventory = await createService({
    name: 'inventory',
    callerSecret: SIGNING.secret,
    now: SIGNING.now,
    log: createLog({ level: 'silent', service: 'inventory' }),
    telemetry: createTelemetry({ processMetrics: false }),
    checkAnswers: true,
    endpoints: [
      serve(getQuotes, async (call) => {
        await parts.before?.()
        const ids = call.query.asset_ids.split(',')
        asked.push(ids)
        seen.push(call)
        if (ids.includes('NONE')) throw new Problem('asset-not-found')
        return { data: ids.filter((id) => id !== 'NEW').map(quoteOf) }
      }),
      serve(getCandles, async ({ params, query }) => {
        candleCalls += 1
        candleCallsMax = Math.max(candleCallsMax, candleCalls)
        await new Promise((resolve) => setTimeout(resolve, 2))
        candleCalls -= 1
        if (params.asset_id === 'NONE') throw new Problem('asset-not-found')
        const candle = { open: '1.00', high: '3.00', low: '0.50', volume: '9.00' }
        return {
          data: [
            { ...candle, time: query.from ?? '', close: '2.50' },
            { ...candle, time: query.to ?? '', close: '0.000000000001' },
          ],
        }
      }),
    ],
  })
  const transport = localTransport(inventory)
  const prices: AssetPrices = createAssetPrices({
    transports: new Map([['inventory', parts.wrap?.(transport) ?? transport]]),
    signing: SIGNING,
  })
  return { prices, asked, seen, candleCallsMax: () => candleCallsMax }
}

const quoteOf = (assetId: string): Quote => ({
  asset_id: assetId,
  asset_name: `Asset ${assetId}`,
  quantity_scale: 8,
  halted: false,
  price: '12.5',
  day_open: '12',
  as_of: '2026-03-01T10:00:00.000Z',
  stale_after: '2026-03-01T10:00:05.000Z',
  tick: 'test:1',
  source: 'test',
})

const assetIds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `A${index}`)

test.each([0, 1, 250, 251, 600])(
  'the quotes of %i assets come in the order asked, 250 a call',
  async (count) => {
    const { prices, asked } = await pricesOf()
    const quotes = await prices.quotesOf(assetIds(count), TRACE)
    expect(quotes.map(({ asset_id }) => asset_id)).toEqual(assetIds(count))
    expect(asked.map((ids) => ids.length)).toEqual(
      [250, 250, 250].map((most, call) => Math.min(most, count - 250 * call)).filter((n) => n > 0),
    )
  },
)

test('inventory is called as this service, for the request and within its time', async () => {
  const { prices, seen } = await pricesOf()
  await prices.quotesOf(['BTC'], TRACE)
  expect(seen[0]).toMatchObject({
    caller: { kind: 'system', name: 'order' },
    requestId: TRACE.requestId,
    deadline: TRACE.deadline,
  })
})

test('an asset without a price is left out, and one that is none is refused', async () => {
  const { prices } = await pricesOf()
  expect(await prices.quotesOf(['NEW'], TRACE)).toEqual([])
  for (const refused of [
    prices.quotesOf(['BTC', 'NONE'], TRACE),
    prices.quotesIfUp(['NONE'], TRACE),
    prices.closesOf({ assetIds: ['NONE'], ...SPAN }, TRACE),
  ]) {
    await expect(refused).rejects.toMatchObject({ code: 'asset-not-found' })
  }
})

const SPAN = {
  interval: '1h',
  intervalMs: HOUR_MS,
  fromMs: NOW_MS - 2 * HOUR_MS,
  toMs: NOW_MS - HOUR_MS,
} as const

test('closes are told at the time of the close, with all twelve places', async () => {
  const { prices } = await pricesOf()
  const closes = await prices.closesOf({ assetIds: ['BTC', 'ETH'], ...SPAN }, TRACE)
  const expected = [
    { timeMs: NOW_MS - HOUR_MS, price: 2_500_000_000_000n },
    { timeMs: NOW_MS, price: 1n },
  ]
  expect(closes).toEqual(
    new Map([
      ['BTC', expected],
      ['ETH', expected],
    ]),
  )
})

test('candles of many assets are asked for a few at a time', async () => {
  const { prices, candleCallsMax } = await pricesOf()
  expect((await prices.closesOf({ assetIds: assetIds(50), ...SPAN }, TRACE)).size).toBe(50)
  expect(candleCallsMax()).toBeGreaterThan(1)
  expect(candleCallsMax()).toBeLessThanOrEqual(8)
})

test('an inventory that fails is dependency-down, and nothing to those who can do without', async () => {
  const { prices } = await pricesOf({
    before: () => Promise.reject(new Problem('dependency-down')),
  })
  await expect(prices.quotesOf(['BTC'], TRACE)).rejects.toMatchObject({ code: 'dependency-down' })
  expect(await prices.quotesIfUp(['BTC'], TRACE)).toEqual([])
})

test('those who can do without prices wait a second for them, not until their own deadline', async () => {
  const timeouts: (string | undefined)[] = []
  const wrap = (transport: Transport): Transport => ({
    ...transport,
    send(request) {
      timeouts.push(request.headers['x-timeout-ms'])
      return transport.send(request)
    },
  })
  const { prices } = await pricesOf({ wrap })
  await prices.quotesOf(['BTC'], TRACE)
  await prices.quotesIfUp(['BTC'], TRACE)
  await prices.quotesIfUp(['BTC'], { ...TRACE, deadline: NOW_MS + 300 })
  expect(timeouts).toEqual(['5000', '1000', '300'])
})

test('a price that is none is taken for no answer', async () => {
  const { prices } = await pricesOf({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        const answer = await transport.send(request)
        return { ...answer, body: answer.body.replaceAll('2.50', 'NaN') }
      },
    }),
  })
  await expect(prices.closesOf({ assetIds: ['BTC'], ...SPAN }, TRACE)).rejects.toMatchObject({
    code: 'dependency-down',
  })
})
