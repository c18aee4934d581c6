import {
  adjustBalance,
  deposit,
  getBalance,
  getLimits,
  setAccountStatus,
  withdraw,
} from '@cnop/contract/balance.ts'
import { type CallInput, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import { getQuotes } from '@cnop/contract/inventory.ts'
import { cancelOrder, placeOrder, previewOrder } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory, verifyLedger } from '@cnop/contract/portfolio.ts'
import type { Route } from '@cnop/contract/route.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { createIds } from '@cnop/kit/ids.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, type Service, serve } from '@cnop/kit/service.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTelemetry, type Telemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, sendAs } from '@cnop/kit/transport.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ORDER_RULES_DEFAULT } from './order-rules.ts'
import { createOrderService } from './order-service.ts'
import { journalChannel } from './stream/journal-channel.ts'
import { ALICE, BOB } from './testing/stored-rows.ts'
import { createTestMarket } from './testing/test-market.ts'

const SECRET = 'a secret of at least 32 characters'
const now = () => Date.now()

const customer = (userId: string): Caller => ({
  kind: 'customer',
  userId,
  username: userId,
  sessionId: 'session',
  secondFactor: 'asked',
})
const OPERATOR: Caller = { kind: 'operator', name: 'ops' }

let services: Service[] = []
let store: Store
let telemetry: Telemetry
let hints: string[]
let market: ReturnType<typeof createTestMarket>
let ask: <R extends Route>(route: R, input: CallInput<R>, caller?: Caller) => Promise<WireAnswer>

beforeEach(async () => {
  market = createTestMarket(now)
  market.list('BTC', '50000')
  store = createMemoryStore({ now })
  telemetry = createTelemetry({ processMetrics: false })
  const bus = createMemoryBus((error) => {
    throw error
  })
  hints = []
  bus.subscribe(journalChannel(ALICE), (message) => hints.push(message))
  const log = createLog({ level: 'silent', service: 'order' })
  const common = { callerSecret: SECRET, log, telemetry, now, checkAnswers: true }
  const inventory = await createService({
    ...common,
    name: 'inventory',
    endpoints: [
      serve(getQuotes, async ({ query }) => ({
        data: await Promise.all(query.asset_ids.split(',').map(market.quoteOf)),
      })),
    ],
  })
  const order = await createOrderService({
    ...common,
    store,
    bus,
    transports: new Map([['inventory', localTransport(inventory)]]),
    newId: createIds(now),
    rules: ORDER_RULES_DEFAULT,
  })
  services = [order, inventory]
  const transports = new Map([['order', localTransport(order)]] as const)
  const signing = { secret: SECRET, now }
  ask = (route, input, caller = customer(ALICE)) =>
    sendAs(caller, transports, signing)(requestOf(route, input))
})

afterEach(async () => {
  await Promise.all(services.map((service) => service.close()))
})

const BUY = { order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' } as const
const KEY = 'a-key-of-this-test'
const codeIn = ({ body }: WireAnswer): unknown => JSON.parse(body).code

describe('a customer', () => {
  it('deposits, previews, buys, sells and withdraws', async () => {
    expect((await ask(deposit, { body: { amount: '1000' } })).status).toBe(201)
    expect((await ask(previewOrder, { body: BUY })).status).toBe(200)
    const bought = await ask(placeOrder, { body: BUY })
    expect(bought.status).toBe(201)
    expect(JSON.parse(bought.body).data).toMatchObject({ status: 'completed', quantity: '0.01' })
    const sale = { ...BUY, order_type: 'market_sell' } as const
    expect((await ask(placeOrder, { body: sale })).status).toBe(201)
    expect((await ask(withdraw, { body: { amount: '1000' } })).status).toBe(201)
  })

  it('repeats a request with its key and hears the same bytes, marked as a replay', async () => {
    await ask(deposit, { body: { amount: '1000' } })
    const first = await ask(placeOrder, { body: BUY, idempotencyKey: KEY })
    const second = await ask(placeOrder, { body: BUY, idempotencyKey: KEY })
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect([second.status, second.body]).toEqual([first.status, first.body])
  })

  it('hears a refusal as a problem, and the same bytes again', async () => {
    const first = await ask(placeOrder, { body: BUY, idempotencyKey: KEY })
    expect(first.status).toBe(422)
    expect(first.headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(first.body)).toMatchObject({
      code: 'insufficient-funds',
      instance: '/orders',
      request_id: first.headers['x-request-id'],
    })
    const second = await ask(placeOrder, { body: BUY, idempotencyKey: KEY })
    expect(second.body).toBe(first.body)
  })

  it('hears an unknown asset and an unknown order as that', async () => {
    expect(codeIn(await ask(placeOrder, { body: { ...BUY, asset_id: 'NONE' } }))).toBe(
      'asset-not-found',
    )
    const unknown = await ask(cancelOrder, { params: { order_id: 'nobodys' } })
    expect([unknown.status, codeIn(unknown)]).toEqual([404, 'order-not-found'])
  })

  it('cannot do what the operator can', async () => {
    await ask(deposit, { body: { amount: '1000' } })
    const body = { status: 'frozen', reason: 'just because' } as const
    const answer = await ask(setAccountStatus, { params: { user_id: ALICE }, body })
    expect(codeIn(answer)).toBe('bad-signature')
  })
})

describe('the operator', () => {
  it('freezes, corrects and releases an account', async () => {
    await ask(deposit, { body: { amount: '1000' } })
    const params = { user_id: ALICE }
    const freeze = { params, body: { status: 'frozen', reason: 'a question' } } as const
    expect((await ask(setAccountStatus, freeze, OPERATOR)).status).toBe(200)
    expect(codeIn(await ask(placeOrder, { body: BUY }))).toBe('account-frozen')
    const correct = { params, body: { asset_id: 'USD', amount: '-1', reason: 'a mistake' } }
    expect((await ask(adjustBalance, correct, OPERATOR)).status).toBe(201)
    const release = { params, body: { status: 'active', reason: 'answered' } } as const
    expect((await ask(setAccountStatus, release, OPERATOR)).status).toBe(200)
    expect((await ask(placeOrder, { body: BUY })).status).toBe(201)
  })

  it('cannot trade', async () => {
    expect(codeIn(await ask(placeOrder, { body: BUY }, OPERATOR))).toBe('not-signed-in')
  })

  it('freezes who has never moved anything, before they do', async () => {
    const params = { user_id: BOB }
    const freeze = { params, body: { status: 'frozen', reason: 'a question' } } as const
    expect((await ask(setAccountStatus, freeze, OPERATOR)).status).toBe(200)
    const bob = customer(BOB)
    expect(codeIn(await ask(deposit, { body: { amount: '1000' } }, bob))).toBe('account-frozen')
    for (const route of [getBalance, getLimits, getPortfolio, getPortfolioHistory] as const)
      expect((await ask(route, {}, bob)).status).toBe(200)
    const verified = JSON.parse((await ask(verifyLedger, {}, bob)).body)
    expect(verified.data).toMatchObject({ ok: true })
    const release = { params, body: { status: 'active', reason: 'answered' } } as const
    expect((await ask(setAccountStatus, release, OPERATOR)).status).toBe(200)
    expect((await ask(deposit, { body: { amount: '1000' } }, bob)).status).toBe(201)
  })

  it('gives an asset to who has never moved anything', async () => {
    const params = { user_id: BOB }
    const body = { asset_id: 'BTC', amount: '0.5', reason: 'a prize' }
    expect((await ask(adjustBalance, { params, body }, OPERATOR)).status).toBe(201)
    const bob = customer(BOB)
    const answer = await ask(getPortfolio, {}, bob)
    expect(JSON.parse(answer.body).assets).toMatchObject([{ asset_id: 'BTC' }])
    expect(JSON.parse((await ask(verifyLedger, {}, bob)).body).data).toMatchObject({ ok: true })
  })
})

it('whoever listens to the journal is woken by every change, and by nothing else', async () => {
  await ask(deposit, { body: { amount: '1000' } })
  await ask(withdraw, { body: { amount: '5000' } })
  await ask(deposit, { body: { amount: '1000' } }, customer(BOB))
  expect(hints).toHaveLength(1)
})

it('what commands come to is counted: done, refused, replayed', async () => {
  await ask(deposit, { body: { amount: '1000' }, idempotencyKey: KEY })
  await ask(deposit, { body: { amount: '1000' }, idempotencyKey: KEY })
  await ask(withdraw, { body: { amount: '5000' } })
  const metrics = await telemetry.registry.metrics()
  expect(metrics).toContain('ledger_answers_total{route="deposit",outcome="done"} 1')
  expect(metrics).toContain('ledger_answers_total{route="deposit",outcome="replayed"} 1')
  expect(metrics).toContain('ledger_answers_total{route="withdraw",outcome="refused"} 1')
})
