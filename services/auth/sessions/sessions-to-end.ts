/** Ends the sessions of a user inside the commit that makes them worthless. */
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { readSessions } from './read-sessions.ts'
import { sessionKey, sessionTallyKey, storeTally, tallyIs } from './session-rows.ts'

/**
 * Ops that end every session of a user but one, for the commit that changes what they stand on. A
 * session opened meanwhile makes that commit fail, so ask for the ops in its `gather`: each attempt
 * then ends the sessions of its own moment. Sign-ins under way when it commits are refused.
 */
export async function sessionsToEnd(
  userId: string,
  store: Store,
  { except }: { readonly except?: string | undefined } = {},
): Promise<readonly Op[]> {
  const { tally, sessions } = await readSessions(userId, store)
  const ended = { ...tally, ended: tally.ended + 1n }
  return [
    {
      kind: 'put',
      key: sessionTallyKey(userId),
      row: storeTally(ended),
      when: tallyIs(tally),
    },
    ...sessions
      .filter(({ sessionId }) => sessionId !== except)
      .map(({ sessionId }): Op => ({ kind: 'delete', key: sessionKey(userId, sessionId) })),
  ]
}
