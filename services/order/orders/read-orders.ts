import type { listOrders } from '@cnop/contract/order.ts'
import type { AnswerOf, QueryOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../ledger/account-rows.ts'
import { readListing } from '../ledger/read-listing.ts'
import { orderAnswer } from './order-answer.ts'
import { loadOrder, ORDER_RANGE, type Order, orderIdOfKey, orderKey } from './order-rows.ts'

export async function readOrders({
  store,
  userId,
  query: { limit, cursor, asset_id, status, order_type },
}: {
  store: Pick<StoreReader, 'query'>
  userId: string
  query: QueryOf<typeof listOrders>
}): Promise<AnswerOf<typeof listOrders>> {
  return readOrderPage({
    store,
    userId,
    limit,
    cursor,
    itemOf: (order) =>
      (asset_id ?? order.asset) === order.asset &&
      (status ?? order.status) === order.status &&
      (order_type ?? order.type) === order.type
        ? orderAnswer(order)
        : undefined,
  })
}

/** A listing made of orders, newest first; the cursor is the id of the last one looked at. */
export async function readOrderPage<Item>({
  store,
  userId,
  limit,
  cursor,
  itemOf,
}: {
  store: Pick<StoreReader, 'query'>
  userId: string
  limit: number | undefined
  cursor: string | undefined
  itemOf: (order: Order) => Item | undefined
}): Promise<{ data: Item[]; has_more: boolean; next_cursor?: string }> {
  const { items, next } = await readListing(store, {
    partition: partitionOf(userId),
    range: ORDER_RANGE,
    after: cursor === undefined ? undefined : orderKey(userId, cursor).sk,
    limit,
    itemOf: ({ sk, row }) => itemOf(loadOrder(orderIdOfKey(sk), row)),
  })
  return {
    data: [...items],
    has_more: next !== undefined,
    ...(next === undefined ? {} : { next_cursor: orderIdOfKey(next) }),
  }
}
