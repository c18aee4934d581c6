import { ORDER_STATUSES, ORDER_TYPES, type Order } from '@cnop/contract/order.ts'
import { expect, it } from 'vitest'
import {
  headline,
  isOpen,
  isPurchase,
  orderTypeName,
  quantityOf,
  statusName,
} from './order-words.ts'

const ORDER = {
  order_type: 'market_buy',
  asset_id: 'BTC',
  quantity: '2',
  filled_quantity: '0.5',
  status: 'completed',
} as Order

it('every type and every status of the contract has its own words', () => {
  expect(new Set(ORDER_TYPES.map(orderTypeName)).size).toBe(ORDER_TYPES.length)
  expect(new Set(ORDER_STATUSES.map(statusName)).size).toBe(ORDER_STATUSES.length)
})

it('only what is filled is said to be bought or sold', () => {
  expect(headline(ORDER, '2')).toBe('Bought 2 BTC')
  expect(headline({ ...ORDER, order_type: 'stop_loss' }, '2')).toBe('Sold 2 BTC')
  expect(headline({ ...ORDER, status: 'queued' }, '2')).toBe('Buy 2 BTC')
  expect(headline({ ...ORDER, order_type: 'limit_sell', status: 'cancelled' }, '2')).toBe(
    'Sell 2 BTC',
  )
})

it('an order can be cancelled until it has ended', () => {
  expect(ORDER_STATUSES.filter((status) => isOpen({ status }))).toEqual([
    'pending',
    'queued',
    'processing',
  ])
})

it('of a filled order the filled quantity counts, of any other the one asked for', () => {
  expect(quantityOf(ORDER)).toBe('2')
  expect(quantityOf({ ...ORDER, fill: {} as NonNullable<Order['fill']> })).toBe('0.5')
})

it('purchases are those that are called so', () => {
  expect(ORDER_TYPES.filter((order_type) => isPurchase({ order_type }))).toEqual([
    'market_buy',
    'limit_buy',
    'stop_limit_buy',
  ])
})
