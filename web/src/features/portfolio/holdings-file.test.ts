import { expect, it } from 'vitest'
import { csvOf } from '../../format/csv.ts'
import { HISTORY_COLUMNS, HOLDING_COLUMNS, historyRows, holdingRows } from './holdings-file.ts'
import { worthOf } from './worth.ts'

const PORTFOLIO = {
  total_value: '210.00',
  cash_balance: '10.00',
  assets_value: '200.00',
  day_change: '0.00',
  unrealized_pnl: '-50.00',
  realized_pnl: '0.00',
  as_of: '2026-03-01T09:00:00.000Z',
  assets: [
    {
      asset_id: 'BTC',
      asset_name: '=HYPERLINK("x"), Inc',
      quantity: '0.002',
      current_price: null,
      market_value: '200.00',
      percentage: '95.24',
      average_cost: '125000.00',
      unrealized_pnl: '-50.00',
    },
  ],
}

it('a file of holdings has plain decimals and runs no formula', () => {
  const rows = holdingRows(
    PORTFOLIO,
    worthOf(PORTFOLIO, () => undefined),
  )
  expect(csvOf(HOLDING_COLUMNS, rows)).toBe(
    'asset_id,asset_name,quantity,price_usd,value_usd,share_percent,average_cost_usd,cost_usd,profit_usd,profit_percent,as_of\r\n' +
      `BTC,"'=HYPERLINK(""x""), Inc",0.002,,200.00,95.24,125000.00,250.00,-50.00,-20.00,2026-03-01T09:00:00.000Z\r\n`,
  )
})

it('a file of the history has a cell for each of its columns', () => {
  const [row] = historyRows([
    {
      asset_id: 'BTC',
      transaction_type: 'sell',
      quantity: '0.001',
      price: '100000.00',
      total_amount: '99.90',
      status: 'completed',
      timestamp: '2026-03-01T09:00:00.000Z',
      order_id: 'order-1',
    },
  ])
  expect(Object.fromEntries(HISTORY_COLUMNS.map((name, index) => [name, row?.[index]]))).toEqual({
    time: '2026-03-01T09:00:00.000Z',
    type: 'sell',
    asset_id: 'BTC',
    quantity: '0.001',
    price_usd: '100000.00',
    total_usd: '99.90',
    status: 'completed',
    order_id: 'order-1',
  })
  expect(row).toHaveLength(HISTORY_COLUMNS.length)
})
