/** Freezing an account, and releasing it. */
import type { Account } from '../ledger/account-rows.ts'
import type { Change } from '../ledger/change.ts'

export type AccountStatusRequest = {
  readonly status: 'active' | 'frozen'
  readonly reason: string
}

/**
 * `undefined` when the account has that status already: nothing changes. One that never moved
 * anything is active, and can be frozen before it does. The door knows who exists.
 */
export function decideAccountStatus(
  { status, reason }: AccountStatusRequest,
  account: Account | undefined,
): Change | undefined {
  if ((account?.status ?? 'active') === status) return undefined
  return { type: 'account-status-set', postings: [], accountStatus: status, reason }
}
