import { call, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import { endAllSessions, rotateSigningKey } from '@cnop/contract/security-log.ts'
import {
  endOtherSessions,
  endSession,
  listSessions,
  login,
  logout,
  refresh,
  tokenKeys,
  validateToken,
} from '@cnop/contract/session.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { StoreFault } from '@cnop/kit/store/store.ts'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { sessionKey } from './sessions/session-rows.ts'
import {
  ADDRESS,
  CHEAP,
  codeOf,
  codesOf,
  customerBehind,
  fieldsOf,
  newCustomer,
  PASSWORD,
  PUBLIC_URL,
  problemOf,
  registered,
  START,
  securityEventsIn,
  signIn,
  signInAnswer,
  startAuth,
  type TestAuth,
  validated,
} from './testing/test-auth.ts'

const DAY_MS = 86_400_000

/** As a browser sends it back. */
const cookieOf = ({ headers }: WireAnswer): string => headers['set-cookie']?.split(';')[0] ?? ''

const refreshAnswer = (auth: TestAuth, cookie: string | undefined): Promise<WireAnswer> => {
  const headers = { 'x-request-id': 'the-same', ...(cookie === undefined ? {} : { cookie }) }
  return auth.anybody(requestOf(refresh, { headers }))
}

describe('login', () => {
  it('answers a bearer token for the user name or the address, in whatever case', async () => {
    const auth = await startAuth()
    const { user_id } = await registered(auth, 'Ada_Lovelace')
    for (const name of ['Ada_Lovelace', 'ADA_LOVELACE', 'ada_lovelace@EXAMPLE.org']) {
      const answer = await signIn(auth, name)
      expect(answer).toEqual({
        access_token: expect.any(String),
        token_type: 'bearer',
        expires_in: 600,
      })
      expect((await validated(auth, answer.access_token)).user_id).toBe(user_id)
    }
  })

  it('refuses an unknown name and a wrong password with 401 and the very same bytes', async () => {
    const auth = await startAuth()
    await registered(auth)
    const attempt = async (username: string, password: string): Promise<WireAnswer> => {
      const headers = { 'x-request-id': 'the-same' }
      return auth.anybody(requestOf(login, { body: { username, password }, headers }))
    }
    const wrong = await attempt('ada_lovelace', 'wrong horse battery')
    expect(wrong.status).toBe(401)
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'wrong-credentials' })
    for (const name of ['nobody_here', 'nobody@example.org', 'ada_lovelace@example.org']) {
      const other = await attempt(name, 'wrong horse battery')
      expect([other.status, other.body]).toEqual([wrong.status, wrong.body])
      expect(Object.keys(other.headers)).toEqual(Object.keys(wrong.headers))
    }
  })

  it.each([
    ['username', { username: 'short', password: PASSWORD }],
    ['username', { username: 'not an @ddress', password: PASSWORD }],
    ['password', { username: 'ada_lovelace', password: 'short' }],
    ['password', { username: 'ada_lovelace', password: 'a'.repeat(129) }],
    ['remember', { username: 'ada_lovelace', password: PASSWORD, remember: true }],
  ])('refuses what the field rules exclude with 422: %s in %j', async (field, body) => {
    const auth = await startAuth()
    expect(await fieldsOf(call(auth.anybody, login, { body }))).toEqual([field])
  })

  it('ends the session that the cookie of the browser names, whosever it was', async () => {
    const auth = await startAuth()
    await registered(auth)
    await registered(auth, 'babbage')
    const babbages = await signInAnswer(auth, 'babbage')
    const first = await signInAnswer(auth)
    const elsewhere = await signInAnswer(auth)
    const inBrowser = (cookie: string, username = 'ada_lovelace') =>
      auth.anybody(
        requestOf(login, { body: { username, password: PASSWORD }, headers: { cookie } }),
      )
    const second = await inBrowser(cookieOf(first))
    const third = await inBrowser(cookieOf(babbages))
    const goodTokens = await codesOf(
      [first, babbages, elsewhere, second, third].map((answer) =>
        validated(auth, JSON.parse(answer.body).access_token),
      ),
    )
    expect(goodTokens).toEqual(['bad-token', 'bad-token', 'done', 'done', 'done'])
    const ended = (await securityEventsIn(auth)).filter(({ kind }) => kind === 'session-ended')
    expect(ended.map(({ userId }) => userId)).toHaveLength(2)
    expect(new Set(ended.map(({ userId }) => userId)).size).toBe(2)
  })

  it('ends nothing by a cookie that is forged, over, or one of two, nor when it is refused', async () => {
    const auth = await startAuth()
    await registered(auth)
    const first = await signInAnswer(auth)
    const cookie = cookieOf(first)
    const over = await signInAnswer(auth)
    await call((await customerBehind(auth, JSON.parse(over.body).access_token)).send, logout, {})
    const attempt = (sent: string, password = PASSWORD) =>
      auth.anybody(
        requestOf(login, {
          body: { username: 'ada_lovelace', password },
          headers: { cookie: sent },
        }),
      )
    const forged = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`
    const before = (await securityEventsIn(auth)).length
    for (const sent of [forged, cookieOf(over), `${cookie}; ${cookie}`, 'cnop_refresh=']) {
      expect((await attempt(sent)).status).toBe(200)
    }
    expect((await attempt(cookie, 'wrong horse battery')).status).toBe(401)
    const kinds = (await securityEventsIn(auth)).slice(before).map(({ kind }) => kind)
    expect(kinds).not.toContain('session-ended')
    expect((await validated(auth, JSON.parse(first.body).access_token)).username).toBe(
      'ada_lovelace',
    )
  })

  it('ends it once where it is also the oldest of as many as there may be', async () => {
    const auth = await startAuth()
    await registered(auth)
    const oldest = await signInAnswer(auth)
    for (let session = 1; session < 50; session += 1) await signIn(auth)
    const headers = { cookie: cookieOf(oldest) }
    const body = { username: 'ada_lovelace', password: PASSWORD }
    const answer = await auth.anybody(requestOf(login, { body, headers }))
    const { send } = await customerBehind(auth, JSON.parse(answer.body).access_token)
    expect((await call(send, listSessions, {})).data).toHaveLength(50)
  })

  it('takes the password however its accents are typed', async () => {
    const auth = await startAuth()
    const password = 'pâté de canard'
    await registered(auth, 'ada_lovelace', { password: password.normalize('NFD') })
    expect((await signIn(auth, 'ada_lovelace', password.normalize('NFC'))).token_type).toBe(
      'bearer',
    )
  })

  it('refuses more than can wait for their turn with 429 and Retry-After', async () => {
    const auth = await startAuth({ passwordCost: { ...CHEAP, memoryKib: 2048 } })
    await registered(auth)
    const request = requestOf(login, { body: { username: 'ada_lovelace', password: PASSWORD } })
    const attempt = (_: unknown, index: number) => {
      const address = `198.51.${index % 2}.${index % 250}`
      return auth.as({ kind: 'anonymous', address })(request)
    }
    const answers = await Promise.all(Array.from({ length: 300 }, attempt))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(0)
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(130)
    for (const { status, body, headers } of refused) {
      expect(status).toBe(429)
      expect(JSON.parse(body)).toMatchObject({ code: 'too-busy' })
      expect(headers['retry-after']).toBe('2')
    }
    expect((await signIn(auth)).token_type).toBe('bearer')
  })

  it('takes the expired sessions of the same user away, and no other', async () => {
    const auth = await startAuth()
    const { user_id } = await registered(auth)
    const sessions = async () => {
      const { rows } = await auth.store.query(`U#${user_id}`, { from: 'S#', to: 'S$', limit: 100 })
      return rows.length
    }
    for (let day = 0; day < 5; day += 1) {
      await signIn(auth)
      auth.clock.nowMs += DAY_MS
    }
    expect(await sessions()).toBe(5)
    auth.clock.nowMs = START + 9 * DAY_MS
    const { access_token } = await signIn(auth)
    expect(await sessions()).toBe(3)
    expect((await validated(auth, access_token)).user_id).toBe(user_id)
  })
})

describe('logout', () => {
  it('ends the session at once, and no other of the same user', async () => {
    const auth = await startAuth()
    const one = await newCustomer(auth)
    const other = await signIn(auth)
    expect(await call(one.send, logout, {})).toEqual({ message: 'Logged out successfully' })
    expect(await codeOf(validated(auth, one.token))).toBe('bad-token')
    expect((await validated(auth, other.access_token)).user_id).toBe(one.userId)
  })

  it('ends the session of the caller, whatever token the body names', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const babbage = await newCustomer(auth, 'babbage')
    await call(ada.send, logout, { body: { access_token: babbage.token } })
    expect(await codeOf(validated(auth, ada.token))).toBe('bad-token')
    expect((await validated(auth, babbage.token)).user_id).toBe(babbage.userId)
  })

  it('of a session that has ended is done already', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const answers = await codesOf(Array.from({ length: 5 }, () => call(send, logout, {})))
    expect(answers).toEqual(Array(5).fill('done'))
  })
})

describe('the refresh cookie', () => {
  it('is set by login, renewed by refresh and cleared by logout, never in a body', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const signedIn = await signInAnswer(auth)
    expect(signedIn.headers['set-cookie']).toMatch(
      /^cnop_refresh=[\w.-]+; Max-Age=604800; Path=\/api\/v1\/auth; HttpOnly; SameSite=Strict$/,
    )
    const renewed = await refreshAnswer(auth, cookieOf(signedIn))
    expect(renewed.status).toBe(200)
    expect(JSON.parse(renewed.body)).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 600,
    })
    expect(cookieOf(renewed)).not.toBe(cookieOf(signedIn))
    for (const { body } of [signedIn, renewed]) {
      expect(body).not.toContain(cookieOf(signedIn).split('=')[1])
      expect(body).not.toContain(cookieOf(renewed).split('=')[1])
    }
    const out = await send(requestOf(logout, {}))
    expect(out.headers['set-cookie']).toMatch(/^cnop_refresh=; Max-Age=0; /)
  })

  it('is for encrypted connections where the platform is reached by them', async () => {
    const auth = await startAuth({ publicUrl: 'https://cnop.example' })
    await registered(auth)
    expect((await signInAnswer(auth)).headers['set-cookie']).toMatch(/; Secure$/)
  })

  it('is not set by a login that is refused', async () => {
    const auth = await startAuth()
    await registered(auth)
    const body = { username: 'ada_lovelace', password: 'wrong horse battery' }
    const refused = await auth.anybody(requestOf(login, { body }))
    expect(refused.headers['set-cookie']).toBeUndefined()
  })

  it('is taken back by a refusal, alike for every reason', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const used = cookieOf(await signInAnswer(auth))
    await refreshAnswer(auth, used)
    auth.clock.nowMs += 10_000
    const ended = cookieOf(await signInAnswer(auth))
    await call(send, endOtherSessions, {})
    const good = cookieOf(await signInAnswer(auth))
    const several = [`${good}; ${good}`, `cnop_refresh=planted; ${good}`]
    const malformed = [undefined, 'cnop_refresh=', 'cnop_refresh=a.b.1.c', 'other=1']
    const reasons = [...malformed, ...several, used, ended]
    const answers = await Promise.all(reasons.map((cookie) => refreshAnswer(auth, cookie)))
    for (const { status, body, headers } of answers) {
      expect([status, body, headers]).toEqual([401, answers[0]?.body, answers[0]?.headers])
      expect(JSON.parse(body)).toMatchObject({ code: 'not-signed-in' })
      expect(headers['set-cookie']).toBe(
        'cnop_refresh=; Max-Age=0; Path=/api/v1/auth; HttpOnly; SameSite=Strict',
      )
    }
  })

  it('stays where a refresh fails for a reason that is not its own', async () => {
    const store = createMemoryStore({ now: Date.now })
    const auth = await startAuth({ store })
    await registered(auth)
    const cookie = cookieOf(await signInAnswer(auth))
    const { transact } = store
    store.transact = () => Promise.reject(new StoreFault('unavailable', 'The disk is full'))
    const failed = await refreshAnswer(auth, cookie)
    expect([failed.status, failed.headers['set-cookie']]).toEqual([503, undefined])
    store.transact = transact
    expect((await refreshAnswer(auth, cookie)).status).toBe(200)
  })

  it('works where access tokens have expired, and is worth nothing after logout', async () => {
    const auth = await startAuth()
    await registered(auth)
    const answer = await signInAnswer(auth)
    const { access_token: token } = JSON.parse(answer.body)
    const { send } = await customerBehind(auth, token)
    auth.clock.nowMs += 3_600_000
    expect(await codeOf(validated(auth, token))).toBe('bad-token')
    const renewed = await refreshAnswer(auth, cookieOf(answer))
    const { access_token: newer } = JSON.parse(renewed.body)
    expect((await validated(auth, newer)).username).toBe('ada_lovelace')
    await call(send, logout, {})
    expect(await codeOf(validated(auth, newer))).toBe('bad-token')
    expect((await refreshAnswer(auth, cookieOf(renewed))).status).toBe(401)
  })

  it('whose retired token is used ends its session and no other', async () => {
    const auth = await startAuth()
    await registered(auth)
    const [stolen, other] = [await signInAnswer(auth), await signInAnswer(auth)]
    const renewed = await refreshAnswer(auth, cookieOf(stolen))
    auth.clock.nowMs += 10_000
    expect((await refreshAnswer(auth, cookieOf(stolen))).status).toBe(401)
    const { access_token: token } = JSON.parse(renewed.body)
    expect(await codeOf(validated(auth, token))).toBe('bad-token')
    expect((await refreshAnswer(auth, cookieOf(renewed))).status).toBe(401)
    expect((await refreshAnswer(auth, cookieOf(other))).status).toBe(200)
    expect((await securityEventsIn(auth)).map(({ kind }) => kind)).toContain('token-reused')
  })
})

describe('sessions', () => {
  it('are listed with where they were seen, the newest first, and no secret', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    auth.clock.nowMs += 60_000
    const agent = { 'user-agent': `Mozilla/5.0 ${'x'.repeat(300)}` }
    const body = { username: 'ada_lovelace', password: PASSWORD }
    await auth.as({ kind: 'anonymous', address: '2001:db8::1' })(
      requestOf(login, { body, headers: agent }),
    )
    await newCustomer(auth, 'babbage')
    const { data } = await call(ada.send, listSessions, {})
    expect(data).toEqual([
      {
        session_id: expect.any(String),
        current: false,
        address: '2001:db8::1',
        user_agent: agent['user-agent'].slice(0, 200),
        created_at: '2026-03-01T12:01:00.000Z',
        last_seen_at: '2026-03-01T12:01:00.000Z',
        expires_at: '2026-03-08T12:01:00.000Z',
      },
      {
        session_id: ada.sessionId,
        current: true,
        address: ADDRESS,
        user_agent: '',
        created_at: '2026-03-01T12:00:00.000Z',
        last_seen_at: '2026-03-01T12:00:00.000Z',
        expires_at: '2026-03-08T12:00:00.000Z',
      },
    ])
  })

  it('that have expired are listed no more, cannot be ended, and are told of no more', async () => {
    const auth = await startAuth()
    const unused = await newCustomer(auth)
    const answer = await signInAnswer(auth)
    const ada = await customerBehind(auth, JSON.parse(answer.body).access_token)
    auth.clock.nowMs += 6 * DAY_MS
    await refreshAnswer(auth, cookieOf(answer))
    auth.clock.nowMs += DAY_MS
    const { data } = await call(ada.send, listSessions, {})
    expect(data.map(({ session_id }) => session_id)).toEqual([ada.sessionId])
    const params = { session_id: unused.sessionId }
    expect(await codeOf(call(ada.send, endSession, { params }))).toBe('session-not-found')
    await call(unused.send, logout, {})
    expect(await securityEventsIn(auth)).toEqual([])
  })

  it('are ended one by one, at once, each told in the security log', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const other = await customerBehind(auth, (await signIn(auth)).access_token)
    const params = { session_id: other.sessionId }
    await call(ada.send, endSession, { params })
    expect(await codeOf(validated(auth, other.token))).toBe('bad-token')
    expect((await validated(auth, ada.token)).session_id).toBe(ada.sessionId)
    expect(await codeOf(call(ada.send, endSession, { params }))).toBe('session-not-found')
    const ended = (await securityEventsIn(auth)).filter(({ kind }) => kind === 'session-ended')
    expect(ended).toMatchObject([{ userId: ada.userId, detail: other.sessionId, outcome: 'done' }])
  })

  it("of others look like none, and stay: another's id answers as an unknown one", async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const babbage = await newCustomer(auth, 'babbage')
    const attempt = (session_id: string) => {
      const headers = { 'x-request-id': 'the-same' }
      return babbage.send(requestOf(endSession, { params: { session_id }, headers }))
    }
    const [theirs, unknown] = await Promise.all([attempt(ada.sessionId), attempt('id99999999')])
    expect(theirs.status).toBe(404)
    expect(theirs.body).toBe(unknown.body.replace('id99999999', ada.sessionId))
    expect((await validated(auth, ada.token)).session_id).toBe(ada.sessionId)
  })

  it('but the present one are ended all together', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const others = [await signInAnswer(auth), await signInAnswer(auth)]
    const babbage = await newCustomer(auth, 'babbage')
    await call(ada.send, endOtherSessions, {})
    for (const other of others) {
      expect(await codeOf(validated(auth, JSON.parse(other.body).access_token))).toBe('bad-token')
      expect((await refreshAnswer(auth, cookieOf(other))).status).toBe(401)
    }
    expect((await validated(auth, ada.token)).session_id).toBe(ada.sessionId)
    expect((await validated(auth, babbage.token)).username).toBe('babbage')
    const { data } = await call(ada.send, listSessions, {})
    expect(data.map(({ current }) => current)).toEqual([true])
    const ended = (await securityEventsIn(auth)).filter(({ kind }) => kind === 'session-ended')
    expect(ended).toMatchObject([{ userId: ada.userId, detail: 'all others' }])
  })

  it('are no business of an API key, and of nobody without a caller', async () => {
    const auth = await startAuth()
    const { userId, sessionId } = await newCustomer(auth)
    const key = auth.as({
      kind: 'customer',
      userId,
      username: 'ada_lovelace',
      sessionId: 'key',
      scopes: ['read', 'trade'],
    })
    const works = (send: typeof key) => [
      call(send, listSessions, {}),
      call(send, endSession, { params: { session_id: sessionId } }),
      call(send, endOtherSessions, {}),
      call(send, logout, {}),
    ]
    expect(await codesOf(works(key))).toEqual(Array(4).fill('scope-missing'))
    expect(await codesOf(works(auth.anybody))).toEqual(Array(4).fill('not-signed-in'))
  })

  it('that are opened and left are told in the security log, with where they were', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await call(ada.send, logout, {})
    await call(ada.send, logout, {})
    const common = { userId: ada.userId, address: ADDRESS, outcome: 'done', detail: ada.sessionId }
    const events = await securityEventsIn(auth)
    expect(events.filter(({ kind }) => kind !== 'user-registered')).toMatchObject([
      { ...common, kind: 'signed-in' },
      { ...common, kind: 'signed-out' },
    ])
  })
})

describe('validateToken', () => {
  it('says whose token it is and until when', async () => {
    const auth = await startAuth()
    const { user_id } = await registered(auth)
    const { access_token } = await signIn(auth)
    expect(await validated(auth, access_token)).toEqual({
      user_id,
      username: 'ada_lovelace',
      session_id: expect.stringMatching(/^id\d+$/),
      expires_at: '2026-03-01T12:10:00.000Z',
    })
    auth.clock.nowMs += 600_000 - 1
    expect((await validated(auth, access_token)).user_id).toBe(user_id)
    auth.clock.nowMs += 1
    expect(await codeOf(validated(auth, access_token))).toBe('bad-token')
  })

  it('refuses what is no token, and the token of another platform, with 401 bad-token', async () => {
    const auth = await startAuth()
    const elsewhere = await startAuth()
    await registered(elsewhere)
    const { access_token } = await signIn(elsewhere)
    for (const token of ['', 'x', 'a.b.c', access_token]) {
      const problem = await problemOf(validated(auth, token))
      expect([problem.status, problem.code]).toEqual([401, 'bad-token'])
    }
  })

  it('refuses a good token of a session that is over, though its row is still there', async () => {
    const auth = await startAuth()
    const { userId, sessionId, token } = await newCustomer(auth)
    const key = sessionKey(userId, sessionId)
    const endingAt = (seconds: number): Promise<void> => {
      const set = { expires: BigInt(seconds) }
      return auth.store.transact([{ kind: 'update', key, set }], { token: `until ${seconds}` })
    }
    await endingAt(START / 1000 + 1)
    expect((await validated(auth, token)).session_id).toBe(sessionId)
    await endingAt(START / 1000)
    expect(await codeOf(validated(auth, token))).toBe('bad-token')
  })

  it('answers services only', async () => {
    const auth = await startAuth()
    const { send, token } = await newCustomer(auth)
    for (const from of [send, auth.anybody, auth.operator]) {
      expect(await codeOf(call(from, validateToken, { body: { token } }))).toBe('bad-signature')
    }
  })
})

describe('rotateSigningKey', () => {
  it('ends every access token at once, and sessions go on by refresh', async () => {
    const auth = await startAuth()
    await registered(auth)
    const answer = await signInAnswer(auth)
    const { access_token: token } = JSON.parse(answer.body)
    const { keys: before } = await call(auth.anybody, tokenKeys, {})
    const body = { reason: 'a backup was lost' }
    const { data } = await call(auth.operator, rotateSigningKey, { body })
    expect(await codeOf(validated(auth, token))).toBe('bad-token')
    const { keys } = await call(auth.anybody, tokenKeys, {})
    expect(keys.map(({ kid }) => kid)).toEqual([data.kid])
    expect(before.map(({ kid }) => kid)).not.toContain(data.kid)
    const renewed = await refreshAnswer(auth, cookieOf(answer))
    const { access_token: newer } = JSON.parse(renewed.body)
    expect((await validated(auth, newer)).username).toBe('ada_lovelace')
    const events = await securityEventsIn(auth)
    expect(events.filter(({ kind }) => kind === 'signing-key-rotated')).toMatchObject([
      { actor: 'grace', outcome: 'done', detail: 'a backup was lost' },
    ])
  })

  it('is for the operator alone', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    for (const from of [send, auth.anybody, auth.gateway]) {
      const attempt = call(from, rotateSigningKey, { body: { reason: 'mine' } })
      expect(await codeOf(attempt)).toBe('bad-signature')
    }
  })
})

describe('tokenKeys', () => {
  it('publishes what a stranger needs to verify a token, and nothing private', async () => {
    const auth = await startAuth()
    await registered(auth)
    const { access_token } = await signIn(auth)
    const keys = await call(auth.anybody, tokenKeys, {})
    expect(Object.keys(keys.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    const { payload } = await jwtVerify(access_token, createLocalJWKSet(keys), {
      issuer: PUBLIC_URL,
      audience: 'cnop',
      typ: 'at+jwt',
      currentDate: new Date(auth.clock.nowMs),
    })
    expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub'])
  })
})

describe('endAllSessions', () => {
  const signOut = (auth: TestAuth, username: string) =>
    call(auth.operator, endAllSessions, { params: { username }, body: { reason: 'a thief' } })

  it('lets the operator end every session of a user, and the log says who and why', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const cookie = cookieOf(await signInAnswer(auth))
    const babbage = await newCustomer(auth, 'babbage')
    const { data } = await signOut(auth, 'ADA_lovelace')
    expect(data).toEqual({ user_id: ada.userId, username: 'ada_lovelace' })
    expect(await codeOf(validated(auth, ada.token))).toBe('bad-token')
    expect((await refreshAnswer(auth, cookie)).status).toBe(401)
    expect((await validated(auth, babbage.token)).user_id).toBe(babbage.userId)
    expect((await securityEventsIn(auth)).at(-1)).toMatchObject({
      kind: 'session-ended',
      outcome: 'done',
      userId: ada.userId,
      actor: 'grace',
      detail: 'all: a thief',
    })
    expect((await signIn(auth)).token_type).toBe('bearer')
  })

  it('answers 404 for nobody, and only the operator', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    expect(await codeOf(signOut(auth, 'nobody_here'))).toBe('user-not-found')
    const params = { username: 'ada_lovelace' }
    for (const from of [ada.sendAsked, auth.gateway, auth.anybody]) {
      const attempt = call(from, endAllSessions, { params, body: { reason: 'mine' } })
      expect(await codeOf(attempt)).toBe('bad-signature')
    }
    expect((await validated(auth, ada.token)).user_id).toBe(ada.userId)
  })
})
