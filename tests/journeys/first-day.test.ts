/** What a customer does on the first day, in every topology. */
import { getProfile } from '@cnop/contract/auth.ts'
import {
  getAssetBalance,
  getBalance,
  getLimits,
  listAssetBalances,
  listCashTransactions,
} from '@cnop/contract/balance.ts'
import { getAsset, listAssets } from '@cnop/contract/inventory.ts'
import { formatUsd, parsePrice, parseUsd } from '@cnop/contract/money.ts'
import { getOrder, listAssetTransactions, listOrders, previewOrder } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory, verifyLedger } from '@cnop/contract/portfolio.ts'
import { logout } from '@cnop/contract/session.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Customer, newCustomer, rawCall, refusalOf } from '../customers.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import type { RunningPlatform } from '../topologies.ts'

const cents = (text: string): bigint => parseUsd(text) ?? -1n

describe.each(WITH_SCALED)('a first day, %s', (_, start) => {
  let platform: RunningPlatform
  let customer: Customer

  beforeAll(async () => {
    platform = await start()
    customer = await newCustomer(platform.url)
  })
  afterAll(() => platform?.stop())

  it('begins with an empty account and a market', async () => {
    const balance = await customer.call(getBalance, {})
    expect(balance).toMatchObject({
      current_balance: '0.00',
      held_balance: '0.00',
      currency: 'USD',
    })
    const market = await customer.call(listAssets, { query: { limit: 250 } })
    expect(market.data.length).toBeGreaterThanOrEqual(100)
    expect(
      market.data.every(
        ({ price_usd }) => price_usd !== null && (parsePrice(price_usd) ?? 0n) > 0n,
      ),
    ).toBe(true)
    expect(market.data.every(({ sparkline }) => sparkline.length === 42)).toBe(true)
    expect((await customer.call(getProfile, {})).username).toBe(customer.username)
  })

  it('goes from deposit to withdrawal with every figure agreeing', async () => {
    await customer.deposit('5000.00')
    expect((await customer.call(getLimits, {})).data.deposit.remaining).toBe('5000.00')

    const preview = (
      await customer.call(previewOrder, {
        body: { order_type: 'market_buy', asset_id: 'BTC', notional: '1000' },
      })
    ).data
    expect(cents(preview.total_amount)).toBeLessThanOrEqual(100_000n)

    const bought = await customer.order({
      order_type: 'market_buy',
      asset_id: 'BTC',
      notional: '1000',
      worst_price: preview.worst_price,
    })
    expect(bought).toMatchObject({
      status: 'completed',
      filled_quantity: bought.quantity,
      held_amount: '0.00',
    })
    expect(bought.fill?.model).toBe('quote')
    const also = await customer.order({
      order_type: 'market_buy',
      asset_id: 'ETH',
      quantity: 0.25 as unknown as string,
    })
    const all = (await customer.call(getAssetBalance, { params: { asset_id: 'BTC' } })).available
    const sold = await customer.order({
      order_type: 'market_sell',
      asset_id: 'BTC',
      quantity: all,
    })
    expect(sold.status).toBe('completed')

    const expected =
      500_000n - cents(bought.total_amount) - cents(also.total_amount) + cents(sold.total_amount)
    expect((await customer.call(getBalance, {})).available_balance).toBe(formatUsd(expected))
    expect(
      (await customer.call(listAssetBalances, {})).data.map(({ asset_id }) => asset_id),
    ).toEqual(['ETH'])

    const orders = await customer.call(listOrders, { query: { limit: 2 } })
    expect(orders.data.map(({ order_id }) => order_id)).toEqual([sold.order_id, also.order_id])
    const rest = await customer.call(listOrders, { query: { cursor: orders.next_cursor ?? '' } })
    expect(rest.data.map(({ order_id }) => order_id)).toEqual([bought.order_id])
    expect((await customer.call(getOrder, { params: { order_id: sold.order_id } })).data).toEqual(
      sold,
    )

    const trades = await customer.call(listAssetTransactions, { params: { asset_id: 'BTC' } })
    expect(trades.data.map(({ transaction_type }) => transaction_type)).toEqual(['sell', 'buy'])
    const ledger = await customer.call(listCashTransactions, {})
    expect(ledger.transactions.map(({ transaction_type }) => transaction_type)).toEqual([
      'order_sale',
      'order_payment',
      'order_payment',
      'deposit',
    ])
    expect(ledger.total_count).toBe(4)
    expect(ledger.transactions.reduce((sum, { amount }) => sum + cents(amount), 0n)).toBe(expected)

    const portfolio = await customer.call(getPortfolio, {})
    expect(cents(portfolio.total_value)).toBe(
      cents(portfolio.cash_balance) + cents(portfolio.assets_value),
    )
    expect(portfolio.assets.map(({ asset_id }) => asset_id)).toEqual(['ETH'])
    const history = await customer.call(getPortfolioHistory, { query: { period: '1d' } })
    expect(history.data.length).toBeGreaterThan(0)

    await customer.withdraw('100')
    expect((await customer.call(getBalance, {})).available_balance).toBe(
      formatUsd(expected - 10_000n),
    )
    const { data: proof } = await customer.call(verifyLedger, {})
    expect(proof.ok).toBe(true)
    expect(proof.events).toBe(5)
  })

  it('sends the market once a tick to a client that keeps it', async () => {
    const path = '/inventory/assets?limit=100'
    const askTwice = async () => {
      const etag = (await rawCall(platform.url, 'GET', path)).headers.get('etag') ?? ''
      return rawCall(platform.url, 'GET', path, { headers: { 'if-none-match': etag } })
    }
    const again = await vi.waitUntil(
      async () => {
        const answer = await askTwice()
        return answer.status === 304 && answer
      },
      { timeout: 5_000, interval: 50 },
    )
    expect(again.body).toBe('')
  })

  it('shows one price on the list and on the asset at one tick', async () => {
    const look = async () => {
      const [listed, detail] = await Promise.all([
        customer.call(listAssets, { query: { search: 'BTC', limit: 1 } }),
        customer.call(getAsset, { params: { asset_id: 'BTC' } }),
      ])
      return { listed: listed.data[0], detail: detail.data }
    }
    const { listed, detail } = await vi.waitUntil(
      async () => {
        const seen = await look()
        return seen.listed?.price_as_of === seen.detail.price_as_of && seen
      },
      { timeout: 5_000, interval: 50 },
    )
    expect(listed?.price_usd).toBe(detail.price_usd)
    expect(detail.availability_status).toBe('available')
  })

  it('ends with a sign-out after which the token opens nothing', async () => {
    await customer.call(logout, {})
    expect(await refusalOf(customer.call(getBalance, {}))).toBe('bad-token')
  })
})
