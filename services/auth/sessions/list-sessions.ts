import type { Store } from '@cnop/kit/store/store.ts'
import { readSessions } from './read-sessions.ts'
import type { KeptSession } from './session-rows.ts'

/** The live sessions of a user, the newest first. */
export async function listSessions(
  userId: string,
  { store, now }: { store: Store; now: () => number },
): Promise<readonly KeptSession[]> {
  const { sessions } = await readSessions(userId, store)
  return sessions.filter(({ expires }) => expires * 1000 > now()).reverse()
}
