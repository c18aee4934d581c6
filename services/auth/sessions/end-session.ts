import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { sessionKey } from './session-rows.ts'

/** Signs out: from the commit on, the tokens of the session are worth nothing. */
export async function endSession(
  { userId, sessionId, deadline }: { userId: string; sessionId: string; deadline: number },
  { store, clock }: { store: Store; clock: CommitClock },
): Promise<void> {
  const key = sessionKey(userId, sessionId)
  await commitDecision({
    store,
    keys: [key],
    decide: ([row]) => ({
      ops: row === undefined ? [] : [{ kind: 'delete', key }],
      outcome: undefined,
    }),
    deadline,
    clock,
  })
}
