import type { CashBalance } from '@cnop/contract/balance.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { headKey, loadAccount } from '../ledger/account-rows.ts'
import { balanceKey, CASH, loadBalance } from '../ledger/balance-rows.ts'
import { cashBalanceAnswer } from './cash-answer.ts'

/** Zeros for a customer who never had cash. */
export async function readCashBalance({
  store,
  userId,
  nowMs,
}: {
  store: Pick<StoreReader, 'snapshot'>
  userId: string
  nowMs: number
}): Promise<CashBalance> {
  const [head, row] = await store.snapshot([headKey(userId), balanceKey(userId, CASH)])
  if (row !== undefined) {
    const { a, h, updatedAt } = loadBalance(CASH, row)
    return cashBalanceAnswer({ a, h }, updatedAt)
  }
  const since = head === undefined ? new Date(nowMs).toISOString() : loadAccount(head).createdAt
  return cashBalanceAnswer({ a: 0n, h: 0n }, since)
}
