/** What an equity curve tells, for those who read it instead of looking at it. */
import { formatUsd, parseUsd } from '@cnop/contract/money.ts'
import type { EquityPoint } from '@cnop/contract/portfolio.ts'

/** Decimal text in dollars. */
export type EquitySummary = {
  readonly first: EquityPoint
  readonly last: EquityPoint
  readonly low: string
  readonly high: string
  /** Deposits less withdrawals behind the first point. */
  readonly flows: string
  /** What is left of the change when they are taken out: what trading and the market did. */
  readonly earned: string
}

/** `undefined` where there are fewer than two points, and so no curve. */
export function equitySummary(points: readonly EquityPoint[]): EquitySummary | undefined {
  const [first, ...others] = points
  const last = others.at(-1)
  if (first === undefined || last === undefined) return undefined
  const equities = points.map(({ equity }) => cents(equity))
  const flows = others.reduce((sum, { net_flow }) => sum + cents(net_flow), 0n)
  return {
    first,
    last,
    low: formatUsd(equities.reduce((low, equity) => (equity < low ? equity : low))),
    high: formatUsd(equities.reduce((high, equity) => (equity > high ? equity : high))),
    flows: formatUsd(flows),
    earned: formatUsd(cents(last.equity) - cents(first.equity) - flows),
  }
}

const cents = (text: string): bigint => parseUsd(text) ?? 0n
