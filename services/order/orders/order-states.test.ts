import {
  ORDER_STATUSES,
  ORDER_TYPES,
  type OrderStatus,
  type OrderType,
} from '@cnop/contract/order.ts'
import { describe, expect, it } from 'vitest'
import { assertTransition, IllegalTransition, isOpen } from './order-states.ts'

const ENDS = ['cancelled', 'expired', 'failed', 'replaced']

/** As the law says it, row by row. */
const LEGAL: Record<OrderStatus, readonly string[]> = {
  pending: ['queued', 'completed', ...ENDS],
  queued: ['processing', 'completed', ...ENDS],
  processing: ['processing', 'completed', ...ENDS],
  completed: [],
  cancelled: [],
  expired: [],
  failed: [],
  replaced: [],
}

const MARKETS: readonly OrderType[] = ['market_buy', 'market_sell']
const LIMITS: readonly OrderType[] = ['limit_buy', 'limit_sell']
const BIRTHS: Partial<Record<OrderStatus, readonly OrderType[]>> = {
  pending: ORDER_TYPES.filter((type) => ![...MARKETS, ...LIMITS].includes(type)),
  queued: [...MARKETS, ...LIMITS],
  completed: MARKETS,
  expired: [...MARKETS, ...LIMITS],
}

describe('an order', () => {
  const pairs = ORDER_STATUSES.flatMap((from) => ORDER_STATUSES.map((to) => [from, to] as const))

  it.each(pairs)('from %s to %s goes exactly when the table says so', (from, to) => {
    const change = () =>
      assertTransition({ type: 'limit_buy', status: from }, { type: 'limit_buy', status: to })
    if (LEGAL[from].includes(to)) expect(change).not.toThrow()
    else expect(change).toThrow(IllegalTransition)
  })

  const births = ORDER_STATUSES.flatMap((to) => ORDER_TYPES.map((type) => [type, to] as const))

  it.each(births)('of type %s begins as %s exactly when the table says so', (type, to) => {
    const begin = () => assertTransition(undefined, { type, status: to })
    if (BIRTHS[to]?.includes(type)) expect(begin).not.toThrow()
    else expect(begin).toThrow(IllegalTransition)
  })

  it('never becomes an order of another type', () => {
    expect(() =>
      assertTransition(
        { type: 'limit_buy', status: 'queued' },
        { type: 'limit_sell', status: 'completed' },
      ),
    ).toThrow(IllegalTransition)
  })

  it.each<[string, () => void, string]>([
    [
      'that has ended and goes on',
      () =>
        assertTransition(
          { type: 'limit_buy', status: 'cancelled' },
          { type: 'limit_buy', status: 'queued' },
        ),
      'An order cannot go from cancelled to queued',
    ],
    [
      'that begins where none does',
      () => assertTransition(undefined, { type: 'limit_buy', status: 'processing' }),
      'An order cannot go from new limit_buy to processing',
    ],
  ])('%s is an error that says from where to where', (_, change, message) => {
    expect(change).toThrow(expect.objectContaining({ name: 'IllegalTransition', message }))
  })

  it('is open while it can still be filled', () => {
    expect(ORDER_STATUSES.filter(isOpen)).toEqual(['pending', 'queued', 'processing'])
  })
})
