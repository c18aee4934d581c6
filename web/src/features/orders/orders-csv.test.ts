import type { Order } from '@cnop/contract/order.ts'
import { expect, it } from 'vitest'
import { ordersCsv } from './orders-csv.ts'

const ORDER: Order = {
  order_id: '01ABC',
  client_order_id: '-mine',
  order_type: 'market_buy',
  order_class: 'simple',
  asset_id: 'BTC',
  quantity: '0.002',
  filled_quantity: '0.002',
  status: 'completed',
  time_in_force: 'gtc',
  total_amount: '100.25',
  fee: '0.25',
  held_amount: '0.00',
  fill: { price: '50000.00', quote: 'test:1', quote_age_ms: 5, source: 'test', model: 'quote' },
  created_at: '2026-03-01T09:00:00.000Z',
  updated_at: '2026-03-01T09:00:00.000Z',
  completed_at: '2026-03-01T09:00:00.000Z',
}
const { fill: _fill, completed_at: _completed, client_order_id: _name, ...OPEN } = ORDER

it('an order is one line with the price it was filled at, or the one it waits for', () => {
  const waiting: Order = { ...OPEN, order_type: 'limit_buy', status: 'queued', price: '40000.00' }
  expect(ordersCsv([ORDER, waiting]).split('\r\n')).toEqual([
    'order_id,created_at,completed_at,order_type,asset_id,status,quantity,filled_quantity,price,fee,total_amount,client_order_id',
    "01ABC,2026-03-01T09:00:00.000Z,2026-03-01T09:00:00.000Z,market_buy,BTC,completed,0.002,0.002,50000.00,0.25,100.25,'-mine",
    '01ABC,2026-03-01T09:00:00.000Z,,limit_buy,BTC,queued,0.002,0.002,40000.00,0.25,100.25,',
    '',
  ])
})
