/** The signed-in customer's orders. What the stream tells of one is put wherever it is listed. */
import { getOrder, listOrders, type Order } from '@cnop/contract/order.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask } from './door.ts'
import {
  newerOf,
  type OrdersPage,
  type OrdersPages,
  type OrdersWish,
  withOrder,
} from './orders-pages.ts'
import { OWN, queryClient } from './queries.ts'
import { onOwnChange } from './stream.ts'

const PAGE_LIMIT = 50

const LISTS = [OWN, 'orders', 'list']

export const ordersQuery = (wish: OrdersWish, limit: number = PAGE_LIMIT) =>
  infiniteQueryOptions({
    queryKey: [...LISTS, wish, limit],
    queryFn: ({ pageParam, signal }) =>
      ask(listOrders, { query: { ...wish, limit, ...cursorOf(pageParam) }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }: OrdersPage) => next_cursor,
  })

const cursorOf = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })

export const orderQuery = (orderId: string) =>
  queryOptions({
    queryKey: [OWN, 'orders', 'one', orderId],
    queryFn: async ({ signal }) =>
      (await ask(getOrder, { params: { order_id: orderId }, signal })).data,
  })

/** Every order that is meant, page after page, until there is no more or there are `max`. */
export async function allOrders(wish: OrdersWish, max: number): Promise<readonly Order[]> {
  const orders: Order[] = []
  let cursor: string | undefined
  do {
    const query = { ...wish, limit: 100, ...cursorOf(cursor) }
    const page: OrdersPage = await ask(listOrders, { query })
    orders.push(...page.data)
    cursor = page.next_cursor
  } while (cursor !== undefined && orders.length < max)
  return orders.slice(0, max)
}

onOwnChange((change) => {
  if (change.what === 'orders') putOrder(change.order)
})

/** Puts an order that the platform has told wherever orders are kept. */
export function putOrder(order: Order): void {
  queryClient.setQueryData(orderQuery(order.order_id).queryKey, (known) => newerOf(known, order))
  for (const { queryKey } of queryClient.getQueryCache().findAll({ queryKey: LISTS })) {
    const wish = queryKey[LISTS.length] as OrdersWish
    queryClient.setQueryData<OrdersPages>(
      queryKey,
      (known) => known && withOrder(known, order, wish),
    )
  }
}
