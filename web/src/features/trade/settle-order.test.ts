import type { Order, OrderBody, OrderPreview } from '@cnop/contract/order.ts'
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import { describe, expect, it } from 'vitest'
import { findOrder, type OrderDoor, reviewOf, sendOrder } from './settle-order.ts'

const BODY: OrderBody = { order_type: 'market_buy', asset_id: 'BTC', notional: '100' }
const KEY = '00112233445566778899aabbccddeeff'

const PREVIEW: OrderPreview = {
  order_type: 'market_buy',
  asset_id: 'BTC',
  quantity: '0.002',
  price: '50000.00',
  quote_as_of: '2026-03-01T09:00:00.000Z',
  stale_after: '2026-03-01T09:00:05.000Z',
  worst_price: '50500.00',
  notional: '100.00',
  fee: '0.00',
  total_amount: '100.00',
  cash_after: '900.00',
  asset_after: '0.002',
}
const REVIEW = reviewOf(BODY, PREVIEW, { key: KEY, nowMs: 1 })

const orderOf = (body: OrderBody): Order => ({
  order_id: 'order-1',
  client_order_id: body.client_order_id ?? '',
  order_type: body.order_type,
  order_class: 'simple',
  asset_id: body.asset_id,
  quantity: '0.002',
  filled_quantity: '0.002',
  status: 'completed',
  time_in_force: 'gtc',
  total_amount: '100.00',
  fee: '0.00',
  held_amount: '0.00',
  created_at: '2026-03-01T09:00:01.000Z',
  updated_at: '2026-03-01T09:00:01.000Z',
})

/** A platform that keeps the contract's promise on keys, and whose answers may be lost. */
function platform() {
  const kept = new Map<string, Order>()
  const sent: { body: OrderBody; key: string }[] = []
  let loses: 'nothing' | 'requests' | 'answers' = 'nothing'
  let silent = false
  const door: OrderDoor = {
    async place(body, key) {
      sent.push({ body, key })
      if (loses === 'requests') throw new Problem('dependency-down')
      const order = kept.get(key) ?? orderOf(body)
      kept.set(key, order)
      if (loses === 'answers') throw new Problem('dependency-down')
      return order
    },
    async latest() {
      if (silent) throw new Problem('dependency-down')
      return [orderOf({ ...BODY, client_order_id: 'another' }), ...kept.values()]
    },
  }
  return {
    door,
    sent,
    filled: () => kept.size,
    lose(what: typeof loses) {
      loses = what
    },
    silence(wanted: boolean) {
      silent = wanted
    },
  }
}

it('what is sent is what was reviewed: the worst price and the name of the key', () => {
  expect(REVIEW.body).toEqual({ ...BODY, worst_price: '50500.00', client_order_id: KEY })
})

describe('an order on its way', () => {
  it('is placed when the platform says so', async () => {
    const { door, sent } = platform()
    expect(await sendOrder(REVIEW, door)).toMatchObject({ kind: 'placed' })
    expect(sent).toEqual([{ body: REVIEW.body, key: KEY }])
  })

  it('is found when only its answer was lost, without being sent again', async () => {
    const { door, sent, lose } = platform()
    lose('answers')
    expect(await sendOrder(REVIEW, door)).toMatchObject({
      kind: 'placed',
      order: { client_order_id: KEY },
    })
    expect(sent).toHaveLength(1)
  })

  it('is absent when it never arrived, and filled once when it is sent again', async () => {
    const { door, sent, lose, filled } = platform()
    lose('requests')
    expect(await sendOrder(REVIEW, door)).toMatchObject({ kind: 'unknown', absent: true })
    lose('nothing')
    expect(await sendOrder(REVIEW, door)).toMatchObject({ kind: 'placed' })
    expect(await sendOrder(REVIEW, door)).toMatchObject({ kind: 'placed' })
    expect(new Set(sent.map(({ key }) => key))).toEqual(new Set([KEY]))
    expect(new Set(sent.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(filled()).toBe(1)
  })

  it('is not called absent while nobody can be asked, and found as soon as somebody can', async () => {
    const { door, lose, silence } = platform()
    lose('answers')
    silence(true)
    const outcome = await sendOrder(REVIEW, door)
    expect(outcome).toMatchObject({ kind: 'unknown', absent: false })
    silence(false)
    const problem = new Problem('dependency-down')
    expect(await findOrder(REVIEW, problem, door)).toMatchObject({ kind: 'placed' })
  })

  it.each<[ProblemCode, string]>([
    ['insufficient-funds', 'refused'],
    ['price-moved', 'refused'],
    ['prices-stale', 'refused'],
    ['rate-limited', 'refused'],
    ['not-signed-in', 'refused'],
    ['dependency-down', 'unknown'],
    ['outcome-unknown', 'unknown'],
    ['internal-error', 'unknown'],
    ['store-unavailable', 'unknown'],
  ])('that ends with %s is %s', async (code, kind) => {
    const { door } = platform()
    const failing = { ...door, place: () => Promise.reject(new Problem(code)) }
    expect(await sendOrder(REVIEW, failing)).toMatchObject({ kind, problem: { code } })
  })
})
