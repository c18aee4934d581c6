import {
  ORDER_STATUSES,
  ORDER_TYPES,
  Order as OrderSchema,
  TIMES_IN_FORCE,
} from '@cnop/contract/order.ts'
import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { orderAnswer, orderOfAnswer } from './order-answer.ts'
import type { Order } from './order-rows.ts'

const units = fc.bigInt({ min: 0n, max: 10n ** 26n - 1n })
const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)
const at = fc.constant('2026-03-01T12:00:00.000Z')
const optional = {
  clientOrderId: word,
  notional: units,
  worstPrice: units,
  price: units,
  stopPrice: units,
  statusReason: word,
  fill: fc.record({ price: units, tick: word, ageMs: fc.nat(), source: word }),
  replaces: word,
  replacedBy: word,
  completedAt: at,
}
const required = {
  id: word,
  type: fc.constantFrom(...ORDER_TYPES),
  orderClass: fc.constant('simple' as const),
  asset: fc.stringMatching(/^[A-Z0-9]{1,10}$/),
  scale: fc.nat(18),
  timeInForce: fc.constantFrom(...TIMES_IN_FORCE),
  quantity: units,
  filled: units,
  status: fc.constantFrom(...ORDER_STATUSES),
  total: units,
  fee: units,
  hold: units,
  version: units,
  placedSeq: units,
  seq: units,
  createdAt: at,
  updatedAt: at,
}
const order: fc.Arbitrary<Order> = fc.record(
  { ...required, ...optional },
  { requiredKeys: Object.keys(required) as (keyof typeof required)[] },
)

const schema = Compile(OrderSchema)

it('an order is answered as the contract says, and read back as it was', () => {
  fc.assert(
    fc.property(order, (value) => {
      const answer = orderAnswer(value)
      expect(schema.Check(answer)).toBe(true)
      const { scale, version, placedSeq, seq, notional, worstPrice } = value
      const context = { scale, version, placedSeq, seq, notional, worstPrice }
      expect(orderOfAnswer(JSON.parse(JSON.stringify(answer)), context)).toEqual(value)
    }),
    { numRuns: 1_000 },
  )
})

it('an answer with a number that is none is refused', () => {
  const value = fc.sample(order, { numRuns: 1, seed: 1 })[0]!
  const answer = { ...orderAnswer(value), total_amount: '12.345' }
  expect(() => orderOfAnswer(answer, value)).toThrow(CorruptRow)
})
