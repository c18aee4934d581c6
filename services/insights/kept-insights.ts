/** What was written of a portfolio, for as long as it stays as it was: one text a customer. */
import { createHash } from 'node:crypto'
import type { PortfolioInsight } from '@cnop/contract/insights.ts'
import { divideUp, parseDecimal, pow10 } from '@cnop/contract/money.ts'
import type { Gathered } from './decide-briefing.ts'

export type KeptInsights = {
  get(userId: string, fingerprint: string): PortfolioInsight | undefined
  keep(
    userId: string,
    kept: { fingerprint: string; insight: PortfolioInsight; lifeMs: number },
  ): void
}

type Kept = {
  readonly fingerprint: string
  readonly insight: PortfolioInsight
  readonly untilMs: number
}

const CUSTOMERS_MAX = 10_000

export function createKeptInsights(options: {
  readonly now: () => number
  readonly customersMax?: number
}): KeptInsights {
  const { now, customersMax = CUSTOMERS_MAX } = options
  /** In the order of keeping, so the first is the oldest. */
  const kept = new Map<string, Kept>()
  return {
    get(userId, fingerprint) {
      const found = kept.get(userId)
      if (found === undefined) return undefined
      if (found.fingerprint === fingerprint && now() < found.untilMs) return found.insight
      kept.delete(userId)
      return undefined
    },
    keep(userId, { fingerprint, insight, lifeMs }) {
      kept.delete(userId)
      kept.set(userId, { fingerprint, insight, untilMs: now() + lifeMs })
      for (const oldest of kept.keys()) {
        if (kept.size <= customersMax) return
        kept.delete(oldest)
      }
    },
  }
}

const HOLDINGS_COUNTED = 10

/**
 * The same as long as nothing was bought, sold, paid in or out, and prices have moved little. What a
 * customer has counts to the last digit, prices and what follows from them in steps of five percent.
 */
export function fingerprintOf({
  portfolio,
  orders,
}: Pick<Gathered, 'portfolio' | 'orders'>): string {
  const { total_value, cash_balance, assets } = portfolio
  const holdings = assets
    .slice(0, HOLDINGS_COUNTED)
    .map(({ asset_id, quantity, current_price }) => [
      asset_id,
      quantity,
      current_price === null ? '' : roughly(current_price),
    ])
  const told = [
    roughly(total_value),
    cash_balance,
    assets.length,
    holdings,
    orders.map(({ order_id, status }) => [order_id, status]),
  ]
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url')
}

const PLACES_MAX = 18
const DIGITS = 4

/** In steps of five percent: how large it is, and how far up the steps of that size. */
function roughly(decimal: string): string {
  const digits = String(parseDecimal(decimal, PLACES_MAX) ?? 0n)
  const first = BigInt(digits.slice(0, DIGITS).padEnd(DIGITS, '0'))
  let step = 0
  for (let edge = pow10(DIGITS - 1); edge <= first; edge = divideUp(edge * 105n, 100n)) step += 1
  return `${digits.length} ${step}`
}
