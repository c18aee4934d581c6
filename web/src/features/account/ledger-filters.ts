/** Which transactions are meant, in the address of the page and in a question to the platform. */
import type { listCashTransactions, TransactionType } from '@cnop/contract/balance.ts'
import type { QueryOf } from '@cnop/contract/route.ts'
import { endOfDay, startOfDay } from '../../format/day.ts'

/** As it stands in the address. Days are those of the chosen time zone, both included. */
export type LedgerFilters = {
  readonly type?: TransactionType
  readonly from?: string
  readonly to?: string
}

export type LedgerQuery = Pick<QueryOf<typeof listCashTransactions>, 'type' | 'from' | 'to'>

export function ledgerQueryOf({ type, from, to }: LedgerFilters): LedgerQuery {
  return {
    ...(type === undefined ? {} : { type }),
    ...(from === undefined ? {} : { from: new Date(startOfDay(from)).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(endOfDay(to)).toISOString() }),
  }
}

export const isFiltered = ({ type, from, to }: LedgerFilters): boolean =>
  type !== undefined || from !== undefined || to !== undefined

/** Whether the first day is behind the last, so that nothing can be in between. */
export const isReversed = ({ from, to }: LedgerFilters): boolean =>
  from !== undefined && to !== undefined && from > to
