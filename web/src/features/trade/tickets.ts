/**
 * The tickets of this visit, one for each asset and side. They outlive the page, so that who has to
 * sign in again comes back to what was typed, and no order whose outcome is unknown is forgotten.
 */
import { listOrders, type OrderBody, placeOrder, previewOrder } from '@cnop/contract/order.ts'
import { useEffect } from 'react'
import { create } from 'zustand'
import { ask, newKey, session } from '../../client/door.ts'
import { putOrder } from '../../client/own-orders.ts'
import { type Draft, emptyDraft, type Side } from './draft.ts'
import {
  findOrder,
  type OrderDoor,
  type Outcome,
  problemOf,
  type Review,
  reviewOf,
  sendOrder,
} from './settle-order.ts'
import { drafted, isOnItsWay, leftBehind, type Stage, settled, type Ticket } from './ticket.ts'

const LATEST = 20

const useTickets = create<Readonly<Record<string, Ticket>>>(() => ({}))

session.onChange((change) => {
  if (change !== 'ended') return
  const tickets = Object.entries(useTickets.getState())
  useTickets.setState(Object.fromEntries(tickets.map(([name, one]) => [name, leftBehind(one)])))
})

const door: OrderDoor = {
  place: async (body, idempotencyKey) => (await ask(placeOrder, { body, idempotencyKey })).data,
  latest: async (asset_id) => (await ask(listOrders, { query: { asset_id, limit: LATEST } })).data,
}

export type TicketDesk = Ticket & {
  edit(draft: Draft): void
  /** Asks for the price again and shows what would be agreed to. */
  review(body: OrderBody): Promise<void>
  /** Sends what was reviewed, the first time or again. */
  send(review: Review): Promise<void>
  /** Asks whether an order arrived. */
  find(review: Review): Promise<void>
  /** Back to the draft. */
  leave(): void
}

export function useTicket(assetId: string, side: Side): TicketDesk {
  const name = `${side} ${assetId}`
  const ticket = useTickets((tickets) => tickets[name]) ?? NEW[side]
  // A receipt has been read once the page is left.
  useEffect(
    () => () => put(name, side, (now) => (now.stage.at === 'placed' ? begun(now) : now)),
    [name, side],
  )
  const become = (next: (now: Ticket) => Ticket): void => put(name, side, next)
  const stand = (stage: Stage): void => become(({ draft }) => ({ draft, stage }))
  const settle = (review: Review, outcome: Outcome): void => {
    if (outcome.kind === 'placed') putOrder(outcome.order)
    become((now) => settled(now, review, outcome))
  }
  return {
    ...ticket,
    edit: (draft) => become((now) => drafted(now, draft)),
    async review(body) {
      try {
        const { data } = await ask(previewOrder, { body })
        const review = reviewOf(body, data, { key: newKey(), nowMs: Date.now() })
        become((now) => (isOnItsWay(now) ? now : { ...now, stage: { at: 'review', review } }))
      } catch (thrown) {
        stand({ at: 'draft', problem: problemOf(thrown) })
      }
    },
    async send(review) {
      stand({ at: 'sending', review })
      settle(review, await sendOrder(review, door))
    },
    async find(review) {
      const { stage } = ticket
      if (stage.at === 'unknown') settle(review, await findOrder(review, stage.problem, door))
    },
    leave: () => become(begun),
  }
}

const NEW: Readonly<Record<Side, Ticket>> = {
  buy: { draft: emptyDraft('buy'), stage: { at: 'draft' } },
  sell: { draft: emptyDraft('sell'), stage: { at: 'draft' } },
}

const begun = ({ draft }: Ticket): Ticket => ({ draft, stage: { at: 'draft' } })

const put = (name: string, side: Side, next: (now: Ticket) => Ticket): void =>
  useTickets.setState((tickets) => ({ [name]: next(tickets[name] ?? NEW[side]) }))
