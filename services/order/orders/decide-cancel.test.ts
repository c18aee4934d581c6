import { ORDER_STATUSES } from '@cnop/contract/order.ts'
import { expect, it } from 'vitest'
import { AT, refusalOf } from '../testing/circumstances.ts'
import { decideCancel } from './decide-cancel.ts'
import type { Order } from './order-rows.ts'

const OPEN: Order = {
  id: 'order-1',
  type: 'limit_buy',
  orderClass: 'simple',
  asset: 'BTC',
  scale: 8,
  timeInForce: 'gtc',
  price: 50_000n * 10n ** 12n,
  quantity: 1_000_000n,
  filled: 0n,
  status: 'queued',
  total: 0n,
  fee: 0n,
  hold: 50_000n,
  version: 1n,
  placedSeq: 3n,
  seq: 3n,
  createdAt: '2026-03-01T09:00:00.000Z',
  updatedAt: '2026-03-01T09:00:00.000Z',
}

it('cancelling a purchase gives back the cash it held', () => {
  const change = decideCancel(OPEN, AT)
  expect(change).toMatchObject({
    type: 'order-cancelled',
    postings: [{ asset: 'USD', scale: 2, a: 50_000n, h: -50_000n, xT: 0n, xF: 0n, xE: 0n }],
    order: { status: 'cancelled', hold: 0n, updatedAt: AT, completedAt: AT },
  })
  expect(change.order.createdAt).toBe(OPEN.createdAt)
})

it('cancelling a sale gives back the asset it held', () => {
  const { postings } = decideCancel({ ...OPEN, type: 'limit_sell', hold: 1_000_000n }, AT)
  expect(postings).toMatchObject([{ asset: 'BTC', scale: 8, a: 1_000_000n, h: -1_000_000n }])
})

it('cancelling what holds nothing moves nothing', () => {
  expect(decideCancel({ ...OPEN, status: 'pending', hold: 0n }, AT).postings).toEqual([])
})

it('what was filled before stays filled', () => {
  const partly: Order = {
    ...OPEN,
    status: 'processing',
    filled: 400_000n,
    total: 20_000n,
    hold: 30_000n,
  }
  expect(decideCancel(partly, AT).order).toMatchObject({ filled: 400_000n, total: 20_000n })
})

it('an order that is not there is not found', () => {
  expect(refusalOf(() => decideCancel(undefined, AT))).toBe('order-not-found')
})

const OPEN_STATES = ['pending', 'queued', 'processing']

it.each(ORDER_STATUSES)('an order that is %s is cancelled only when that is open', (status) => {
  const code = OPEN_STATES.includes(status) ? undefined : 'order-not-open'
  expect(refusalOf(() => decideCancel({ ...OPEN, status }, AT))).toBe(code)
})

it('whoever comes too late is told what has become of the order', () => {
  const late = () =>
    decideCancel({ ...OPEN, status: 'completed', filled: 1_000_000n, hold: 0n }, AT)
  expect(late).toThrow(expect.objectContaining({ detail: 'The order is completed.' }))
})
