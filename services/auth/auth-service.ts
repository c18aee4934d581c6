/** Identity and access: who people are, their passwords, their sessions, and the tokens of these. */
import {
  findUser as findUserRoute,
  getProfile,
  login,
  logout,
  register,
  tokenKeys,
  updateProfile as updateProfileRoute,
  validateToken as validateTokenRoute,
} from '@cnop/contract/auth.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Log } from '@cnop/kit/log.ts'
import { createService, customerOf, type Endpoint, type Service, serve } from '@cnop/kit/service.ts'
import { type CommitClock, systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import {
  createPasswordHasher,
  PASSWORD_COST,
  type PasswordCost,
  type PasswordHasher,
} from './passwords/password-hasher.ts'
import { verifyPassword } from './passwords/verify-password.ts'
import { createWorkQueue } from './passwords/work-queue.ts'
import { type AccessTokens, createAccessTokens } from './sessions/access-tokens.ts'
import { endSession } from './sessions/end-session.ts'
import { openSession } from './sessions/open-session.ts'
import { loadSigningKey, type PublicKey } from './sessions/signing-key.ts'
import { validateToken } from './sessions/validate-token.ts'
import { findUser, readUser } from './users/find-user.ts'
import { changesOf, detailsOf, profileOf } from './users/profile-fields.ts'
import { registerUser } from './users/register-user.ts'
import { updateProfile } from './users/update-profile.ts'

export type AuthServiceParts = {
  readonly store: Store
  readonly callerSecret: string
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  /** A new identifier each time, rising in the order of the calls: a ULID. */
  readonly newId: () => string
  /** The public address: `iss` of the tokens. */
  readonly issuer: string
  readonly accessTokenMinutes: number
  readonly passwordCost?: PasswordCost
  readonly checkAnswers?: boolean
}

/**
 * A hash takes a core and 19 MiB: two at a time leave threads and memory to the rest of the
 * platform. What may wait is served within seconds also on a busy machine, before callers give up.
 */
const HASHING = { runningMax: 2, waitingMax: 128 } as const

export async function createAuthService(parts: AuthServiceParts): Promise<Service> {
  const { store, callerSecret, log, telemetry, now, issuer, passwordCost, checkAnswers } = parts
  const clock = { ...systemCommitClock, now }
  const signingKey = await loadSigningKey(store, clock)
  const tokens = createAccessTokens({ signingKey, issuer, now })
  const hasher = createPasswordHasher({
    cost: passwordCost ?? PASSWORD_COST,
    queue: createWorkQueue(HASHING),
  })
  const { newId } = parts
  const lifeSeconds = parts.accessTokenMinutes * 60
  return createService({
    name: 'auth',
    endpoints: [
      ...userEndpoints({ store, clock, hasher, newId }),
      ...sessionEndpoints({ store, clock, hasher, tokens, newId, lifeSeconds }),
      ...tokenEndpoints({ store, tokens, now, publicKey: signingKey.publicKey }),
    ],
    callerSecret,
    log,
    telemetry,
    now,
    checkAnswers: checkAnswers ?? false,
  })
}

function userEndpoints(parts: {
  store: Store
  clock: CommitClock
  hasher: PasswordHasher
  newId: () => string
}): readonly Endpoint[] {
  const { store } = parts
  return [
    serve(register, async ({ body, deadline }) => {
      const { username, password } = body
      const userId = parts.newId()
      const details = detailsOf(body)
      await registerUser({ userId, username, password, details, deadline }, parts)
      return { message: 'User registered successfully', user_id: userId, username }
    }),
    serve(getProfile, async (call) => {
      const user = await readUser(customerOf(call).userId, store)
      if (user === undefined) throw new Problem('not-signed-in')
      return profileOf(user)
    }),
    serve(updateProfileRoute, async (call) => {
      const { userId } = customerOf(call)
      const changes = changesOf(call.body)
      return profileOf(await updateProfile({ userId, changes, deadline: call.deadline }, parts))
    }),
    serve(findUserRoute, async ({ params }) => {
      const user = await findUser(params.username, store)
      if (user === undefined) throw new Problem('user-not-found')
      const { userId, username, email } = user
      return { data: { user_id: userId, username, email } }
    }),
  ]
}

function sessionEndpoints(parts: {
  store: Store
  clock: CommitClock
  hasher: PasswordHasher
  tokens: AccessTokens
  newId: () => string
  lifeSeconds: number
}): readonly Endpoint[] {
  return [
    serve(login, async ({ body: { username, password }, deadline }) => {
      const verified = await verifyPassword(
        { usernameOrEmail: username, password, deadline },
        parts,
      )
      return {
        access_token: await openSession(verified, deadline, parts),
        token_type: 'bearer' as const,
        expires_in: parts.lifeSeconds,
      }
    }),
    serve(logout, async (call) => {
      const { userId, sessionId } = customerOf(call)
      await endSession({ userId, sessionId, deadline: call.deadline }, parts)
      return { message: 'Logged out successfully' }
    }),
  ]
}

function tokenEndpoints({
  store,
  tokens,
  now,
  publicKey,
}: {
  store: Store
  tokens: AccessTokens
  now: () => number
  publicKey: PublicKey
}): readonly Endpoint[] {
  return [
    serve(tokenKeys, async () => ({ keys: [publicKey] })),
    serve(validateTokenRoute, async ({ body }) => {
      const live = await validateToken(body.token, { store, tokens, now })
      return {
        data: {
          user_id: live.userId,
          username: live.username,
          session_id: live.sessionId,
          expires_at: new Date(live.expires * 1000).toISOString(),
        },
      }
    }),
  ]
}
