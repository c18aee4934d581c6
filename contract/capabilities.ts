import { type Static, Type } from 'typebox'
import { DecimalText, dataOf, defineRoute } from './route.ts'

/** What this build can do, and within which limits; pages show nothing else. */
export const Capabilities = Type.Object({
  version: Type.String(),
  market: Type.Object({ feed: Type.String(), paper_money: Type.Boolean() }),
  order_types: Type.Array(Type.String()),
  order_classes: Type.Array(Type.String()),
  times_in_force: Type.Array(Type.String()),
  features: Type.Array(Type.String()),
  limits: Type.Object({
    order_notional_max: DecimalText,
    order_notional_min: DecimalText,
    deposit_per_day_max: DecimalText,
    withdraw_per_day_max: DecimalText,
    fee_basis_points: Type.Integer(),
    page_limit_max: Type.Integer(),
  }),
})
export type Capabilities = Static<typeof Capabilities>

export const getCapabilities = defineRoute({
  name: 'getCapabilities',
  service: 'gateway',
  method: 'GET',
  path: '/capabilities',
  access: 'public',
  summary: 'What this build can do',
  answer: dataOf(Capabilities),
})
