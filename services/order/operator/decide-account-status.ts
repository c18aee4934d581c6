/** Freezing an account, and releasing it. */
import { Problem } from '@cnop/contract/problem.ts'
import type { Account } from '../ledger/account-rows.ts'
import type { Change } from '../ledger/change.ts'

export type AccountStatusRequest = {
  readonly status: 'active' | 'frozen'
  readonly reason: string
}

/**
 * `undefined` when the account has that status already: nothing changes. Throws `user-not-found`;
 * an account is known from its first movement on.
 */
export function decideAccountStatus(
  { status, reason }: AccountStatusRequest,
  account: Account | undefined,
): Change | undefined {
  if (account === undefined) throw new Problem('user-not-found')
  if (account.status === status) return undefined
  return { type: 'account-status-set', postings: [], accountStatus: status, reason }
}
