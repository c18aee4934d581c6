/** All sessions of a user, expired ones included. */
import type { Store } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'
import {
  type KeptSession,
  loadSession,
  loadTally,
  SESSION_RANGE,
  type SessionTally,
  sessionIdIn,
  sessionTallyKey,
} from './session-rows.ts'

export type ReadSessions = {
  readonly tally: SessionTally
  /** The oldest first. */
  readonly sessions: readonly KeptSession[]
}

/** More than a user can have, and few enough to be ended in one transaction with what ends them. */
const SESSIONS_READ_MAX = 80

/**
 * The tally is read before the list: as long as it stands, no session has been
 * opened that the list does not know.
 */
export async function readSessions(userId: string, store: Store): Promise<ReadSessions> {
  const [tallyRow] = await store.snapshot([sessionTallyKey(userId)])
  const { rows } = await store.query(partitionOf(userId), {
    ...SESSION_RANGE,
    limit: SESSIONS_READ_MAX,
  })
  const sessions = rows.map(({ sk, row }) => ({ ...loadSession(row), sessionId: sessionIdIn(sk) }))
  return { tally: loadTally(tallyRow), sessions }
}
