/**
 * Which states an order goes through, as data. Every change of an order is checked against these
 * tables before it is written, in production too: a bug must end as an error, not as a state.
 */
import type { OrderStatus, OrderType } from '@cnop/contract/order.ts'

/** Which types of order can begin in a state; an order that begins ended was settled at once. */
const BEGINNINGS: Readonly<Record<OrderStatus, readonly OrderType[]>> = {
  pending: ['stop_loss', 'take_profit', 'trailing_stop', 'stop_limit_buy', 'stop_limit_sell'],
  queued: ['limit_buy', 'limit_sell', 'market_buy', 'market_sell'],
  processing: [],
  completed: ['market_buy', 'market_sell'],
  cancelled: [],
  expired: ['limit_buy', 'limit_sell', 'market_buy', 'market_sell'],
  failed: [],
  replaced: [],
}

const ENDINGS = ['cancelled', 'expired', 'failed', 'replaced'] as const

const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['queued', 'completed', ...ENDINGS],
  queued: ['processing', 'completed', ...ENDINGS],
  processing: ['processing', 'completed', ...ENDINGS],
  completed: [],
  cancelled: [],
  expired: [],
  failed: [],
  replaced: [],
}

/** What can still be filled, and so can be cancelled. */
export const isOpen = (status: OrderStatus): boolean => NEXT[status].length > 0

export class IllegalTransition extends Error {
  constructor(from: string, to: OrderStatus) {
    super(`An order cannot go from ${from} to ${to}`)
    this.name = 'IllegalTransition'
  }
}

type Stage = { readonly type: OrderType; readonly status: OrderStatus }

export function assertTransition(before: Stage | undefined, after: Stage): void {
  const legal =
    before === undefined
      ? BEGINNINGS[after.status].includes(after.type)
      : before.type === after.type && NEXT[before.status].includes(after.status)
  if (!legal) throw new IllegalTransition(before?.status ?? `new ${after.type}`, after.status)
}
