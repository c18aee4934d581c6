/**
 * One balance of a customer in one asset. The column names are those of the ledger's invariants:
 *
 *   a + h + xT + xF + xE = 0    what the customer has is what the others gave
 *   a + h = ci - co             and what came in less what went out
 *
 * All amounts are whole numbers of the asset's smallest unit.
 */

import { countIn, textIn, unitsIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from './account-rows.ts'

/** Cash is a balance like any other, under this name. */
export const CASH = 'USD'

export const BALANCE_PREFIX = 'B#'

export const balanceKey = (userId: string, asset: string): Key => ({
  pk: partitionOf(userId),
  sk: `${BALANCE_PREFIX}${asset}`,
})

export const assetOfBalanceKey = (sortKey: string): string => sortKey.slice(BALANCE_PREFIX.length)

/** Every balance of a partition: bounds of a query. */
export const BALANCE_RANGE = { from: BALANCE_PREFIX, to: 'B$' } as const

export type Balance = {
  readonly asset: string
  /** Decimal places, fixed for ever. */
  readonly scale: number
  /** Available. */
  readonly a: bigint
  /** Held by open orders. */
  readonly h: bigint
  /** Cumulative in, and out. */
  readonly ci: bigint
  readonly co: bigint
  /** The other sides: the house by trades, the house by fees, the world outside. */
  readonly xT: bigint
  readonly xF: bigint
  readonly xE: bigint
  /** Cents the present quantity cost, fees included. Always 0 of cash. */
  readonly cost: bigint
  /** Cents earned by sales so far, fees deducted; negative is a loss. Always 0 of cash. */
  readonly realized: bigint
  /** The UTC day of the last change; the two columns below are of that day. */
  readonly day: string
  /** The quantity, available and held, when that day began. */
  readonly open: bigint
  /** What came from outside since that day began, less what left. */
  readonly flow: bigint
  /** 1 when created, and one more with every change. */
  readonly ver: bigint
  /** The journal event of the last change. */
  readonly seq: bigint
  readonly createdAt: string
  readonly updatedAt: string
}

export const quantityOf = (balance: Pick<Balance, 'a' | 'h'>): bigint => balance.a + balance.h

export const loadBalance = (asset: string, row: Row): Balance => ({
  asset,
  scale: countIn(row, 'scale'),
  a: unitsIn(row, 'a'),
  h: unitsIn(row, 'h'),
  ci: unitsIn(row, 'ci'),
  co: unitsIn(row, 'co'),
  xT: unitsIn(row, 'xT'),
  xF: unitsIn(row, 'xF'),
  xE: unitsIn(row, 'xE'),
  cost: unitsIn(row, 'cost'),
  realized: unitsIn(row, 'realized'),
  day: textIn(row, 'day'),
  open: unitsIn(row, 'open'),
  flow: unitsIn(row, 'flow'),
  ver: unitsIn(row, 'ver'),
  seq: unitsIn(row, 'seq'),
  createdAt: textIn(row, 'createdAt'),
  updatedAt: textIn(row, 'updatedAt'),
})

export function storeBalance(balance: Balance): Row {
  const { asset: _inTheKey, scale, ...columns } = balance
  return { ...columns, scale: BigInt(scale) }
}
