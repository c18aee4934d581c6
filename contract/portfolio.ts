import { type Static, Type } from 'typebox'
import { AssetId } from './inventory.ts'
import { DecimalText, dataOf, defineRoute, Instant } from './route.ts'

export const Holding = Type.Object({
  asset_id: AssetId,
  asset_name: Type.String(),
  quantity: DecimalText,
  current_price: Type.Union([DecimalText, Type.Null()]),
  market_value: DecimalText,
  /** Share of the total value, in percent. */
  percentage: DecimalText,
  average_cost: DecimalText,
  unrealized_pnl: DecimalText,
})
export type Holding = Static<typeof Holding>

export const Portfolio = Type.Object({
  total_value: DecimalText,
  cash_balance: DecimalText,
  assets_value: DecimalText,
  /** Since 00:00 UTC, deposits and withdrawals excluded. */
  day_change: DecimalText,
  unrealized_pnl: DecimalText,
  realized_pnl: DecimalText,
  assets: Type.Array(Holding),
  as_of: Instant,
})
export type Portfolio = Static<typeof Portfolio>

export const getPortfolio = defineRoute({
  name: 'getPortfolio',
  service: 'order',
  method: 'GET',
  path: '/portfolio',
  access: 'customer',
  scope: 'read',
  summary: 'What I own, what it cost and what it earned',
  answer: Portfolio,
})

export const HISTORY_PERIODS = ['1d', '1w', '1m', '3m', '1y'] as const
export type HistoryPeriod = (typeof HISTORY_PERIODS)[number]

export const EquityPoint = Type.Object({
  time: Instant,
  equity: DecimalText,
  cash: DecimalText,
  /** Deposits less withdrawals since the point before. */
  net_flow: DecimalText,
})
export type EquityPoint = Static<typeof EquityPoint>

export const getPortfolioHistory = defineRoute({
  name: 'getPortfolioHistory',
  service: 'order',
  method: 'GET',
  path: '/portfolio/history',
  access: 'customer',
  scope: 'read',
  summary:
    'Equity and cash flow over time, oldest first; starts later when the journal of the period is very long',
  query: Type.Object({
    period: Type.Optional(Type.Enum(HISTORY_PERIODS)),
    interval: Type.Optional(Type.Enum(['15m', '1h', '4h', '1d'])),
  }),
  answer: Type.Object({ data: Type.Array(EquityPoint) }),
})

export const LedgerProof = Type.Object({
  ok: Type.Boolean(),
  events: Type.Integer({ description: 'Journal events replayed' }),
  head_hash: Type.String({
    description: 'Hash of the last event; each event holds the one before',
  }),
  checks: Type.Array(
    Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.Optional(Type.String()) }),
  ),
  verified_at: Instant,
})
export type LedgerProof = Static<typeof LedgerProof>

export const verifyLedger = defineRoute({
  name: 'verifyLedger',
  service: 'order',
  method: 'GET',
  path: '/ledger/verify',
  access: 'customer',
  scope: 'read',
  summary: 'My own books replayed: rows equal, chain whole, sums zero',
  answer: dataOf(LedgerProof),
})
