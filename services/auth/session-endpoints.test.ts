import { call, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import { login, logout, tokenKeys, validateToken } from '@cnop/contract/session.ts'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  CHEAP,
  codeOf,
  codesOf,
  fieldsOf,
  newCustomer,
  PASSWORD,
  PUBLIC_URL,
  problemOf,
  registered,
  START,
  signIn,
  startAuth,
  validated,
} from './testing/test-auth.ts'

const DAY_MS = 86_400_000

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

  it('answers services only', async () => {
    const auth = await startAuth()
    const { send, token } = await newCustomer(auth)
    for (const from of [send, auth.anybody, auth.operator]) {
      expect(await codeOf(call(from, validateToken, { body: { token } }))).toBe('bad-signature')
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
