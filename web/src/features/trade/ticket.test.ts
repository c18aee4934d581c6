import type { Order, OrderPreview } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { expect, it } from 'vitest'
import { reviewOf } from './settle-order.ts'
import { drafted, leftBehind, type Stage, settled, type Ticket } from './ticket.ts'

const DRAFT = { measure: 'cash', typed: '100' } as const
const OTHER = { measure: 'cash', typed: '200' } as const
const REVIEW = reviewOf(
  { order_type: 'market_buy', asset_id: 'BTC', notional: '100' },
  { worst_price: '50500.00' } as OrderPreview,
  { key: 'key-of-this-review', nowMs: 1 },
)
const PROBLEM = new Problem('dependency-down')
const ORDER = { order_id: 'order-1' } as Order

const ticketAt = (stage: Stage): Ticket => ({ draft: DRAFT, stage })

const STAGES: readonly Stage[] = [
  { at: 'draft', problem: PROBLEM },
  { at: 'review', review: REVIEW },
  { at: 'sending', review: REVIEW },
  { at: 'unknown', review: REVIEW, problem: PROBLEM, absent: true },
  { at: 'placed', order: ORDER },
]

it.each([
  ['draft', OTHER, 'draft'],
  ['review', OTHER, 'draft'],
  ['sending', DRAFT, 'sending'],
  ['unknown', DRAFT, 'unknown'],
  ['placed', OTHER, 'draft'],
] as const)('typing at the stage "%s" never loses an order on its way', (at, draft, then) => {
  const stage = STAGES.find((one) => one.at === at)!
  const ticket = drafted(ticketAt(stage), OTHER)
  expect(ticket.draft).toEqual(draft)
  expect(ticket.stage.at).toBe(then)
})

it('a refusal leads back to the review with its key, and what was typed stays', () => {
  const problem = new Problem('price-moved')
  const sending = ticketAt({ at: 'sending', review: REVIEW })
  const ticket = settled(sending, REVIEW, { kind: 'refused', problem })
  expect(ticket).toEqual({ draft: DRAFT, stage: { at: 'review', review: REVIEW, problem } })
})

it('whose session is over comes back to what was typed', () => {
  const problem = new Problem('not-signed-in')
  const sending = ticketAt({ at: 'sending', review: REVIEW })
  const ticket = settled(sending, REVIEW, { kind: 'refused', problem })
  expect(ticket).toEqual({ draft: DRAFT, stage: { at: 'draft', problem } })
})

it('an order whose outcome is unknown keeps the key it was sent under', () => {
  const outcome = { kind: 'unknown', problem: PROBLEM, absent: true } as const
  const ticket = settled(ticketAt({ at: 'sending', review: REVIEW }), REVIEW, outcome)
  expect(ticket.stage).toMatchObject({ at: 'unknown', review: { key: 'key-of-this-review' } })
})

it('an order that was placed leaves an empty draft: it is not sent a second time', () => {
  const sending = ticketAt({ at: 'sending', review: REVIEW })
  const ticket = settled(sending, REVIEW, { kind: 'placed', order: ORDER })
  expect(ticket.draft).toEqual({ measure: 'cash', typed: '' })
  expect(ticket.stage).toEqual({ at: 'placed', order: ORDER })
})

it.each(STAGES)(
  'the end of a session keeps what was typed and no price or receipt: $at',
  (stage) => {
    const ticket = leftBehind(ticketAt(stage))
    expect(ticket.draft).toEqual(DRAFT)
    expect(['draft', 'sending', 'unknown']).toContain(ticket.stage.at)
    if (ticket.stage.at === 'unknown') expect(ticket.stage.absent).toBe(false)
  },
)
