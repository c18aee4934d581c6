/** A ticket from the first figure to the receipt. */
import type { Order } from '@cnop/contract/order.ts'
import type { Problem } from '@cnop/contract/problem.ts'
import type { Draft } from './draft.ts'
import type { Outcome, Review } from './settle-order.ts'

export type Stage =
  | { readonly at: 'draft'; readonly problem?: Problem }
  /** The order is read before it is sent. */
  | { readonly at: 'review'; readonly review: Review; readonly problem?: Problem }
  | { readonly at: 'sending'; readonly review: Review }
  | {
      readonly at: 'unknown'
      readonly review: Review
      readonly problem: Problem
      readonly absent: boolean
    }
  | { readonly at: 'placed'; readonly order: Order }

export type Ticket = { readonly draft: Draft; readonly stage: Stage }

/** What is typed makes another order, unless one is on its way. */
export function drafted(ticket: Ticket, draft: Draft): Ticket {
  return isOnItsWay(ticket) ? ticket : { draft, stage: { at: 'draft' } }
}

export const isOnItsWay = ({ stage }: Ticket): boolean =>
  stage.at === 'sending' || stage.at === 'unknown'

/** Where the outcome of a request leads. An order that was placed leaves an empty draft. */
export function settled({ draft }: Ticket, review: Review, outcome: Outcome): Ticket {
  if (outcome.kind === 'placed') {
    return { draft: { ...draft, typed: '' }, stage: { at: 'placed', order: outcome.order } }
  }
  const { problem } = outcome
  // Who is not signed in any more begins again from what was typed.
  if (problem.status === 401) return { draft, stage: { at: 'draft', problem } }
  return outcome.kind === 'refused'
    ? { draft, stage: { at: 'review', review, problem } }
    : { draft, stage: { at: 'unknown', review, problem, absent: outcome.absent } }
}

/**
 * The session is over: what was typed stays, prices and receipts go. Whether an order arrived has
 * to be asked again.
 */
export function leftBehind({ draft, stage }: Ticket): Ticket {
  if (stage.at === 'unknown') return { draft, stage: { ...stage, absent: false } }
  return stage.at === 'sending' ? { draft, stage } : { draft, stage: { at: 'draft' } }
}
