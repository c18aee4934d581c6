/** Sessions and tokens: which route, which function. */
import {
  login,
  logout,
  tokenKeys,
  validateToken as validateTokenRoute,
} from '@cnop/contract/session.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { PasswordHasher } from './passwords/password-hasher.ts'
import { verifyPassword } from './passwords/verify-password.ts'
import type { AccessTokens } from './sessions/access-tokens.ts'
import { endSession } from './sessions/end-session.ts'
import { openSession } from './sessions/open-session.ts'
import type { PublicKey } from './sessions/signing-key.ts'
import { validateToken } from './sessions/validate-token.ts'

export function sessionEndpoints(parts: {
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

export function tokenEndpoints({
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
