import type { Order } from '@cnop/contract/order.ts'
import { csvOf } from '../../format/csv.ts'

const NAMES = [
  'order_id',
  'created_at',
  'completed_at',
  'order_type',
  'asset_id',
  'status',
  'quantity',
  'filled_quantity',
  'price',
  'fee',
  'total_amount',
  'client_order_id',
] as const

/** Orders as the wire names and writes them, for spreadsheets and programs. */
export const ordersCsv = (orders: readonly Order[]): string =>
  csvOf(
    NAMES,
    orders.map((order) => {
      const price = order.fill?.price ?? order.price
      return NAMES.map((name) => (name === 'price' ? price : order[name]) ?? '')
    }),
  )
