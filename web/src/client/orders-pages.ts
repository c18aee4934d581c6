/** A listing of orders, page by page, as it changes with what is told of one of them. */
import type { listOrders, Order, OrderStatus } from '@cnop/contract/order.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { InfiniteData } from '@tanstack/react-query'

/** Which orders are meant. */
export type OrdersWish = {
  readonly asset_id?: string
  readonly status?: OrderStatus
  readonly order_type?: Order['order_type']
}

export type OrdersPage = AnswerOf<typeof listOrders>
export type OrdersPages = InfiniteData<OrdersPage, string | undefined>

/** The listing with the order where it belongs: in its place, at the top, or not in it any more. */
export function withOrder(known: OrdersPages, order: Order, wish: OrdersWish): OrdersPages {
  const isKnown = known.pages.some((page) => page.data.some((one) => isSame(one, order)))
  const pages = known.pages.map((page, index) => {
    const data = page.data.map((one) => (isSame(one, order) ? newerOf(one, order) : one))
    const all = isKnown || index > 0 ? data : [order, ...data]
    return { ...page, data: all.filter((one) => isMeant(one, wish)) }
  })
  return { ...known, pages }
}

const isSame = (one: Order, other: Order): boolean => one.order_id === other.order_id

const isMeant = (order: Order, { asset_id, status, order_type }: OrdersWish): boolean =>
  (asset_id === undefined || order.asset_id === asset_id) &&
  (status === undefined || order.status === status) &&
  (order_type === undefined || order.order_type === order_type)

/** An answer and the stream may overtake each other. */
export const newerOf = (known: Order | undefined, heard: Order): Order =>
  known !== undefined && Date.parse(known.updated_at) > Date.parse(heard.updated_at) ? known : heard
