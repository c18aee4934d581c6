import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  getAssetBalance,
  getAssetBalanceByAsset,
  getBalance,
  getLimits,
  listAssetBalances,
  listCashTransactions,
} from '@cnop/contract/balance.ts'
import { type CallInput, call, requestOf } from '@cnop/contract/call.ts'
import { getOrder, listAssetTransactions, listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory, verifyLedger } from '@cnop/contract/portfolio.ts'
import type { Route } from '@cnop/contract/route.ts'
import { streamJournal } from '@cnop/contract/stream.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { httpTransport } from '@cnop/kit/http-transport.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, type Service } from '@cnop/kit/service.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import {
  localTransport,
  type OpenAnswer,
  sendAs,
  signed,
  type Transport,
} from '@cnop/kit/transport.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { orderReads } from './order-reads.ts'
import { hear } from './testing/heard-stream.ts'
import { createSamplePlatform, type SamplePlatform } from './testing/sample-account.ts'

const SECRET = 'a secret of at least 32 characters'
const customer = (userId: string): Caller => ({
  kind: 'customer',
  userId,
  username: userId,
  sessionId: 'session',
})

let platform: SamplePlatform
let service: Service
let orderId: string

beforeEach(async () => {
  platform = createSamplePlatform({ at: '2026-03-01T10:00:00.000Z' })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '50000.00' })
  await platform.account('ada').deposit('1000')
  orderId = await platform.account('ada').buy('BTC', '0.01')
  const { store, bus, prices, now } = platform
  const rules = { depositPerDayMax: 10_000_00n, withdrawPerDayMax: 5_000_00n }
  service = await createService({
    name: 'order',
    endpoints: orderReads({ store, bus, prices, rules, now }),
    callerSecret: SECRET,
    log: createLog({ level: 'silent', service: 'order' }),
    telemetry: createTelemetry({ processMetrics: false }),
    now,
    checkAnswers: true,
  })
})

afterEach(() => service.close())

const signing = () => ({ secret: SECRET, now: platform.now })

function ask<R extends Route>(route: R, input: CallInput<R>, caller: Caller = customer('ada')) {
  const transports = new Map([['order', localTransport(service)]] as const)
  return call(sendAs(caller, transports, signing()), route, input)
}

const BITCOIN = { params: { asset_id: 'BTC' } }

const READS: readonly { readonly route: Route; readonly input: object }[] = [
  { route: getBalance, input: {} },
  { route: getLimits, input: {} },
  { route: listCashTransactions, input: { query: { limit: 1 } } },
  { route: getAssetBalance, input: BITCOIN },
  { route: getAssetBalanceByAsset, input: BITCOIN },
  { route: listAssetBalances, input: {} },
  { route: listOrders, input: { query: { limit: 1, status: 'completed' } } },
  { route: listAssetTransactions, input: { ...BITCOIN, query: {} } },
  { route: getPortfolio, input: {} },
  { route: getPortfolioHistory, input: { query: { period: '1w' } } },
  { route: verifyLedger, input: {} },
]

test.each(READS)(
  '$route.name answers its owner what its contract says',
  async ({ route, input }) => {
    await expect(ask(route, input as CallInput<Route>)).resolves.toBeTypeOf('object')
  },
)

test.each(READS)('$route.name is for customers only', async ({ route, input }) => {
  for (const caller of [{ kind: 'anonymous' }, { kind: 'system', name: 'order' }] as const) {
    await expect(ask(route, input as CallInput<Route>, caller)).rejects.toMatchObject({
      code: 'not-signed-in',
    })
  }
})

test('an order is told to its owner and unknown to anybody else', async () => {
  const input = { params: { order_id: orderId } }
  expect((await ask(getOrder, input)).data).toMatchObject({ order_id: orderId, quantity: '0.01' })
  const unknown = { code: 'order-not-found' }
  await expect(ask(getOrder, input, customer('eve'))).rejects.toMatchObject(unknown)
  await expect(ask(getOrder, { params: { order_id: 'NONE' } })).rejects.toMatchObject(unknown)
})

test('nothing of one customer is in an answer to another', async () => {
  const eve = customer('eve')
  expect(await ask(getBalance, {}, eve)).toMatchObject({ current_balance: '0.00' })
  expect(await ask(listCashTransactions, {}, eve)).toMatchObject({ transactions: [] })
  expect(await ask(listAssetBalances, {}, eve)).toEqual({ data: [] })
  expect(await ask(listOrders, {}, eve)).toMatchObject({ data: [] })
  expect(await ask(listAssetTransactions, { ...BITCOIN }, eve)).toMatchObject({ data: [] })
  expect(await ask(getPortfolio, {}, eve)).toMatchObject({ total_value: '0.00', assets: [] })
  expect((await ask(verifyLedger, {}, eve)).data).toMatchObject({ ok: true, events: 0 })
})

test('both paths of a balance in an asset answer the same', async () => {
  expect(await ask(getAssetBalanceByAsset, BITCOIN)).toEqual(await ask(getAssetBalance, BITCOIN))
})

test('the books are verified, and a changed row is named', async () => {
  const { data } = await ask(verifyLedger, {})
  expect(data).toMatchObject({ ok: true, events: 2, verified_at: '2026-03-01T10:00:00.000Z' })
  expect(data.checks.length).toBeGreaterThan(5)
  const key = { pk: 'U#ada', sk: 'B#USD' }
  const set = { a: 999_999_00n }
  await platform.store.transact([{ kind: 'update', key, set }], { token: 'theft' })
  const broken = (await ask(verifyLedger, {})).data
  expect(broken.ok).toBe(false)
  expect(broken.checks.some((check) => !check.ok && check.detail !== undefined)).toBe(true)
})

test.each(['in this process', 'over HTTP'])('the journal streams %s and goes on', async (where) => {
  const transport = where === 'over HTTP' ? await listening() : localTransport(service)
  const gone = new AbortController()
  const answer = await openJournal(transport, gone.signal)
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toMatch('text/event-stream')
  const heard = reader(answer)
  await heard(3)
  await platform.account('ada').deposit('25')
  const events = await heard(4)
  expect(events.map(({ event, lastEventId }) => [event, lastEventId])).toEqual([
    ['balances', '1'],
    ['balances', '1'],
    ['orders', '2'],
    ['balances', '3'],
  ])
  expect(events[2]?.data).toMatchObject({ order_id: orderId })
  expect(events[3]?.data).toMatchObject({ cash: { current_balance: '525.00' } })
  gone.abort()
  await transport.close()
})

async function listening(): Promise<Transport> {
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  return httpTransport(`http://127.0.0.1:${port}`)
}

function openJournal(transport: Transport, signal: AbortSignal): Promise<OpenAnswer> {
  const query = { after: 0, channels: 'orders,balances' }
  return transport.open(
    signed(requestOf(streamJournal, { query, signal }), customer('ada'), signing()),
  )
}

/** Waits until so many events have come. */
function reader({ body }: OpenAnswer) {
  let text = ''
  body.on('data', (piece: Buffer) => {
    text += piece.toString()
  })
  body.on('error', () => {})
  return async (count: number) => {
    while (hear(text).length < count) await once(body, 'data')
    return hear(text)
  }
}
