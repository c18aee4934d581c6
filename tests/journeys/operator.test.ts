/** What an operator does by hand, and what the customer sees of it, in every topology. */
import { getAssetBalance, getBalance, listCashTransactions } from '@cnop/contract/balance.ts'
import { getAsset } from '@cnop/contract/inventory.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, newCustomer, rawCall, refusalOf, signedIn } from '../customers.ts'
import { runOperator } from '../operators.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import type { RunningPlatform } from '../topologies.ts'

const BUY = { order_type: 'market_buy', asset_id: 'BTC', notional: '100' } as const

describe.each(WITH_SCALED)('an operator, %s', (_, start) => {
  let platform: RunningPlatform
  let customer: Customer

  beforeAll(async () => {
    platform = await start()
    customer = await newCustomer(platform.url)
    await customer.deposit('1000.00')
  })
  afterAll(() => platform?.stop())

  const operator = (...args: readonly string[]): Promise<string> =>
    runOperator(platform, [...args, '--reason', 'a journey'])

  const available = async () => (await customer.call(getBalance, {})).available_balance

  it('freezes an account, which then moves nothing, and releases it', async () => {
    expect(await operator('freeze', customer.username)).toBe(
      `The account of ${customer.username} (${customer.userId}) is frozen.\n`,
    )
    expect(await refusalOf(customer.deposit('1.00'))).toBe('account-frozen')
    expect(await refusalOf(customer.withdraw('1.00'))).toBe('account-frozen')
    expect(await refusalOf(customer.order(BUY))).toBe('account-frozen')
    expect(await available()).toBe('1000.00')
    await operator('release', `${customer.username.toUpperCase()}@example.org`)
    await customer.deposit('1.00')
    expect(await available()).toBe('1001.00')
  })

  it('freezes who has never moved money, before they do', async () => {
    const suspect = await newCustomer(platform.url)
    await operator('freeze', suspect.username)
    expect(await refusalOf(suspect.deposit('1.00'))).toBe('account-frozen')
    expect((await suspect.call(verifyLedger, {})).data.ok).toBe(true)
    expect((await suspect.call(getBalance, {})).available_balance).toBe('0.00')
    await operator('release', suspect.userId)
    await suspect.deposit('1.00')
  })

  it('finds what operators did, and what was refused, in the security log', async () => {
    const suspect = await newCustomer(platform.url)
    await operator('freeze', suspect.username)
    await expect(operator('halt', 'NOSUCH')).rejects.toBeDefined()
    const table = await runOperator(platform, ['security-log', '--kind', 'operator-acted'])
    expect(table).toMatch(
      new RegExp(`done +grace ${suspect.userId} .*setAccountStatus ${suspect.userId}: a journey`),
    )
    expect(table).toMatch(/refused +grace .*haltAsset NOSUCH, asset-not-found: a journey/)
    const theirs = await runOperator(platform, [
      ...['security-log', '--user', suspect.username, '--json'],
    ])
    const kinds = theirs
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind)
    expect(kinds).toEqual(['operator-acted', 'signed-in', 'user-registered'])
  })

  it('rotates the keys: tokens end, and a sign-in goes on', async () => {
    const before = await newCustomer(platform.url)
    expect(await operator('rotate-keys')).toMatch(/^Tokens are signed with the new key \S+\.\n$/)
    await expect.poll(() => refusalOf(before.call(getBalance, {})).catch(String)).toBe('bad-token')
    const after = await signedIn(platform.url, before)
    expect((await after.call(getBalance, {})).available_balance).toBe('0.00')
    customer = await signedIn(platform.url, customer)
  })

  it('halts an asset, which then does not trade, and allows it again', async () => {
    expect(await operator('halt', 'BTC')).toBe('Trading in BTC is halted.\n')
    // A replica that was not told hears of it, and the door keeps what is public for a second.
    const seen = async () => (await customer.call(getAsset, { params: { asset_id: 'BTC' } })).data
    const halted = { availability_status: 'halted', is_active: false }
    await expect.poll(seen, { timeout: 2_000 }).toMatchObject(halted)
    expect(await refusalOf(customer.order(BUY))).toBe('asset-halted')
    expect(await operator('unhalt', 'BTC')).toBe('Trading in BTC is allowed.\n')
    await expect
      .poll(() => customer.order(BUY).catch(String))
      .toMatchObject({
        status: 'completed',
      })
  })

  it('corrects cash and holdings with events that the books contain', async () => {
    const before = await available()
    await operator('adjust', customer.userId, 'USD', '12.34', '--corrects', '1')
    await operator('adjust', customer.userId, 'USD', '-12.34')
    expect(await available()).toBe(before)
    const { transactions } = await customer.call(listCashTransactions, {
      query: { type: 'system_adjustment' },
    })
    expect(transactions.map(({ amount }) => amount)).toEqual(['-12.34', '12.34'])

    await operator('adjust', customer.username, 'ETH', '0.5')
    await operator('adjust', customer.username, 'ETH', '-0.2')
    const eth = await customer.call(getAssetBalance, { params: { asset_id: 'ETH' } })
    expect(eth.available).toBe('0.3')
    const { data: proof } = await customer.call(verifyLedger, {})
    expect(proof.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(proof.ok).toBe(true)
  })

  it('takes away no more than there is', async () => {
    const before = await available()
    await expect(operator('adjust', customer.username, 'USD', '-1000000')).rejects.toMatch(
      /is available\.\n$/,
    )
    await expect(operator('adjust', customer.username, 'ETH', '-1')).rejects.toMatch(
      /^0\.3 ETH is available\.\n$/,
    )
    expect(await available()).toBe(before)
  })

  it('is told of a user or an asset that is not there', async () => {
    await expect(operator('freeze', 'nobody_here')).rejects.toBe('There is no such user.\n')
    await expect(operator('freeze', '01J00000000000000000000000')).rejects.toBe(
      'There is no such user.\n',
    )
    await expect(operator('halt', 'NOSUCH')).rejects.toBe('There is no such asset.\n')
  })

  it('has no routes at the public door', async () => {
    for (const [method, path] of [
      ['GET', `/internal/operator/users/${customer.username}`],
      ['POST', '/internal/operator/assets/BTC/halt'],
      ['POST', `/internal/operator/accounts/${customer.userId}/status`],
    ] as const) {
      const answer = await rawCall(platform.url, method, path, {
        ...(method === 'POST' ? { body: '{"reason":"a journey"}' } : {}),
        token: customer.token,
      })
      expect(answer.status).toBe(404)
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'route-not-found' })
    }
  })
})
