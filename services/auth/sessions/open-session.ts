/** Signs in: a session in the store, and an access token that names it. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { loadPassword, passwordKey } from '../passwords/password-rows.ts'
import type { Verified } from '../passwords/verify-password.ts'
import { partitionOf } from '../users/user-rows.ts'
import type { AccessTokens } from './access-tokens.ts'
import { refuseChangedPassword } from './decide-session.ts'
import { loadSession, SESSION_RANGE, sessionKey, storeSession } from './session-rows.ts'

export type SessionParts = {
  readonly store: Store
  readonly tokens: AccessTokens
  readonly clock: CommitClock
  readonly newId: () => string
  readonly lifeSeconds: number
}

/** A sign-in takes up to so many expired sessions of its user away: more than it adds. */
const EXPIRED_SESSIONS_MAX = 10

/** The access token. Throws `wrong-credentials` when the password has changed meanwhile. */
export async function openSession(
  { user: { userId, username }, passwordVersion }: Verified,
  deadline: number,
  { store, tokens, clock, newId, lifeSeconds }: SessionParts,
): Promise<string> {
  const sessionId = newId()
  const createdAt = new Date(clock.now()).toISOString()
  const issued = Math.floor(clock.now() / 1000)
  const expires = issued + lifeSeconds
  const opening: readonly Op[] = [
    {
      kind: 'check',
      key: passwordKey(userId),
      when: { equals: { version: passwordVersion } },
    },
    {
      kind: 'put',
      key: sessionKey(userId, sessionId),
      row: storeSession({
        username,
        createdAt,
        lastSeenAt: createdAt,
        expires,
        generation: 1n,
        rotatedAtMs: clock.now(),
        address: '',
        userAgent: '',
      }),
    },
  ]
  const expired = await deletionsOfExpired(userId, issued, store)
  await commitDecision({
    store,
    keys: [passwordKey(userId)],
    decide([row]) {
      const storedVersion = row && loadPassword(row).version
      refuseChangedPassword({ verifiedVersion: passwordVersion, storedVersion })
      return { ops: [...opening, ...expired], outcome: undefined }
    },
    deadline,
    clock,
  })
  return tokens.sign({ userId, sessionId, tokenId: newId(), issued, expires })
}

async function deletionsOfExpired(
  userId: string,
  nowSeconds: number,
  store: Store,
): Promise<readonly Op[]> {
  const pk = partitionOf(userId)
  const { rows } = await store.query(pk, { ...SESSION_RANGE, limit: EXPIRED_SESSIONS_MAX })
  return rows
    .filter(({ row }) => loadSession(row).expires <= nowSeconds)
    .map(({ sk }) => ({ kind: 'delete', key: { pk, sk } }))
}
