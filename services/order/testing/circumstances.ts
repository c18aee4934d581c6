/** Values that decisions are made on: for tests. */
import { Problem } from '@cnop/contract/problem.ts'
import type { Account } from '../ledger/account-rows.ts'
import type { Balance } from '../ledger/balance-rows.ts'
import type { Moment } from '../ledger/moment.ts'
import { ORDER_RULES_DEFAULT } from '../order-rules.ts'
import type { OrderCircumstances } from '../orders/decide-order.ts'
import type { MarketQuote } from '../orders/market-quote.ts'

export const AT = '2026-03-01T12:00:00.000Z'
export const MOMENT: Moment = { nowMs: Date.parse(AT), at: AT }

export const accountWith = (columns: Partial<Account> = {}): Account => ({
  seq: 7n,
  hash: 'hash',
  at: '2026-03-01T11:00:00.000Z',
  createdAt: '2026-02-01T11:00:00.000Z',
  status: 'active',
  openOrders: 0n,
  cashTransactions: 7n,
  day: '2026-03-01',
  depositedToday: 0n,
  withdrawnToday: 0n,
  ...columns,
})

export const balanceWith = (columns: Partial<Balance> = {}): Balance => ({
  asset: 'USD',
  scale: 2,
  a: 0n,
  h: 0n,
  ci: 0n,
  co: 0n,
  xT: 0n,
  xF: 0n,
  xE: 0n,
  cost: 0n,
  realized: 0n,
  day: '2026-03-01',
  open: 0n,
  flow: 0n,
  ver: 1n,
  seq: 7n,
  createdAt: AT,
  updatedAt: AT,
  ...columns,
})

/** 50,000 USD a bitcoin, of half a second ago. */
export const quoteWith = (columns: Partial<MarketQuote> = {}): MarketQuote => ({
  asset: 'BTC',
  scale: 8,
  halted: false,
  price: 50_000n * 10n ** 12n,
  asOfMs: MOMENT.nowMs - 500,
  staleAfterMs: MOMENT.nowMs + 4_500,
  tick: 'test:1',
  source: 'test',
  ...columns,
})

/** A thousand dollars and a tenth of a bitcoin that cost 4,000 USD. */
export const circumstancesWith = (
  columns: Partial<OrderCircumstances> = {},
): OrderCircumstances & { orderId: string } => ({
  account: accountWith(),
  cash: balanceWith({ a: 100_000n }),
  holding: balanceWith({ asset: 'BTC', scale: 8, a: 10_000_000n, cost: 400_000n }),
  quote: quoteWith(),
  rules: ORDER_RULES_DEFAULT,
  moment: MOMENT,
  ...columns,
  orderId: 'order-1',
})

/** The code that a decision is refused with, and the fields it names; `undefined` when it is not. */
export function refusalOf(decide: () => unknown): string | undefined {
  const problem = problemOf(decide)
  return problem && [problem.code, ...problem.errors.map(({ field }) => field)].join(' ')
}

/** What the customer is told when a decision is refused: `code: sentence`, or `code field: sentence`. */
export function toldOf(decide: () => unknown): readonly string[] {
  const problem = problemOf(decide)
  if (problem === undefined) return []
  const { code, detail, errors } = problem
  return errors.length === 0
    ? [`${code}: ${detail}`]
    : errors.map(({ field, message }) => `${code} ${field}: ${message}`)
}

function problemOf(decide: () => unknown): Problem | undefined {
  try {
    decide()
    return undefined
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown
    throw thrown
  }
}
