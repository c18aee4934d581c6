/** What a customer has to do with an asset, for its chart: what waits, what it cost, what was filled. */
import type { Order } from '@cnop/contract/order.ts'
import { t } from '../messages.ts'
import { isOpen, isPurchase, orderTypeName } from '../orders/order-words.ts'

/** A price that is drawn across the chart. */
export type ChartLine = {
  readonly key: string
  readonly price: string
  readonly title: string
  readonly kind: 'cost' | 'buy' | 'sell'
}

export type Fill = {
  readonly time: string
  readonly price: string
  readonly side: 'buy' | 'sell'
}

export type OwnMarks = { readonly lines: readonly ChartLine[]; readonly fills: readonly Fill[] }

export function ownMarks(cost: string | undefined, orders: readonly Order[]): OwnMarks {
  const waiting = orders.filter(isOpen).flatMap((order): readonly ChartLine[] => {
    const price = order.price ?? order.stop_price
    if (price === undefined) return []
    const title = orderTypeName(order.order_type)
    return [{ key: order.order_id, price, title, kind: sideOf(order) }]
  })
  const paid: readonly ChartLine[] =
    cost === undefined ? [] : [{ key: 'cost', price: cost, title: t('Average cost'), kind: 'cost' }]
  const fills = orders.flatMap((order): readonly Fill[] => {
    const { fill, completed_at } = order
    if (fill === undefined || completed_at === undefined) return []
    return [{ time: completed_at, price: fill.price, side: sideOf(order) }]
  })
  return { lines: [...paid, ...waiting], fills }
}

const sideOf = (order: Order): 'buy' | 'sell' => (isPurchase(order) ? 'buy' : 'sell')
