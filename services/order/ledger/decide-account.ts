/** Whether the customer may move anything at all. */
import { Problem } from '@cnop/contract/problem.ts'
import type { Account } from './account-rows.ts'

/** An account that has never moved anything is as good as any. Throws `account-frozen`. */
export function assertActive(account: Account | undefined): void {
  if (account === undefined || account.status === 'active') return
  throw new Problem('account-frozen', {
    detail:
      account.status === 'frozen'
        ? 'The account is frozen; ask the operator.'
        : 'The account is closed.',
  })
}
