/** A deposit or a withdrawal, from the first figure to the receipt. */
import type { TransferAnswer } from '@cnop/contract/balance.ts'
import { formatUsd, minOf, parseUsd, USD_SCALE } from '@cnop/contract/money.ts'
import type { Problem } from '@cnop/contract/problem.ts'
import { readTypedDecimal } from '../../ui/decimal-text.ts'

export type TransferKind = 'deposit' | 'withdraw'

/** What was agreed to, as it is sent, however often. */
export type Request = {
  /** The idempotency key: under one key money moves once at most. */
  readonly key: string
  /** Decimal text, dollars. */
  readonly amount: string
}

export type Stage =
  | { readonly at: 'draft'; readonly problem?: Problem }
  | { readonly at: 'sending'; readonly request: Request }
  /** Nobody knows whether it arrived. */
  | { readonly at: 'unknown'; readonly request: Request; readonly problem: Problem }
  | { readonly at: 'done'; readonly amount: string; readonly answer: TransferAnswer }

export type Transfer = {
  readonly typed: string
  /** What the draft was sent as before, if what became of it allows the same again. */
  readonly request: Request | undefined
  readonly stage: Stage
}

export const EMPTY: Transfer = { typed: '', request: undefined, stage: { at: 'draft' } }

/** The amount that is meant; `undefined` as long as what is typed is none. */
export function amountOf(typed: string): string | undefined {
  const read = readTypedDecimal(typed, USD_SCALE)
  return read.kind === 'decimal' && /[1-9]/.test(read.text) ? read.text : undefined
}

/** What is typed makes another draft, unless one is on its way. */
export const typedInto = (transfer: Transfer, typed: string): Transfer =>
  isOnItsWay(transfer) ? transfer : { ...EMPTY, typed, request: sameRequest(transfer, typed) }

const sameRequest = ({ request }: Transfer, typed: string): Request | undefined =>
  request?.amount === amountOf(typed) ? request : undefined

export const isOnItsWay = ({ stage }: Transfer): boolean =>
  stage.at === 'sending' || stage.at === 'unknown'

/** The request of this draft: the one it was sent as before, or a new one under a new key. */
export function requestOf(
  { typed, request, stage }: Transfer,
  newKey: () => string,
): Request | undefined {
  if (stage.at === 'unknown') return stage.request
  const amount = amountOf(typed)
  if (stage.at !== 'draft' || amount === undefined) return undefined
  return request ?? { key: newKey(), amount }
}

export const sending = (transfer: Transfer, request: Request): Transfer => ({
  ...transfer,
  request,
  stage: { at: 'sending', request },
})

/** The money has moved: the next draft is empty and has no key yet. */
export const arrived = (request: Request, answer: TransferAnswer): Transfer => ({
  ...EMPTY,
  stage: { at: 'done', amount: request.amount, answer },
})

/**
 * What was typed stays. A refusal for what was asked is remembered under its key, so that the next
 * attempt needs another; any other leaves the key as good as it was.
 */
export function failed(transfer: Transfer, request: Request, problem: Problem): Transfer {
  if (problem.status >= 500)
    return { ...transfer, request, stage: { at: 'unknown', request, problem } }
  const remembered = problem.status === 409 || problem.status === 422
  return {
    ...transfer,
    request: remembered ? undefined : request,
    stage: { at: 'draft', problem },
  }
}

/** The session is over: what was typed stays, receipts go. */
export const leftBehind = (transfer: Transfer): Transfer =>
  transfer.stage.at === 'done' ? EMPTY : transfer

export type Means = {
  /** Decimal text, dollars. */
  readonly available: string
  /** What is left of the limit of the day. */
  readonly remaining: string
}

/** The most that can be moved now. */
export function greatest(kind: TransferKind, { available, remaining }: Means): string {
  const left = cents(remaining)
  return formatUsd(kind === 'deposit' ? left : minOf(left, cents(available)))
}

/** What there would be to spend; `undefined` where it would be less than nothing. */
export function availableAfter(
  kind: TransferKind,
  available: string,
  amount: string,
): string | undefined {
  const after = cents(available) + (kind === 'deposit' ? cents(amount) : -cents(amount))
  return after < 0n ? undefined : formatUsd(after)
}

const cents = (text: string): bigint => parseUsd(text) ?? 0n
