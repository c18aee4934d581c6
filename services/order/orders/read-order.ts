import type { getOrder } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { orderAnswer } from './order-answer.ts'
import { loadOrder, orderKey } from './order-rows.ts'

/** Looked for among the customer's own, so that another's is as unknown as none. Throws `order-not-found`. */
export async function readOrder({
  store,
  userId,
  orderId,
}: {
  store: Pick<StoreReader, 'snapshot'>
  userId: string
  orderId: string
}): Promise<AnswerOf<typeof getOrder>> {
  const [row] = await store.snapshot([orderKey(userId, orderId)])
  if (row === undefined) throw new Problem('order-not-found')
  return { data: orderAnswer(loadOrder(orderId, row)) }
}
