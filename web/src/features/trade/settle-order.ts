/**
 * An order on its way: sent under the key of its review, and looked for under the same name when
 * nobody knows whether it arrived. Only the platform says that an order was filled.
 */
import type { Order, OrderBody, OrderPreview } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'

/** What is agreed to: one request, whose key and words stay the same however often it is sent. */
export type Review = {
  readonly key: string
  readonly body: OrderBody
  readonly preview: OrderPreview
  /** When the preview was answered; milliseconds. */
  readonly askedMs: number
}

export type Outcome =
  | { readonly kind: 'placed'; readonly order: Order }
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** `absent`: the platform was asked, and knows no such order so far. */
  | { readonly kind: 'unknown'; readonly problem: Problem; readonly absent: boolean }

export type OrderDoor = {
  place(body: OrderBody, key: string): Promise<Order>
  /** The newest orders in an asset. */
  latest(assetId: string): Promise<readonly Order[]>
}

export function reviewOf(
  body: OrderBody,
  preview: OrderPreview,
  { key, nowMs }: { readonly key: string; readonly nowMs: number },
): Review {
  const terms = { ...body, worst_price: preview.worst_price, client_order_id: key }
  return { key, body: terms, preview, askedMs: nowMs }
}

/** Sends the order, once or again: under one key it is filled once at most. Never throws. */
export async function sendOrder(review: Review, door: OrderDoor): Promise<Outcome> {
  try {
    return { kind: 'placed', order: await door.place(review.body, review.key) }
  } catch (thrown) {
    const problem = problemOf(thrown)
    return isDefinite(problem) ? { kind: 'refused', problem } : findOrder(review, problem, door)
  }
}

/** Asks whether the order arrived. `problem` is why nobody knows. Never throws. */
export async function findOrder(
  { key, body }: Review,
  problem: Problem,
  door: OrderDoor,
): Promise<Outcome> {
  try {
    const orders = await door.latest(body.asset_id)
    const order = orders.find(({ client_order_id }) => client_order_id === key)
    return order === undefined
      ? { kind: 'unknown', problem, absent: true }
      : { kind: 'placed', order }
  } catch {
    return { kind: 'unknown', problem, absent: false }
  }
}

/** A refusal says that nothing happened; a failure says nothing. */
const isDefinite = ({ status, code }: Problem): boolean => status < 500 || code === 'prices-stale'

export const problemOf = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem('dependency-down', { cause: thrown })
