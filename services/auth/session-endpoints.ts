/** Sessions and tokens: which route, which function. */

import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import {
  endAllSessions as endAllSessionsRoute,
  rotateSigningKey as rotateSigningKeyRoute,
} from '@cnop/contract/security-log.ts'
import {
  endOtherSessions as endOtherSessionsRoute,
  endSession as endSessionRoute,
  listSessions as listSessionsRoute,
  login,
  logout,
  refresh,
  tokenKeys,
  validateToken as validateTokenRoute,
} from '@cnop/contract/session.ts'
import { WrittenAnswer } from '@cnop/kit/answer-call.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import { withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import { endAllSessions, endOtherSessions, endSession, signOut } from './sessions/end-session.ts'
import type { Grant } from './sessions/grant-tokens.ts'
import { listSessions } from './sessions/list-sessions.ts'
import { type RefreshCookie, refreshTokenIn } from './sessions/refresh-cookie.ts'
import { type RefreshParts, refreshSession } from './sessions/refresh-session.ts'
import { rotateSigningKey } from './sessions/rotate-signing-key.ts'
import type { KeptSession } from './sessions/session-rows.ts'
import { type SignInParts, signIn } from './sessions/sign-in.ts'
import type { SigningKeys } from './sessions/signing-keys.ts'
import { type ValidateParts, validateToken } from './sessions/validate-token.ts'
import { findUser } from './users/find-user.ts'
import { visitorOf } from './visitor.ts'

type SignInEndpointParts = SignInParts & RefreshParts & { readonly cookie: RefreshCookie }

export function signInEndpoints(parts: SignInEndpointParts): readonly Endpoint[] {
  const { cookie } = parts
  return [
    serve(login, async (call) => {
      const { username: usernameOrEmail, password, second_factor: secondFactor } = call.body
      const refreshToken = refreshTokenIn(call.headers.cookie)
      const credentials = { usernameOrEmail, password, secondFactor, refreshToken }
      const { deadline } = call
      const grant = await signIn({ ...credentials, visitor: visitorOf(call), deadline }, parts)
      return granted(grant, cookie)
    }),
    serve(refresh, async (call) => {
      const token = refreshTokenIn(call.headers.cookie)
      const asked = { token, visitor: visitorOf(call), deadline: call.deadline }
      return granted(await refreshSession(asked, parts).catch(takingBack(cookie)), cookie)
    }),
    serve(logout, async (call) => {
      const { userId, sessionId } = customerOf(call)
      const { deadline } = call
      await signOut({ userId, sessionId, visitor: visitorOf(call), deadline }, parts)
      const answer: AnswerOf<typeof logout> = { message: 'Logged out successfully' }
      return new WrittenAnswer(JSON.stringify(answer), { 'set-cookie': cookie.cleared })
    }),
  ]
}

function granted(grant: Grant, cookie: RefreshCookie): WrittenAnswer {
  const answer: AnswerOf<typeof login> = {
    access_token: grant.accessToken,
    token_type: 'bearer',
    expires_in: grant.accessSeconds,
  }
  const set = cookie.set(grant.refreshToken, grant.refreshSeconds)
  return new WrittenAnswer(JSON.stringify(answer), { 'set-cookie': set })
}

/** A refused refresh takes its cookie back; what is no refusal leaves it for the next attempt. */
const takingBack =
  ({ cleared }: RefreshCookie) =>
  (error: unknown): never => {
    if (!(error instanceof Problem) || error.code !== 'not-signed-in') throw error
    throw new Problem('not-signed-in', { headers: { 'set-cookie': cleared } })
  }

export function sessionEndpoints(
  parts: Pick<SignInParts, 'store' | 'clock' | 'newId'>,
): readonly Endpoint[] {
  const { store, clock } = parts
  return [
    serve(listSessionsRoute, async (call) => {
      const { userId, sessionId } = customerOf(call)
      const sessions = await listSessions(userId, { store, now: clock.now })
      return { data: sessions.map((session) => sessionAnswer(session, sessionId)) }
    }),
    serve(endSessionRoute, async (call) => {
      const { userId } = customerOf(call)
      const { session_id: sessionId } = call.params
      const { deadline } = call
      await endSession({ userId, sessionId, visitor: visitorOf(call), deadline }, parts)
      return { message: 'The session has ended' }
    }),
    serve(endOtherSessionsRoute, async (call) => {
      const { userId, sessionId } = customerOf(call)
      const { deadline } = call
      await endOtherSessions({ userId, sessionId, visitor: visitorOf(call), deadline }, parts)
      return { message: 'Every other session has ended' }
    }),
    serve(endAllSessionsRoute, async (call) => {
      const user = await findUser(call.params.username, store)
      if (user === undefined) throw new Problem('user-not-found')
      const { userId, username } = user
      const { caller, requestId, deadline } = call
      const actor = caller.kind === 'operator' ? caller.name : undefined
      const by = { actor, requestId, reason: call.body.reason }
      await endAllSessions({ userId, by, deadline }, parts)
      return { data: { user_id: userId, username } }
    }),
  ]
}

const sessionAnswer = (session: KeptSession, currentId: string) => ({
  session_id: session.sessionId,
  current: session.sessionId === currentId,
  address: session.address,
  user_agent: session.userAgent,
  created_at: session.createdAt,
  last_seen_at: session.lastSeenAt,
  expires_at: instant(session.expires),
})

export function tokenEndpoints(
  parts: ValidateParts & { readonly keys: SigningKeys } & Pick<SignInParts, 'clock' | 'newId'>,
): readonly Endpoint[] {
  return [
    serve(tokenKeys, async () => ({ keys: [...parts.keys.published()] })),
    serve(validateTokenRoute, async ({ body: { token, address }, requestId }) => {
      const bearer = await validateToken({ token, address, requestId }, parts)
      return {
        data: withoutAbsent({
          user_id: bearer.userId,
          username: bearer.username,
          session_id: bearer.sessionId,
          scopes: bearer.scopes && [...bearer.scopes],
          expires_at: bearer.expires === undefined ? undefined : instant(bearer.expires),
        }),
      }
    }),
    serve(rotateSigningKeyRoute, async (call) => {
      const { caller, body, requestId, deadline } = call
      const actor = caller.kind === 'operator' ? caller.name : undefined
      const rotation = { actor, reason: body.reason, requestId, deadline }
      return { data: { kid: await rotateSigningKey(rotation, parts) } }
    }),
  ]
}

/** RFC 3339, from epoch seconds. */
const instant = (seconds: number): string => new Date(seconds * 1000).toISOString()
