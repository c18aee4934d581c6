/** The end of a sign-in: a session in the store, told in the security log by the same commit. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { loadPassword, passwordKey } from '../passwords/password-rows.ts'
import type { User } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'
import { decideLeaving, refuseOutdatedSignIn, type SignInGround } from './decide-session.ts'
import { type ReadSessions, readSessions } from './read-sessions.ts'
import { sessionEventOp } from './session-events.ts'
import { newSession, type SessionLife } from './session-life.ts'
import {
  type KeptSession,
  loadSession,
  sessionKey,
  sessionTallyKey,
  storeSession,
  storeTally,
  tallyIs,
} from './session-rows.ts'

type SessionName = { readonly userId: string; readonly sessionId: string }

export type Opening = {
  readonly user: Pick<User, 'userId' | 'username'>
  readonly ground: SignInGround
  /** The session that the same browser was in, of whatever user: it ends in the same commit. */
  readonly left?: SessionName | undefined
  readonly visitor: Visitor
  readonly nowMs: number
  readonly deadline: number
}

export type OpeningParts = {
  readonly store: Store
  readonly clock: CommitClock
  readonly newId: () => string
  readonly rules: SessionLife
}

/** Throws `wrong-credentials` or `contention` when what the sign-in stands on has changed. */
export async function openSession(
  { user: { userId, username }, ground, left, visitor, nowMs, deadline }: Opening,
  { store, clock, newId, rules }: OpeningParts,
): Promise<KeptSession> {
  const session = newSession(username, { visitor, nowMs, life: rules })
  const kept = { ...session, sessionId: newId() }
  const arrival: readonly Op[] = [
    {
      kind: 'check',
      key: passwordKey(userId),
      when: { equals: { version: ground.passwordVersion } },
    },
    { kind: 'put', key: sessionKey(userId, kept.sessionId), row: storeSession(session) },
    sessionEventOp(
      { kind: 'signed-in', userId, sessionId: kept.sessionId, visitor },
      { nowMs, newId },
    ),
  ]
  let others: ReadSessions | undefined
  return commitDecision({
    store,
    keys: [passwordKey(userId), ...(left ? [sessionKey(left.userId, left.sessionId)] : [])],
    gather: async () => {
      others = await readSessions(userId, store)
    },
    decide([passwordRow, leftRow]) {
      if (others === undefined) throw new Error('No sessions were gathered')
      const { tally, sessions } = others
      const written = sessions.some(({ sessionId }) => sessionId === kept.sessionId)
      if (written) return { ops: [], outcome: kept }
      const passwordVersion = passwordRow && loadPassword(passwordRow).version
      refuseOutdatedSignIn({ verified: ground, stored: { passwordVersion, ended: tally.ended } })
      const live = leftRow !== undefined && loadSession(leftRow).expires * 1000 > nowMs
      const ending = live && left ? endingOf(left, { visitor, nowMs, newId }) : []
      const staying = sessions.filter(({ sessionId }) => !(live && sessionId === left?.sessionId))
      const leaving = decideLeaving(staying, nowMs)
      return { ops: [...arrival, ...ending, ...roomFor(userId, { tally, leaving })], outcome: kept }
    },
    deadline,
    clock,
  })
}

const endingOf = (
  { userId, sessionId }: SessionName,
  { visitor, nowMs, newId }: Pick<Opening, 'visitor' | 'nowMs'> & Pick<OpeningParts, 'newId'>,
): readonly Op[] => [
  { kind: 'delete', key: sessionKey(userId, sessionId), when: { equals: {} } },
  sessionEventOp({ kind: 'session-ended', userId, sessionId, visitor }, { nowMs, newId }),
]

function roomFor(
  userId: string,
  {
    tally,
    leaving,
  }: { tally: ReadSessions['tally']; leaving: readonly Pick<KeptSession, 'sessionId'>[] },
): readonly Op[] {
  const opened = { ...tally, opened: tally.opened + 1n }
  return [
    { kind: 'put', key: sessionTallyKey(userId), row: storeTally(opened), when: tallyIs(tally) },
    ...leaving.map(({ sessionId }): Op => ({ kind: 'delete', key: sessionKey(userId, sessionId) })),
  ]
}
