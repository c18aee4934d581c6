import type { Order } from '@cnop/contract/order.ts'
import { expect, it } from 'vitest'
import { withOrder } from './orders-pages.ts'

const order = (order_id: string, change: Partial<Order> = {}): Order => ({
  order_id,
  order_type: 'market_buy',
  order_class: 'simple',
  asset_id: 'BTC',
  quantity: '1',
  filled_quantity: '1',
  status: 'completed',
  time_in_force: 'gtc',
  total_amount: '10.00',
  fee: '0.00',
  held_amount: '0.00',
  created_at: '2026-03-01T09:00:00.000Z',
  updated_at: '2026-03-01T09:00:00.000Z',
  ...change,
})

const listed = (...pages: readonly (readonly Order[])[]) => ({
  pages: pages.map((data) => ({ data: [...data], has_more: false })),
  pageParams: pages.map(() => undefined),
})

const shown = (known: ReturnType<typeof withOrder>) =>
  known.pages.map(({ data }) => data.map(({ order_id, status }) => `${order_id} ${status}`))

const OPEN = order('b', { status: 'queued' })
const LATER = '2026-03-01T09:00:01.000Z'

it('a new order stands at the top of the listing, once', () => {
  const once = withOrder(listed([order('b')], [order('a')]), order('c'), {})
  expect(shown(once)).toEqual([['c completed', 'b completed'], ['a completed']])
  expect(shown(withOrder(once, order('c'), {}))).toEqual(shown(once))
})

it('a known order changes in its place, on whatever page it is', () => {
  const known = listed([order('c')], [OPEN, order('a')])
  const cancelled = order('b', { status: 'cancelled', updated_at: LATER })
  expect(shown(withOrder(known, cancelled, {}))).toEqual([
    ['c completed'],
    ['b cancelled', 'a completed'],
  ])
})

it('an older word about an order does not undo a newer one', () => {
  const known = listed([order('b', { status: 'cancelled', updated_at: LATER })])
  expect(shown(withOrder(known, OPEN, {}))).toEqual([['b cancelled']])
})

it('an order that a filter does not mean is not listed, and leaves when it changes so', () => {
  expect(shown(withOrder(listed([]), order('c'), { asset_id: 'ETH' }))).toEqual([[]])
  expect(shown(withOrder(listed([]), order('c'), { order_type: 'market_sell' }))).toEqual([[]])
  const cancelled = order('b', { status: 'cancelled', updated_at: LATER })
  expect(shown(withOrder(listed([OPEN]), cancelled, { status: 'queued' }))).toEqual([[]])
})
