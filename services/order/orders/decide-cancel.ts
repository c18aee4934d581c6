/** Cancelling: an open order ends and what it held is available again. */
import { USD_SCALE } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Change } from '../ledger/change.ts'
import type { Posting } from '../ledger/journal-rows.ts'
import type { Order, OrderState } from './order-rows.ts'

const OPEN = ['pending', 'queued', 'processing']

/** Throws `order-not-found` or `order-not-open`. */
export function decideCancel(
  order: Order | undefined,
  at: string,
): Change & { readonly order: OrderState } {
  if (order === undefined) throw new Problem('order-not-found')
  if (!OPEN.includes(order.status)) {
    throw new Problem('order-not-open', { detail: `The order is ${order.status}.` })
  }
  return {
    type: 'order-cancelled',
    postings: order.hold === 0n ? [] : [released(order)],
    order: { ...order, status: 'cancelled', hold: 0n, updatedAt: at, completedAt: at },
  }
}

function released({ type, asset, scale, hold }: Order): Posting {
  const account = type.endsWith('_buy') ? { asset: 'USD', scale: USD_SCALE } : { asset, scale }
  return { ...account, a: hold, h: -hold, xT: 0n, xF: 0n, xE: 0n, cost: 0n, realized: 0n }
}
