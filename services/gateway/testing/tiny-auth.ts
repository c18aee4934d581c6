/** For tests: an auth service that knows what a test tells it. */
import { revokeApiKey } from '@cnop/contract/api-key.ts'
import { changeEmail } from '@cnop/contract/auth.ts'
import { changePassword, resetPassword } from '@cnop/contract/password.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { KeyScope } from '@cnop/contract/route.ts'
import { checkSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import {
  ENDED_HEADER,
  endOtherSessions,
  endSession,
  login,
  logout,
  refresh,
  validateToken,
} from '@cnop/contract/session.ts'
import { type Answerer, WrittenAnswer } from '@cnop/kit/answer-call.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'

export type TinyAuth = {
  /** The only clock there is; it stands until a test moves it. */
  readonly clock: { nowMs: number }
  /** Names of the tokens that auth calls good, with the name of their owner. */
  readonly sessions: Map<string, string>
  readonly keys: Map<string, TinyKey>
  /** The code that is right now, by the id of a user who has a second factor. */
  readonly factors: Map<string, string>
}

export type TinyKey = {
  readonly username: string
  readonly keyId: string
  readonly scopes: readonly KeyScope[]
  /** The only one it is good at. */
  readonly address?: string
}

/** An API key as auth would make it for this name. */
export const keyOf = (name: string): string => `cnop_${name.padEnd(32, '0')}`

/** A token as auth would make it for this name. */
export const tokenOf = (name: string): string => `e30.${name}.c2lnbmVk`

export const bearer = (name: string): { authorization: string } => ({
  authorization: `Bearer ${tokenOf(name)}`,
})

const nameOf = (token: string): string => token.split('.')[1] ?? ''

function subjectOf({ sessions, keys }: TinyAuth, token: string, address: string | undefined) {
  const key = keys.get(token)
  if (key?.address !== undefined && key.address !== address)
    throw new Problem('address-not-allowed')
  const username = key?.username ?? sessions.get(nameOf(token))
  if (username === undefined) throw new Problem('bad-token')
  return {
    user_id: `id-of-${username}`,
    username,
    session_id: key?.keyId ?? `session-${nameOf(token)}`,
    ...(key === undefined ? {} : { scopes: [...key.scopes] }),
  }
}

/** An answer names the owners of the sessions and keys that are not there any more. */
export function tellingEndings({ sessions, keys }: TinyAuth): (answer: Answerer) => Answerer {
  const owners = () =>
    new Map([...sessions, ...[...keys].map(([key, { username }]) => [key, username] as const)])
  return (answer) => async (asked) => {
    const before = owners()
    const answered = await answer(asked)
    const after = owners()
    const ended = [...before].filter(([name]) => !after.has(name))
    if (ended.length === 0) return answered
    const told = ended.map(([, username]) => `id-of-${username}`).join(',')
    return { ...answered, headers: { ...answered.headers, [ENDED_HEADER]: told } }
  }
}

export function authEndpoints(platform: TinyAuth, lifeMs: number): readonly Endpoint[] {
  const { clock, sessions, keys, factors } = platform
  const end = (isOver: (name: string, username: string) => boolean): { message: string } => {
    for (const [name, username] of sessions) if (isOver(name, username)) sessions.delete(name)
    return { message: 'Done' }
  }
  const endOthers = async (call: { caller: Caller }) => {
    const { username, sessionId } = customerOf(call)
    return end((name, owner) => owner === username && sessionId !== `session-${name}`)
  }
  return [
    serve(validateToken, async ({ body: { token, address } }) => {
      const expires = keys.has(token)
        ? {}
        : { expires_at: new Date(clock.nowMs + lifeMs).toISOString() }
      return { data: { ...subjectOf(platform, token, address), ...expires } }
    }),
    serve(checkSecondFactor, async ({ body: { user_id, code } }) => {
      const right = factors.get(user_id)
      if (right !== undefined && code === undefined) throw new Problem('second-factor-required')
      if (right !== undefined && code !== right) throw new Problem('wrong-second-factor')
      return { data: { asked: right !== undefined } }
    }),
    serve(login, async () => {
      throw new Problem('wrong-credentials')
    }),
    serve(refresh, async () => {
      const body = JSON.stringify({ access_token: 'a', token_type: 'bearer', expires_in: 600 })
      return new WrittenAnswer(body, { 'set-cookie': 'cnop_refresh=next; HttpOnly' })
    }),
    serve(logout, async (call) => {
      const { sessionId } = customerOf(call)
      return end((name) => sessionId === `session-${name}`)
    }),
    serve(endSession, async ({ params }) => end((name) => params.session_id === `session-${name}`)),
    serve(endOtherSessions, endOthers),
    serve(changeEmail, async (call) => {
      await endOthers(call)
      const { userId: user_id, username } = customerOf(call)
      const at = new Date(clock.nowMs).toISOString()
      const profile = { user_id, username, email: call.body.email, email_verified: false }
      const told = { first_name: 'A', last_name: 'B', marketing_emails_consent: false }
      return { ...profile, ...told, created_at: at, updated_at: at }
    }),
    serve(changePassword, endOthers),
    serve(confirmSecondFactor, async (call) => {
      await endOthers(call)
      return { data: { recovery_codes: [] } }
    }),
    serve(resetPassword, async () => end((_, username) => username === 'alice_1')),
    serve(revokeApiKey, async ({ params }) => {
      for (const [token, { keyId }] of keys) if (keyId === params.key_id) keys.delete(token)
      return { message: 'Done' }
    }),
  ]
}
