/** The moments of an equity curve: whole intervals of UTC, and the present. */
import type { CandleInterval } from '@cnop/contract/inventory.ts'
import { CANDLES_MAX } from '@cnop/contract/inventory.ts'
import type { getPortfolioHistory, HistoryPeriod } from '@cnop/contract/portfolio.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { QueryOf } from '@cnop/contract/route.ts'

type HistoryQuery = QueryOf<typeof getPortfolioHistory>
type HistoryInterval = NonNullable<HistoryQuery['interval']>

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const PERIODS: Readonly<Record<HistoryPeriod, { ms: number; interval: HistoryInterval }>> = {
  '1d': { ms: DAY_MS, interval: '15m' },
  '1w': { ms: 7 * DAY_MS, interval: '1h' },
  '1m': { ms: 30 * DAY_MS, interval: '4h' },
  '3m': { ms: 90 * DAY_MS, interval: '1d' },
  '1y': { ms: 365 * DAY_MS, interval: '1d' },
}

const INTERVALS_MS: Readonly<Record<HistoryInterval, number>> = {
  '15m': HOUR_MS / 4,
  '1h': HOUR_MS,
  '4h': 4 * HOUR_MS,
  '1d': DAY_MS,
}

export type HistoryPlan = {
  readonly interval: CandleInterval
  readonly intervalMs: number
  /** The present first, then the ends of whole intervals, back to the start of the period. */
  readonly timesMs: readonly [number, ...number[]]
}

/** Throws `invalid-input` where the interval is too short for the period. */
export function planHistory({ period = '1m', interval }: HistoryQuery, nowMs: number): HistoryPlan {
  const chosen = interval ?? PERIODS[period].interval
  const intervalMs = INTERVALS_MS[chosen]
  const count = Math.floor(PERIODS[period].ms / intervalMs)
  if (count > CANDLES_MAX) {
    throw new Problem('invalid-input', {
      errors: [{ field: 'interval', message: `Use a longer interval for a period of ${period}.` }],
    })
  }
  const last = Math.ceil(nowMs / intervalMs) - 1
  const ends = Array.from({ length: count }, (_, index) => (last - index) * intervalMs)
  return { interval: chosen, intervalMs, timesMs: [nowMs, ...ends] }
}
