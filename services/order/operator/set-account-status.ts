import type { setAccountStatus as setAccountStatusRoute } from '@cnop/contract/balance.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideAccountStatus } from './decide-account-status.ts'

/** Freezes an account or releases it; one that is so already stays as it is. */
export function setAccountStatus(
  asked: Asked & { readonly body: BodyOf<typeof setAccountStatusRoute> },
  { ledger }: { readonly ledger: Ledger },
): Promise<Answer> {
  const { status, reason } = asked.body
  return ledger.commit({
    asked,
    decide: ({ account }) => ({
      change: decideAccountStatus({ status, reason }, account),
      status: 200,
      answer: { data: { user_id: asked.userId, status } },
    }),
  })
}
