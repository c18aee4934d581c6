import type { Order } from '@cnop/contract/order.ts'
import { expect, test } from 'vitest'
import { countingReads } from '../testing/counting-store.ts'
import {
  createSamplePlatform,
  SAMPLE_TRACE,
  type SamplePlatform,
} from '../testing/sample-account.ts'
import { orderKey } from './order-rows.ts'
import { readAssetTransactions } from './read-asset-transactions.ts'
import { readOrder } from './read-order.ts'
import { readOrders } from './read-orders.ts'

const START = '2026-03-01T10:00:00.000Z'

function platformWithMarket(): SamplePlatform {
  const platform = createSamplePlatform({ at: START })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '50000.00' })
  platform.setAsset('ETH', { name: 'Ether', scale: 6, price: '2000.00' })
  platform.setAsset('NEW', { name: 'New', scale: 0 })
  return platform
}

type Platform = Pick<SamplePlatform, 'store' | 'prices'>
type OrdersQuery = Parameters<typeof readOrders>[0]['query']

const orders = ({ store }: Pick<SamplePlatform, 'store'>, query: OrdersQuery = {}) =>
  readOrders({ store, userId: 'ada', query })

const transactions = (
  { store, prices }: Platform,
  assetId: string,
  query: { limit?: number; cursor?: string } = {},
) => readAssetTransactions({ store, prices, userId: 'ada', assetId, query, trace: SAMPLE_TRACE })

type Page = { data: readonly unknown[]; has_more: boolean; next_cursor?: string }

async function everyPage(read: (cursor: { cursor?: string }) => Promise<Page>) {
  const data: unknown[] = []
  let page = await read({})
  data.push(...page.data)
  while (page.next_cursor !== undefined) {
    expect(page.has_more).toBe(true)
    page = await read({ cursor: page.next_cursor })
    data.push(...page.data)
  }
  expect(page.has_more).toBe(false)
  return data
}

test('an order is read as it was answered when it was placed', async () => {
  const platform = platformWithMarket()
  const ada = platform.account('ada')
  await ada.deposit('1000')
  const orderId = await ada.buy('BTC', '0.002')
  expect(await readOrder({ store: platform.store, userId: 'ada', orderId })).toEqual({
    data: {
      order_id: orderId,
      order_type: 'market_buy',
      order_class: 'simple',
      asset_id: 'BTC',
      quantity: '0.002',
      filled_quantity: '0.002',
      status: 'completed',
      time_in_force: 'gtc',
      total_amount: '100.00',
      fee: '0.00',
      held_amount: '0.00',
      fill: {
        price: '50000.00',
        quote: `test:${Date.parse(START) - 250}`,
        quote_age_ms: 250,
        source: 'test',
        model: 'quote',
      },
      created_at: START,
      updated_at: START,
      completed_at: START,
    },
  })
})

test("a stranger's order looks like no order", async () => {
  const platform = platformWithMarket()
  await platform.account('ada').deposit('1000')
  const orderId = await platform.account('ada').buy('BTC', '0.002')
  const refusalOf = (wanted: { userId: string; orderId: string }) =>
    readOrder({ store: platform.store, ...wanted }).catch((refusal: unknown) => refusal)
  const unknown = await refusalOf({ userId: 'eve', orderId: 'NONE' })
  const strangers = await refusalOf({ userId: 'eve', orderId })
  expect(unknown).toMatchObject({ code: 'order-not-found' })
  expect(strangers).toEqual(unknown)
  expect(await readOrders({ ...platform, userId: 'eve', query: {} })).toEqual({
    data: [],
    has_more: false,
  })
})

/** 240 orders: BTC bought, ETH bought, BTC sold, and so on; every sixteenth was cancelled. */
async function manyOrders() {
  const platform = platformWithMarket()
  const ada = platform.account('ada')
  await ada.deposit('100000')
  for (let order = 0; order < 240; order += 1) {
    platform.setTime(new Date(Date.parse(START) + 1_000 * order).toISOString())
    const id =
      order % 3 === 2
        ? await ada.sell('BTC', '0.0001')
        : await ada.buy(order % 3 === 0 ? 'BTC' : 'ETH', '0.001')
    if (order % 16 === 15) {
      const key = orderKey('ada', id)
      const set = { status: 'cancelled' }
      await platform.store.transact([{ kind: 'update', key, set }], { token: id })
    }
  }
  return platform
}

test('the pages of orders, under any filter, put together are one pass, newest first', async () => {
  const platform = await manyOrders()
  const all = (await everyPage((cursor) => orders(platform, { limit: 100, ...cursor }))) as Order[]
  expect(all).toHaveLength(240)
  const times = all.map((order) => order.created_at)
  expect(times).toEqual(times.toSorted().toReversed())
  const filters: OrdersQuery[] = [
    {},
    { asset_id: 'ETH' },
    { status: 'cancelled' },
    { order_type: 'market_sell' },
    { asset_id: 'BTC', status: 'cancelled', order_type: 'market_buy' },
    { asset_id: 'DOGE' },
    { status: 'pending' },
  ]
  for (const filter of filters) {
    for (const limit of [3, 50]) {
      const pages = await everyPage((cursor) => orders(platform, { ...filter, limit, ...cursor }))
      const wanted = all.filter(
        (order) =>
          (filter.asset_id === undefined || order.asset_id === filter.asset_id) &&
          (filter.status === undefined || order.status === filter.status) &&
          (filter.order_type === undefined || order.order_type === filter.order_type),
      )
      expect(pages, JSON.stringify(filter)).toEqual(wanted)
    }
  }
})

test('the last page of orders costs what the first one costs', async () => {
  const { store, reads, rowsRead, reset } = countingReads((await manyOrders()).store)
  const first = await orders({ store }, { limit: 10 })
  const cost = [reads(), rowsRead()]
  reset()
  const all = await everyPage((cursor) => orders({ store }, { limit: 10, ...cursor }))
  expect(all).toHaveLength(240)
  expect([reads(), rowsRead()]).toEqual(cost.map((each) => each * 24))
  expect(first.data).toHaveLength(10)
})

test('the transactions of an asset are its filled orders, with side, price and total', async () => {
  const platform = platformWithMarket()
  const ada = platform.account('ada')
  await ada.deposit('1000')
  const bought = await ada.buy('BTC', '0.01')
  await ada.buy('ETH', '0.1')
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '60000.00' })
  platform.setTime('2026-03-02T10:00:00.000Z')
  const sold = await ada.sell('BTC', '0.004')
  expect(await transactions(platform, 'BTC')).toEqual({
    data: [
      {
        asset_id: 'BTC',
        transaction_type: 'sell',
        quantity: '0.004',
        price: '60000.00',
        total_amount: '240.00',
        status: 'completed',
        timestamp: '2026-03-02T10:00:00.000Z',
        order_id: sold,
      },
      {
        asset_id: 'BTC',
        transaction_type: 'buy',
        quantity: '0.01',
        price: '50000.00',
        total_amount: '500.00',
        status: 'completed',
        timestamp: START,
        order_id: bought,
      },
    ],
    has_more: false,
  })
})

test('the pages of the transactions of an asset put together are one pass', async () => {
  const platform = await manyOrders()
  const paged = await everyPage((cursor) => transactions(platform, 'BTC', { limit: 7, ...cursor }))
  expect(paged).toHaveLength(160)
  const whole = await everyPage((cursor) =>
    transactions(platform, 'BTC', { limit: 100, ...cursor }),
  )
  expect(paged).toEqual(whole)
})

test('an asset that was never traded has no transactions, and one that is none is not found', async () => {
  const platform = platformWithMarket()
  expect(await transactions(platform, 'NEW')).toEqual({ data: [], has_more: false })
  await expect(transactions(platform, 'NONE')).rejects.toMatchObject({ code: 'asset-not-found' })
})

test('transactions are told while inventory is down', async () => {
  const platform = platformWithMarket()
  await platform.account('ada').deposit('1000')
  await platform.account('ada').buy('BTC', '0.01')
  platform.prices.setDown(true)
  expect((await transactions(platform, 'BTC')).data).toHaveLength(1)
  expect((await transactions(platform, 'ETH')).data).toEqual([])
})
