/** Bad input gets a clear problem answer, and nothing changes. */
import { getBalance } from '@cnop/contract/balance.ts'
import { listOrders } from '@cnop/contract/order.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, freshKey, newCustomer, PASSWORD, rawCall } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

const DIGITS_60 = '9'.repeat(60)

/** Each amount, as JSON text, and the status it deserves. */
const AMOUNTS: readonly (readonly [string, string, number])[] = [
  ['a negative amount', '-5', 422],
  ['a negative amount as text', '"-5"', 422],
  ['zero', '0', 422],
  ['zero as text', '"0.00"', 422],
  ['a third of a cent', '"0.001"', 422],
  ['60 digits', DIGITS_60, 422],
  ['60 digits as text', `"${DIGITS_60}"`, 422],
  ['60 digits behind the point', `"0.${DIGITS_60}"`, 422],
  ['an exponent', '1e3', 422],
  ['an exponent as text', '"1e3"', 422],
  ['a plus sign', '"+5"', 422],
  ['a leading zero', '"05"', 422],
  ['spaces', '" 5 "', 422],
  ['a comma', '"1,000"', 422],
  ['the digits of another script', '"١٢٣"', 422],
  ['full-width digits', '"１２"', 422],
  ['hexadecimal', '"0x10"', 422],
  ['NaN as text', '"NaN"', 422],
  ['Infinity as text', '"Infinity"', 422],
  ['nothing', '""', 422],
  ['null', 'null', 422],
  ['a truth value', 'true', 422],
  ['a list', '["5"]', 422],
  ['an object', '{"amount":"5"}', 422],
  ['a bare NaN', 'NaN', 400],
]

/** Whole bodies, and the status each deserves. */
const BODIES: readonly (readonly [string, string, number, string])[] = [
  ['broken JSON', '{"amount":', 400, 'malformed-json'],
  ['no JSON at all', 'amount=5', 400, 'malformed-json'],
  ['a field twice', '{"amount":"5","amount":"6"}', 400, 'malformed-json'],
  ['a field twice with one value', '{"amount":"5","amount":"5"}', 400, 'malformed-json'],
  ['a field twice, once escaped', '{"amount":"5","\\u0061mount":"6"}', 400, 'malformed-json'],
  ['an unknown field', '{"amount":"5","bonus":"1000000"}', 422, 'invalid-input'],
  ['__proto__', '{"amount":"5","__proto__":{"admin":true}}', 422, 'invalid-input'],
  ['constructor', '{"amount":"5","constructor":{"prototype":{}}}', 422, 'invalid-input'],
  [
    'another user’s id',
    '{"amount":"5","user_id":"01J00000000000000000000000"}',
    422,
    'invalid-input',
  ],
  ['a list', '[{"amount":"5"}]', 422, 'invalid-input'],
  ['text', '"5"', 422, 'invalid-input'],
  ['a number', '5', 422, 'invalid-input'],
  ['nothing', '', 422, 'invalid-input'],
  ['a nest without end', '['.repeat(20_000), 400, 'malformed-json'],
  ['a deep nest', `{"amount":${'['.repeat(500)}${']'.repeat(500)}}`, 400, 'malformed-json'],
  ['more than 64 KB', `{"amount":"${'1'.repeat(70_000)}"}`, 413, 'body-too-large'],
]

const ORDERS: readonly (readonly [string, Record<string, unknown>, number, string])[] = [
  ['an unknown type', { order_type: 'market_swap' }, 422, 'invalid-input'],
  ['a type that is off', { order_type: 'limit_buy', price: '1' }, 422, 'invalid-input'],
  ['a price on a market order', { price: '100' }, 422, 'invalid-input'],
  ['quantity and notional', { quantity: '1', notional: '10' }, 422, 'invalid-input'],
  ['neither quantity nor notional', { notional: undefined }, 422, 'invalid-input'],
  [
    'more places than the asset has',
    { notional: undefined, quantity: '0.123456789' },
    422,
    'invalid-input',
  ],
  ['an ill-formed asset', { asset_id: 'btc' }, 422, 'invalid-input'],
  ['an asset that is not there', { asset_id: 'NOSUCH' }, 404, 'asset-not-found'],
  ['less than a dollar', { notional: '0.99' }, 422, 'order-too-small'],
  ['more than ten thousand dollars', { notional: '10000.01' }, 422, 'order-too-large'],
  ['more than there is', { notional: '5000' }, 422, 'insufficient-funds'],
  [
    'a sale of what is not owned',
    { order_type: 'market_sell', notional: undefined, quantity: '0.001' },
    422,
    'insufficient-holdings',
  ],
  ['a worst price nobody offers', { worst_price: '0.01' }, 422, 'price-moved'],
]

describe('bad input', () => {
  let platform: RunningPlatform
  let customer: Customer

  beforeAll(async () => {
    platform = await startTogether()
    customer = await newCustomer(platform.url)
    await customer.deposit('1000')
  })
  afterAll(async () => {
    const balance = await customer.call(getBalance, {})
    const orders = await customer.call(listOrders, {})
    const { data: proof } = await customer.call(verifyLedger, {})
    await platform.stop()
    expect(balance).toMatchObject({ current_balance: '1000.00', held_balance: '0.00' })
    expect(orders.data).toEqual([])
    expect(proof).toMatchObject({ ok: true, events: 1 })
  })

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    customer.raw('POST', path, { body, headers: { 'idempotency-key': freshKey(), ...headers } })

  const expectProblem = (
    answer: { status: number; headers: Headers; body: string },
    status: number,
    code?: string,
  ) => {
    const problem = JSON.parse(answer.body)
    expect(answer.status, answer.body).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(problem).toMatchObject({
      status,
      title: expect.any(String),
      code: code ?? expect.any(String),
    })
    expect(problem.request_id).toBe(answer.headers.get('x-request-id'))
    expect(answer.body).not.toMatch(/\bat \S+:\d+|node_modules|SyntaxError|typebox|fastify/i)
  }

  it.each(AMOUNTS)('an amount of %s is refused', async (_, amount, status) => {
    for (const path of ['/balance/deposit', '/balance/withdraw']) {
      expectProblem(await post(path, `{"amount":${amount}}`), status)
    }
    const order = `{"order_type":"market_buy","asset_id":"BTC","quantity":${amount}}`
    if (amount !== '"0.001"' && amount !== '60 digits')
      expectProblem(await post('/orders', order), status)
  })

  it.each(BODIES)('a body of %s is refused', async (_, body, status, code) => {
    expectProblem(await post('/balance/deposit', body), status, code)
  })

  it.each(ORDERS)('an order with %s is refused', async (_, change, status, code) => {
    const body = { order_type: 'market_buy', asset_id: 'BTC', notional: '10', ...change }
    expectProblem(await post('/orders', JSON.stringify(body)), status, code)
    expectProblem(await post('/orders/preview', JSON.stringify(body)), status, code)
  })

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
  ])('a body of type %s is refused', async (type, status) => {
    expectProblem(
      await post('/balance/deposit', '{"amount":"5"}', { 'content-type': type }),
      status,
    )
  })

  it.each(['short', `${'k'.repeat(256)}`, 'with spaces in the middle'])(
    'an idempotency key like %s is refused',
    async (key) => {
      expectProblem(
        await post('/balance/deposit', '{"amount":"5"}', { 'idempotency-key': key }),
        422,
        'invalid-input',
      )
    },
  )

  it.each([
    ['GET', '/orders?limit=0', 422],
    ['GET', '/orders?limit=101', 422],
    ['GET', '/orders?limit=ten', 422],
    ['GET', '/orders?status=lost', 422],
    ['GET', '/orders/%00', 422],
    ['GET', '/orders/a%2Fb', 422],
    ['GET', `/orders/${'x'.repeat(65)}`, 422],
    ['GET', '/orders/01J00000000000000000000000', 404],
    ['DELETE', '/orders/01J00000000000000000000000', 404],
    ['GET', '/inventory/assets/btc', 422],
    ['GET', '/inventory/assets/NOSUCH', 404],
    ['GET', '/inventory/assets/BTC/candles?interval=7m', 422],
    ['GET', '/inventory/assets/BTC/candles?from=yesterday', 422],
    ['GET', '/balance/asset/BTC', 404],
    ['GET', '/nowhere', 404],
    ['PUT', '/orders', 405],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/internal/quotes?asset_ids=BTC', 404],
    ['POST', '/internal/auth/validate', 404],
  ])('%s %s is refused', async (method, path, status) => {
    expectProblem(await customer.raw(method, path), status)
  })

  it.each([
    ['a short name', { username: 'ab' }, 'username'],
    ['a name of another script', { username: 'пользователь' }, 'username'],
    ['a short password', { password: 'short' }, 'password'],
    ['an ill-formed address', { email: 'nobody' }, 'email'],
    ['a birth date that does not exist', { date_of_birth: '2001-02-31' }, 'date_of_birth'],
    ['a child', { date_of_birth: new Date().toISOString().slice(0, 10) }, 'date_of_birth'],
    ['a phone number of letters', { phone: 'call me maybe' }, 'phone'],
    ['an unknown field', { role: 'admin' }, 'role'],
  ])('a registration with %s names the field', async (_, change, field) => {
    const person = {
      username: 'valid_name_1',
      email: 'valid@example.org',
      password: PASSWORD,
      first_name: 'Ada',
      last_name: 'Byron',
      ...change,
    }
    const answer = await rawCall(platform.url, 'POST', '/auth/register', {
      body: JSON.stringify(person),
    })
    expectProblem(answer, 422, 'invalid-input')
    expect(JSON.parse(answer.body).errors.map((error: { field: string }) => error.field)).toContain(
      field,
    )
    expect(answer.body).not.toContain(PASSWORD)
  })
})
