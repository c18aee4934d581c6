import type { Order } from '@cnop/contract/order.ts'
import { expect, it } from 'vitest'
import { ownMarks } from './own-marks.ts'

const ORDER = {
  order_id: 'one',
  order_type: 'market_buy',
  status: 'completed',
  completed_at: '2026-03-01T12:00:00Z',
  fill: { price: '100' },
} as Order

it('a fill is a mark at its price and moment, on its side', () => {
  const sold = { ...ORDER, order_id: 'two', order_type: 'market_sell' } as Order
  expect(ownMarks(undefined, [ORDER, sold])).toEqual({
    lines: [],
    fills: [
      { time: '2026-03-01T12:00:00Z', price: '100', side: 'buy' },
      { time: '2026-03-01T12:00:00Z', price: '100', side: 'sell' },
    ],
  })
})

it('what waits is a line at its price, and no more once it is over', () => {
  const { fill: _none, completed_at: _never, ...bare } = ORDER
  const waits = { ...bare, order_type: 'limit_buy', status: 'pending', price: '90' } as Order
  const stops = { ...bare, order_id: 'stop', order_type: 'stop_loss', status: 'queued' } as Order
  const over = { ...waits, order_id: 'over', status: 'cancelled' } as Order
  expect(ownMarks('95', [waits, { ...stops, stop_price: '80' }, over])).toEqual({
    lines: [
      { key: 'cost', price: '95', title: 'Average cost', kind: 'cost' },
      { key: 'one', price: '90', title: 'Limit buy', kind: 'buy' },
      { key: 'stop', price: '80', title: 'Stop loss', kind: 'sell' },
    ],
    fills: [],
  })
})
