/** What happens when the same customer asks many things at the same moment, over HTTP. */
import { getBalance, listCashTransactions } from '@cnop/contract/balance.ts'
import { formatUsd, parseUsd } from '@cnop/contract/money.ts'
import { listOrders } from '@cnop/contract/order.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomer, type RawAnswer } from '../customers.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import type { RunningPlatform } from '../topologies.ts'

const AT_ONCE = 50
const ROUNDS = 4

const together = <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)))

const buyFor = (notional: string): string =>
  JSON.stringify({ order_type: 'market_buy', asset_id: 'ETH', notional })

const codeOf = (answer: RawAnswer): string | undefined => JSON.parse(answer.body).code

const post = (customer: Customer, path: string, body: string, key: string): Promise<RawAnswer> =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': key } })

describe.each(WITH_SCALED)('races, %s', (_, start) => {
  let platform: RunningPlatform

  beforeAll(async () => {
    platform = await start({ env: { RATE_LIMIT_ORDER: '1000000', RATE_LIMIT_GATEWAY: '1000000' } })
  })
  afterAll(async () => {
    const audit = await auditOf(platform.dataDir)
    await platform.stop()
    expect(audit).toMatchObject({ clean: true })
  })

  it(`fills one order for one key asked ${AT_ONCE} times at once, with one answer to the byte`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const customer = await newCustomer(platform.url)
      await customer.deposit('1000')
      const key = freshKey()
      const answers = await together(AT_ONCE, () => post(customer, '/orders', buyFor('10'), key))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
      expect(
        answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true'),
      ).toHaveLength(AT_ONCE - 1)
      expect((await customer.call(listOrders, {})).data).toHaveLength(1)
    }
  })

  it('spends money for exactly m withdrawals exactly m times', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const customer = await newCustomer(platform.url)
      const affordable = 7 + round
      await customer.deposit(String(affordable * 10))
      const answers = await together(AT_ONCE, () =>
        post(customer, '/balance/withdraw', '{"amount":"10"}', freshKey()),
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(affordable)
      const refused = answers.filter(({ status }) => status !== 201)
      expect(new Set(refused.map(codeOf))).toEqual(new Set(['insufficient-funds']))
      expect((await customer.call(getBalance, {})).current_balance).toBe('0.00')
    }
  })

  it('lets deposits, purchases and withdrawals at once leave books that agree', async () => {
    const customer = await newCustomer(platform.url)
    await customer.deposit('2000')
    const answers = await together(AT_ONCE, (index) => {
      if (index % 3 === 0) return post(customer, '/balance/deposit', '{"amount":"5"}', freshKey())
      if (index % 3 === 1) return post(customer, '/balance/withdraw', '{"amount":"7"}', freshKey())
      return post(customer, '/orders', buyFor('11'), freshKey())
    })
    expect(answers.every(({ status }) => status === 201)).toBe(true)
    const { transactions } = await customer.call(listCashTransactions, { query: { limit: 100 } })
    expect(transactions).toHaveLength(AT_ONCE + 1)
    const sum = transactions.reduce((total, { amount }) => total + (parseUsd(amount) ?? 0n), 0n)
    expect((await customer.call(getBalance, {})).current_balance).toBe(
      `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`,
    )
  })

  it(`pays one red pocket and one small reward for ${AT_ONCE} claims at once`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const customer = await newCustomer(platform.url)
      const answers = await together(AT_ONCE, (index) =>
        post(
          customer,
          '/cny/claim',
          index % 8 === 7 ? '{"phrase":"a guess"}' : '{"phrase":"Gong Xi Fa Cai"}',
          freshKey(),
        ),
      )
      const paid = answers
        .filter(({ status }) => status === 200)
        .map(({ body }) => JSON.parse(body))
      expect(paid.filter(({ got_red_pocket }) => got_red_pocket)).toHaveLength(1)
      expect(paid.length).toBeLessThanOrEqual(2)
      const refused = answers.filter(({ status }) => status !== 200)
      expect(new Set(refused.map(codeOf))).toEqual(new Set(['reward-claimed']))
      const sum = paid.reduce((total, { amount }) => total + (parseUsd(amount) ?? 0n), 0n)
      expect((await customer.call(getBalance, {})).current_balance).toBe(formatUsd(sum))
    }
  })

  it('refuses one key for two different requests, whichever comes first', async () => {
    const customer = await newCustomer(platform.url)
    await customer.deposit('1000')
    const key = freshKey()
    const answers = await together(10, (index) =>
      post(customer, '/orders', buyFor(index % 2 === 0 ? '10' : '20'), key),
    )
    const done = answers.filter(({ status }) => status === 201)
    const refused = answers.filter(({ status }) => status === 422)
    expect(done).toHaveLength(5)
    expect(new Set(done.map(({ body }) => body)).size).toBe(1)
    expect(new Set(refused.map(codeOf))).toEqual(new Set(['idempotency-key-reused']))
  })

  it('remembers a definite refusal for its key, even when it would succeed now', async () => {
    const customer = await newCustomer(platform.url)
    const key = freshKey()
    const first = await post(customer, '/balance/withdraw', '{"amount":"10"}', key)
    await customer.deposit('100')
    const again = await post(customer, '/balance/withdraw', '{"amount":"10"}', key)
    expect(first.status).toBe(422)
    expect(again.status).toBe(422)
    expect(again.body).toBe(first.body)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
  })
})
