import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import {
  findUser,
  getProfile,
  type RegisterBody,
  register,
  updateProfile,
} from '@cnop/contract/auth.ts'
import { call, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { login, logout, tokenKeys, validateToken } from '@cnop/contract/session.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { createLog } from '@cnop/kit/log.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import { type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, sendAs } from '@cnop/kit/transport.ts'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createAuthService } from './auth-service.ts'

const SECRET = 'a-secret-that-only-tests-would-use'
const ISSUER = 'http://127.0.0.1:8080'
const PASSWORD = 'correct horse battery'
const CHEAP = { memoryKib: 8, passes: 1, parallelism: 1 }
const START = Date.parse('2026-03-01T12:00:00.000Z')

let nowMs: number
const now = (): number => nowMs
beforeEach(() => {
  nowMs = START
})

let idsMade = 0
function newId(): string {
  idsMade += 1
  return `id${String(idsMade).padStart(8, '0')}`
}

type Auth = Awaited<ReturnType<typeof startAuth>>

async function startAuth(
  options: { store?: Store; passwordCost?: typeof CHEAP; logged?: string[] } = {},
) {
  const store = options.store ?? createMemoryStore({ now })
  const destination = new Writable({
    write(chunk, _, done) {
      options.logged?.push(String(chunk))
      done()
    },
  })
  const service = await createAuthService({
    store,
    callerSecret: SECRET,
    log: createLog({ level: 'trace', service: 'auth', destination }),
    telemetry: createTelemetry({ processMetrics: false }),
    now,
    newId,
    issuer: ISSUER,
    accessTokenMinutes: 10,
    passwordCost: options.passwordCost ?? CHEAP,
    checkAnswers: true,
  })
  onTestFinished(() => service.close())
  const transports = new Map([['auth' as const, localTransport(service)]])
  const as = (caller: Caller) => sendAs(caller, transports, { secret: SECRET, now })
  return {
    store,
    anybody: as({ kind: 'anonymous' }),
    gateway: as({ kind: 'system', name: 'gateway' }),
    operator: as({ kind: 'operator', name: 'grace' }),
    as,
    close: () => service.close(),
  }
}

const person = (username: string, fields: Partial<RegisterBody> = {}): RegisterBody => ({
  username,
  email: `${username}@example.org`,
  password: PASSWORD,
  first_name: 'Ada',
  last_name: "O'Neill-Smith",
  ...fields,
})

const registered = (auth: Auth, username = 'ada_lovelace', fields: Partial<RegisterBody> = {}) =>
  call(auth.anybody, register, { body: person(username, fields) })

const signIn = (auth: Auth, username = 'ada_lovelace', password = PASSWORD) =>
  call(auth.anybody, login, { body: { username, password } })

const validated = async (auth: Auth, token: string) =>
  (await call(auth.gateway, validateToken, { body: { token } })).data

/** Registers and signs in: the customer as the gateway would sign the calls. */
async function newCustomer(
  auth: Auth,
  username = 'ada_lovelace',
  fields: Partial<RegisterBody> = {},
) {
  await registered(auth, username, fields)
  return customerBehind(auth, (await signIn(auth, username)).access_token)
}

async function customerBehind(auth: Auth, token: string) {
  const { user_id: userId, username, session_id: sessionId } = await validated(auth, token)
  return { userId, token, send: auth.as({ kind: 'customer', userId, username, sessionId }) }
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const answer = await work.catch((error: unknown) => error)
  if (answer instanceof Problem) return answer
  throw new Error(`expected a problem, got ${JSON.stringify(answer)}`)
}

const codeOf = async (work: Promise<unknown>) => (await problemOf(work)).code

const fieldsOf = async (work: Promise<unknown>) => {
  const { code, errors } = await problemOf(work)
  expect(code).toBe('invalid-input')
  return errors.map(({ field }) => field)
}

const codesOf = async (works: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(works)).map((result) =>
    result.status === 'fulfilled' ? 'done' : (result.reason as Problem).code,
  )

/** The store, slow from chance, so that everything overlaps. */
const dawdling = (store: Store): Store =>
  createDawdlingStore({
    store,
    chance: systemCommitClock.random,
    pause: systemCommitClock.pause,
    pauseMsMax: 4,
  })

const accountsIn = async (store: Store) =>
  (await store.partitions('', 1000)).filter((partition) => partition.startsWith('U#'))

describe('register', () => {
  it('opens an account and answers 201 with its id and name', async () => {
    const auth = await startAuth()
    const answer = await auth.anybody(requestOf(register, { body: person('Ada_Lovelace') }))
    expect(answer.status).toBe(201)
    expect(JSON.parse(answer.body)).toEqual({
      message: 'User registered successfully',
      user_id: expect.stringMatching(/^id\d+$/),
      username: 'Ada_Lovelace',
    })
  })

  it('refuses a user name in use, in whatever case, with 409 username-taken', async () => {
    const auth = await startAuth()
    await registered(auth, 'ada_lovelace')
    const again = registered(auth, 'Ada_LOVELACE', { email: 'other@example.org' })
    expect(await codeOf(again)).toBe('username-taken')
    expect((await problemOf(registered(auth))).status).toBe(409)
  })

  it('refuses an e-mail address in use, in whatever case, with 409 email-taken', async () => {
    const auth = await startAuth()
    await registered(auth, 'ada_lovelace')
    const again = registered(auth, 'babbage', { email: 'ADA_Lovelace@Example.ORG' })
    expect(await codeOf(again)).toBe('email-taken')
    expect((await problemOf(again)).status).toBe(409)
  })

  it.each([
    ['username', 'short'],
    ['username', 'a'.repeat(31)],
    ['username', 'ada lovelace'],
    ['username', 'ada-lovelace'],
    ['username', 'ada_lovelacé'],
    ['email', 'ada.example.org'],
    ['email', 'ada@'],
    ['email', `${'a'.repeat(250)}@example.org`],
    ['password', 'a'.repeat(11)],
    ['password', 'a'.repeat(129)],
    ['first_name', ''],
    ['first_name', 'Ada2'],
    ['first_name', ' Ada'],
    ['last_name', 'a'.repeat(51)],
    ['phone', '123456789'],
    ['phone', '1234567890123456'],
    ['phone', '12345abc6789'],
    ['phone', '٠١٢٣٤٥٦٧٨٩'],
    ['date_of_birth', '31.12.1990'],
    ['date_of_birth', '2001-02-29'],
    ['date_of_birth', '2013-03-02'],
    ['is_admin', true],
  ])('refuses %s %j with 422 that names the field, and opens nothing', async (field, value) => {
    const auth = await startAuth()
    const body = { ...person('ada_lovelace'), [field]: value } as RegisterBody
    const refusal = call(auth.anybody, register, { body })
    expect((await problemOf(refusal)).status).toBe(422)
    expect(await fieldsOf(refusal)).toEqual([field])
    expect(await accountsIn(auth.store)).toEqual([])
  })

  it('names every field that is missing or does not fit in one answer', async () => {
    const auth = await startAuth()
    const body = { username: 'no', email: 'no', password: 'no' } as RegisterBody
    const fields = await fieldsOf(call(auth.anybody, register, { body }))
    expect(fields.sort()).toEqual(['email', 'first_name', 'last_name', 'password', 'username'])
  })

  it.each([
    ['username', 'a23456'],
    ['username', 'A'.repeat(30)],
    ['password', 'a'.repeat(12)],
    ['password', '\u{1F511}'.repeat(64)],
    ['first_name', 'Ž'],
    ['last_name', 'Nguyễn Thị Minh-Khai'],
    ['date_of_birth', '2013-03-01'],
  ])('takes %s %j', async (field, value) => {
    const auth = await startAuth()
    const { username } = await registered(auth, 'ada_lovelace', { [field]: value })
    expect((await accountsIn(auth.store)).length).toBe(1)
    expect(username).toBe(field === 'username' ? value : 'ada_lovelace')
  })

  it('lets exactly one of 20 registrations of one name at the same time win', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now })) })
    const attempts = Array.from({ length: 20 }, (_, index) =>
      registered(auth, index % 2 ? 'ada_lovelace' : 'ADA_Lovelace', {
        email: `ada${index}@example.org`,
      }),
    )
    const codes = await codesOf(attempts)
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'username-taken')).toHaveLength(19)
    expect(await accountsIn(auth.store)).toHaveLength(1)
  })

  it('lets one of 20 registrations of one address win, and leaves the other names free', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now })) })
    const names = Array.from({ length: 20 }, (_, index) => `ada_lovelace_${index}`)
    const codes = await codesOf(
      names.map((name) => registered(auth, name, { email: 'ada@example.org' })),
    )
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'email-taken')).toHaveLength(19)
    const loser = names.find((_, index) => codes[index] !== 'done')
    expect(await codesOf([registered(auth, loser)])).toEqual(['done'])
  })

  it('is not refused by itself when the store applied it without saying so', async () => {
    const store = createMemoryStore({ now })
    const auth = await startAuth({ store })
    const { transact } = store
    let lost = 3
    store.transact = async (ops, options) => {
      await transact(ops, options)
      lost -= 1
      if (lost >= 0) throw new StoreFault('outcome-unknown', 'No answer came')
    }
    const { user_id } = await registered(auth)
    expect(lost).toBe(0)
    expect(await accountsIn(store)).toEqual([`U#${user_id}`])
  })
})

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
    const answers = await Promise.all(Array.from({ length: 300 }, () => auth.anybody(request)))
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
    for (let minute = 0; minute < 5; minute += 1) {
      await signIn(auth)
      nowMs += 60_000
    }
    expect(await sessions()).toBe(5)
    nowMs = START + 12 * 60_000
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

describe('the profile', () => {
  it('is what was registered, and nothing of the password', async () => {
    const auth = await startAuth()
    const { send, userId } = await newCustomer(auth, 'Ada_Lovelace', {
      email: 'Ada@Example.org',
      phone: '+1 (555) 123-4567',
      date_of_birth: '1990-12-31',
      marketing_emails_consent: true,
    })
    expect(await call(send, getProfile, {})).toEqual({
      user_id: userId,
      username: 'Ada_Lovelace',
      email: 'Ada@Example.org',
      email_verified: false,
      first_name: 'Ada',
      last_name: "O'Neill-Smith",
      phone: '+15551234567',
      date_of_birth: '1990-12-31',
      marketing_emails_consent: true,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    })
  })

  it('leaves out what was never told, and takes silence about mail as no', async () => {
    const auth = await startAuth()
    const profile = await call((await newCustomer(auth)).send, getProfile, {})
    expect(profile).not.toHaveProperty('phone')
    expect(profile).not.toHaveProperty('date_of_birth')
    expect(profile.marketing_emails_consent).toBe(false)
  })

  it('keeps names in one form, however their accents were typed', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth, 'ada_lovelace', {
      first_name: 'Zoë'.normalize('NFD'),
    })
    expect((await call(send, getProfile, {})).first_name).toBe('Zoë'.normalize('NFC'))
  })

  it('changes what is given, keeps the rest, and says when', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const before = await call(send, getProfile, {})
    nowMs += 60_000
    const body = { last_name: 'Lovelace', date_of_birth: '1990-12-31', phone: '0555-123-4567' }
    const after = await call(send, updateProfile, { body })
    expect(after).toEqual({
      ...before,
      ...body,
      phone: '05551234567',
      updated_at: '2026-03-01T12:01:00.000Z',
    })
    expect(await call(send, getProfile, {})).toEqual(after)
  })

  it.each([
    ['email', 'nowhere'],
    ['first_name', '4da'],
    ['phone', '12345'],
    ['date_of_birth', '2020-01-01'],
    ['username', 'countess'],
    ['user_id', 'id00000001'],
    ['password', 'another long password'],
  ])('refuses %s %j with 422 and changes nothing', async (field, value) => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const before = await call(send, getProfile, {})
    const body = { last_name: 'Byron', [field]: value } as BodyOf<typeof updateProfile>
    expect(await fieldsOf(call(send, updateProfile, { body }))).toEqual([field])
    expect(await call(send, getProfile, {})).toEqual(before)
  })

  it('takes a new address and lets the old one go, in one step', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    await call(send, updateProfile, { body: { email: 'Countess@example.org' } })
    expect((await signIn(auth, 'countess@example.org')).token_type).toBe('bearer')
    expect(await codeOf(signIn(auth, 'ada_lovelace@example.org'))).toBe('wrong-credentials')
    const next = registered(auth, 'babbage', { email: 'ada_lovelace@example.org' })
    expect(await codesOf([next])).toEqual(['done'])
    const same = registered(auth, 'another', { email: 'countess@example.org' })
    expect(await codeOf(same)).toBe('email-taken')
  })

  it('may spell its own address anew', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const email = 'Ada_Lovelace@Example.ORG'
    expect((await call(send, updateProfile, { body: { email } })).email).toBe(email)
    expect((await signIn(auth, email.toLowerCase())).token_type).toBe('bearer')
  })

  it("refuses another's address with 409 email-taken and changes nothing", async () => {
    const auth = await startAuth()
    await registered(auth, 'babbage')
    const { send } = await newCustomer(auth)
    const before = await call(send, getProfile, {})
    const body = { email: 'BABBAGE@example.org', last_name: 'Babbage' }
    expect(await codeOf(call(send, updateProfile, { body }))).toBe('email-taken')
    expect(await call(send, getProfile, {})).toEqual(before)
  })

  it('loses no change of several made at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now })) })
    const { send } = await newCustomer(auth)
    const changes: BodyOf<typeof updateProfile>[] = [
      { first_name: 'Augusta' },
      { last_name: 'King' },
      { phone: '5551234567' },
      { date_of_birth: '1990-12-31' },
      { marketing_emails_consent: true },
      { email: 'countess@example.org' },
    ]
    await Promise.all(changes.map((body) => call(send, updateProfile, { body })))
    expect(await call(send, getProfile, {})).toMatchObject(Object.assign({}, ...changes))
  })

  it('of two users who want one address at once, one gets it', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now })) })
    const names = Array.from({ length: 8 }, (_, index) => `ada_lovelace_${index}`)
    const customers = await Promise.all(names.map((name) => newCustomer(auth, name)))
    const body = { email: 'wanted@example.org' }
    const codes = await codesOf(customers.map(({ send }) => call(send, updateProfile, { body })))
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'email-taken')).toHaveLength(7)
    const winner = customers[codes.indexOf('done')]
    const { access_token } = await signIn(auth, body.email)
    expect((await validated(auth, access_token)).user_id).toBe(winner?.userId)
  })

  it('ends with one address held, however often it is changed at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now })) })
    const { send } = await newCustomer(auth)
    const emails = Array.from({ length: 8 }, (_, index) => `countess${index}@example.org`)
    await Promise.all(
      emails.map((wanted) => call(send, updateProfile, { body: { email: wanted } })),
    )
    const { email } = await call(send, getProfile, {})
    const held = (await auth.store.partitions('', 1000)).filter((name) => name.startsWith('M#'))
    expect(held).toEqual([`M#${email}`])
  })

  it("is the caller's own, and nobody's without a caller", async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const babbage = await newCustomer(auth, 'babbage')
    await call(babbage.send, updateProfile, { body: { first_name: 'Charles' } })
    expect((await call(ada.send, getProfile, {})).first_name).toBe('Ada')
    for (const route of [getProfile, updateProfile, logout]) {
      const attempt = call(auth.anybody, route, route === updateProfile ? { body: {} } : {})
      expect(await codeOf(attempt)).toBe('not-signed-in')
    }
  })

  it('of a user who is not there asks to sign in', async () => {
    const auth = await startAuth()
    const send = auth.as({
      kind: 'customer',
      userId: 'gone',
      username: 'gone_user',
      sessionId: 's',
    })
    expect(await codeOf(call(send, getProfile, {}))).toBe('not-signed-in')
    expect(await codeOf(call(send, updateProfile, { body: {} }))).toBe('not-signed-in')
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
    nowMs += 600_000 - 1
    expect((await validated(auth, access_token)).user_id).toBe(user_id)
    nowMs += 1
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
      issuer: ISSUER,
      audience: 'cnop',
      typ: 'at+jwt',
      currentDate: new Date(nowMs),
    })
    expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub'])
  })
})

describe('findUser', () => {
  it('finds a user by name or address for the operator, and for nobody else', async () => {
    const auth = await startAuth()
    const { user_id } = await registered(auth, 'Ada_Lovelace')
    const data = { user_id, username: 'Ada_Lovelace', email: 'Ada_Lovelace@example.org' }
    for (const username of ['ada_lovelace', 'ADA_lovelace@example.org']) {
      expect(await call(auth.operator, findUser, { params: { username } })).toEqual({ data })
    }
    const params = { username: 'nobody_here' }
    expect(await codeOf(call(auth.operator, findUser, { params }))).toBe('user-not-found')
    for (const from of [auth.anybody, auth.gateway]) {
      expect(await codeOf(call(from, findUser, { params }))).toBe('bad-signature')
    }
  })
})

describe('the auth service', () => {
  it('keeps users, sessions and its key over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cnop-auth-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const open = () =>
      openSqliteStore({
        file: join(folder, 'auth.db'),
        now,
        onFatal: (error) => {
          throw error
        },
      })
    const before = open()
    const first = await startAuth({ store: before })
    const { token, userId } = await newCustomer(first)
    const ended = await customerBehind(first, (await signIn(first)).access_token)
    await call(ended.send, logout, {})
    const keys = await call(first.anybody, tokenKeys, {})
    await first.close()
    await before.close()

    const after = open()
    onTestFinished(() => after.close())
    const second = await startAuth({ store: after })
    expect(await call(second.anybody, tokenKeys, {})).toEqual(keys)
    expect((await validated(second, token)).user_id).toBe(userId)
    expect(await codeOf(validated(second, ended.token))).toBe('bad-token')
    expect((await signIn(second)).token_type).toBe('bearer')
    expect(await codeOf(registered(second))).toBe('username-taken')
  })

  it('accepts in one replica what another has signed', async () => {
    const store = dawdling(createMemoryStore({ now }))
    const [one, other] = await Promise.all([startAuth({ store }), startAuth({ store })])
    const { token, userId, send } = await newCustomer(one)
    expect((await validated(other, token)).user_id).toBe(userId)
    await call(send, logout, {})
    expect(await codeOf(validated(other, token))).toBe('bad-token')
  })

  it('keeps a password that was hashed at a lower cost', async () => {
    const store = createMemoryStore({ now })
    await registered(await startAuth({ store }))
    const dearer = await startAuth({ store, passwordCost: { ...CHEAP, passes: 3 } })
    expect((await signIn(dearer)).token_type).toBe('bearer')
    expect((await signIn(dearer)).token_type).toBe('bearer')
  })

  it('writes no secret into its log', async () => {
    const logged: string[] = []
    const auth = await startAuth({ logged })
    const { send, token, userId } = await newCustomer(auth)
    await codesOf([
      signIn(auth, 'ada_lovelace', 'wrong horse battery'),
      signIn(auth, PASSWORD.replaceAll(' ', '_'), PASSWORD),
      validated(auth, `${token}x`),
      call(send, updateProfile, { body: { first_name: 'Augusta' } }),
      call(send, logout, {}),
      validated(auth, token),
    ])
    const [row] = await auth.store.snapshot([{ pk: `U#${userId}`, sk: '@PASSWORD' }])
    const [key] = await auth.store.snapshot([{ pk: 'K#SIGNING', sk: '@CURRENT' }])
    const { d } = JSON.parse(String(key?.['jwk'])) as { d: string }
    await expect.poll(() => logged.length).toBeGreaterThan(0)
    const log = logged.join('')
    const secrets = [PASSWORD, 'correct_horse', 'wrong horse', token, d, String(row?.['hash'])]
    for (const secret of secrets) expect(log).not.toContain(secret)
  })
})
