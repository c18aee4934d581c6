/** Cash transactions as lines of a file: plain signed decimals, in dollars. */
import type { CashTransaction } from '@cnop/contract/balance.ts'

export const LEDGER_COLUMNS = [
  'time',
  'type',
  'amount_usd',
  'status',
  'reference_id',
  'transaction_id',
] as const

export const ledgerRows = (
  transactions: readonly CashTransaction[],
): readonly (readonly string[])[] =>
  transactions.map((one) => [
    one.created_at,
    one.transaction_type,
    one.amount,
    one.status,
    one.reference_id,
    one.transaction_id,
  ])
