import { createApiKey, revokeApiKey } from '@cnop/contract/api-key.ts'
import { changeEmail } from '@cnop/contract/auth.ts'
import { call, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import { changePassword, forgotPassword, resetPassword } from '@cnop/contract/password.ts'
import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { endAllSessions } from '@cnop/contract/security-log.ts'
import {
  ENDED_HEADER,
  endOtherSessions,
  endSession,
  listSessions,
  login,
  logout,
  refresh,
} from '@cnop/contract/session.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import {
  customerBehind,
  dawdling,
  newCustomer,
  PASSWORD,
  registered,
  signIn,
  signInAnswer,
  startAuth,
  type TestAuth,
  type TestCustomer,
  validated,
} from '../testing/test-auth.ts'
import { SESSIONS_MAX } from './decide-session.ts'

type Ada = TestCustomer & { readonly cookie: string }
type Way = readonly [name: string, end: (ada: Ada, auth: TestAuth) => Promise<WireAnswer>]

const cookieIn = ({ headers }: WireAnswer): string => headers['set-cookie']?.split(';')[0] ?? ''
const named = ({ headers }: WireAnswer): string | undefined => headers[ENDED_HEADER]
const credentials = { username: 'ada_lovelace', password: PASSWORD }
const NEXT = 'a herring in the wind'

const signInFrom = (auth: TestAuth, cookie: string, username = credentials.username) =>
  auth.anybody(requestOf(login, { body: { ...credentials, username }, headers: { cookie } }))

const refreshBy = (auth: TestAuth, cookie: string) =>
  auth.anybody(requestOf(refresh, { headers: { cookie } }))

const newKey = async ({ sendAsked }: Pick<TestCustomer, 'sendAsked'>): Promise<string> => {
  const body = { name: 'a bot', scopes: ['read' as const], password: PASSWORD }
  return (await call(sendAsked, createApiKey, { body })).data.key_id
}

/** Ada with two sessions. */
async function ready(): Promise<{ auth: TestAuth; ada: Ada }> {
  const auth = await startAuth()
  await newCustomer(auth)
  const answer = await signInAnswer(auth)
  const ada = await customerBehind(auth, JSON.parse(answer.body).access_token)
  return { auth, ada: { ...ada, cookie: cookieIn(answer) } }
}

const WAYS: readonly Way[] = [
  ['a sign-out', ({ send }) => send(requestOf(logout, {}))],
  ['the next sign-in of its browser', ({ cookie }, auth) => signInFrom(auth, cookie)],
  [
    'a sign-in beyond the most that there may be',
    async (_, auth) => {
      for (let sessions = 2; sessions < SESSIONS_MAX; sessions += 1) await signIn(auth)
      return signInAnswer(auth)
    },
  ],
  [
    'a refresh token that was retired',
    async ({ cookie }, auth) => {
      await refreshBy(auth, cookieIn(await refreshBy(auth, cookie)))
      return refreshBy(auth, cookie)
    },
  ],
  [
    'its name',
    ({ send, sessionId }) => send(requestOf(endSession, { params: { session_id: sessionId } })),
  ],
  ['the end of all others', ({ send }) => send(requestOf(endOtherSessions, {}))],
  [
    'the operator',
    (_, { operator }) => {
      const params = { username: credentials.username }
      return operator(requestOf(endAllSessions, { params, body: { reason: 'a test' } }))
    },
  ],
  [
    'a new password',
    ({ sendAsked }) => {
      const body = { current_password: PASSWORD, new_password: NEXT }
      return sendAsked(requestOf(changePassword, { body }))
    },
  ],
  [
    'a new password by mail, of keys alone',
    async (ada, auth) => {
      await newKey(ada)
      await call(ada.send, endOtherSessions, {})
      await call(ada.send, logout, {})
      await call(auth.anybody, forgotPassword, { body: { email: 'ada_lovelace@example.org' } })
      const linked = () => auth.letters.find(({ subject }) => subject.startsWith('A new password'))
      await expect.poll(linked).toBeDefined()
      const token = /#(\S+)$/m.exec(linked()?.text ?? '')?.[1] ?? ''
      return auth.anybody(requestOf(resetPassword, { body: { token, new_password: NEXT } }))
    },
  ],
  [
    'its revocation, where it is a key',
    async (ada) => {
      const params = { key_id: await newKey(ada) }
      return ada.send(requestOf(revokeApiKey, { params }))
    },
  ],
  [
    'a new address',
    ({ sendAsked }) => {
      const body = { email: 'ada@example.net', current_password: PASSWORD }
      return sendAsked(requestOf(changeEmail, { body }))
    },
  ],
  [
    'a second factor',
    async ({ send }, { now }) => {
      const { data } = await call(send, beginSecondFactor, { body: { password: PASSWORD } })
      const code = new TOTP({ secret: data.secret }).generate({ timestamp: now() })
      return send(requestOf(confirmSecondFactor, { body: { code } }))
    },
  ],
]

describe('an answer', () => {
  it.each(WAYS)('names whose session has ended by %s', async (_, end) => {
    const { auth, ada } = await ready()
    expect(named(await end(ada, auth))).toBe(ada.userId)
  })

  it('names both where a browser goes from one customer to another who has too many sessions', async () => {
    const { auth, ada } = await ready()
    const { user_id: babbage } = await registered(auth, 'babbage')
    for (let sessions = 0; sessions < SESSIONS_MAX; sessions += 1) await signIn(auth, 'babbage')
    const answer = await signInFrom(auth, ada.cookie, 'babbage')
    expect(named(answer)?.split(',').toSorted()).toEqual([ada.userId, babbage].toSorted())
  })

  it('names nobody where none has ended', async () => {
    const { auth, ada } = await ready()
    const answers = [
      await signInAnswer(auth),
      await refreshBy(auth, ada.cookie),
      await refreshBy(auth, 'cnop_refresh=nonsense'),
      await ada.send(requestOf(listSessions, {})),
      await signInFrom(auth, '', 'somebody_else'),
    ]
    expect(answers.map(named)).toEqual(answers.map(() => undefined))
  })

  it('names nobody for a session of a stranger, which looks like none and goes on', async () => {
    const { auth, ada } = await ready()
    const babbage = await newCustomer(auth, 'babbage')
    const params = { session_id: ada.sessionId }
    const answer = await babbage.send(requestOf(endSession, { params }))
    expect([answer.status, named(answer)]).toEqual([404, undefined])
    expect((await validated(auth, ada.token)).user_id).toBe(ada.userId)
  })

  it('names each customer in their own answer alone, of many at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
    const names = ['ada_lovelace', 'babbage', 'de_morgan']
    const customers = await Promise.all(names.map((name) => newCustomer(auth, name)))
    const answers = await Promise.all(customers.map(({ send }) => send(requestOf(logout, {}))))
    expect(answers.map(named)).toEqual(customers.map(({ userId }) => userId))
  })
})
