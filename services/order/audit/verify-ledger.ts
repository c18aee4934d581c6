import type { verifyLedger } from '@cnop/contract/portfolio.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { auditAccount } from './audit-account.ts'

/** The customer's own books, audited while they wait. */
export async function verifyOwnLedger({
  store,
  userId,
  nowMs,
}: {
  store: Pick<StoreReader, 'snapshot' | 'query'>
  userId: string
  nowMs: number
}): Promise<AnswerOf<typeof verifyLedger>> {
  const { ok, events, headHash, checks } = await auditAccount({ store, userId, nowMs })
  return {
    data: {
      ok,
      events,
      head_hash: headHash,
      checks: checks.map(({ rule: _forTheLog, ...check }) => check),
      verified_at: new Date(nowMs).toISOString(),
    },
  }
}
