import { randomUUID } from 'node:crypto'
import {
  findUser,
  getProfile,
  type RegisterBody,
  register,
  updateProfile,
} from '@cnop/contract/auth.ts'
import { call, requestOf } from '@cnop/contract/call.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { logout } from '@cnop/contract/session.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { createPasswordHasher, type PasswordHasher } from './passwords/password-hasher.ts'
import {
  ADDRESS,
  CHEAP,
  codeOf,
  codesOf,
  dawdling,
  fieldsOf,
  newCustomer,
  PASSWORD,
  person,
  problemOf,
  registered,
  securityEventsIn,
  startAuth,
} from './testing/test-auth.ts'
import { detailsOf } from './users/profile-fields.ts'
import { registerUser } from './users/register-user.ts'

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
    ['password', 'a'.repeat(12)],
    ['password', 'password123456'],
    ['password', 'Ada_Lovelace 1815'],
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
    ['password', 'a herring 12'],
    ['password', Array.from({ length: 128 }, (_, i) => String.fromCodePoint(0x1f300 + i)).join('')],
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
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
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
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
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
    const store = createMemoryStore({ now: Date.now })
    const auth = await startAuth({ store })
    const { transact } = store
    let lost = 3
    store.transact = async (ops, options) => {
      await transact(ops, options)
      lost -= 1
      if (lost >= 0) throw new StoreFault('outcome-unknown', 'No answer came')
    }
    const { user_id } = await registered(auth)
    expect(lost).toBeLessThanOrEqual(0)
    expect(await accountsIn(store)).toEqual([`U#${user_id}`])
  })
})

describe('a registration', () => {
  it('is in the security log and in a letter to the address, whose link verifies it', async () => {
    const auth = await startAuth()
    const { user_id: userId } = await registered(auth)
    expect(await securityEventsIn(auth)).toMatchObject([
      { kind: 'user-registered', outcome: 'done', userId, address: ADDRESS },
    ])
    await expect.poll(() => auth.letters).toHaveLength(1)
    expect(auth.letters[0]?.to).toBe('ada_lovelace@example.org')
    expect(auth.letters[0]?.text).toMatch(/\nhttp:\/\/127\.0\.0\.1:8080\/verify-email#\S+\n/)
  })

  it('that is refused sends nothing and is in no log', async () => {
    const auth = await startAuth()
    await registered(auth)
    const refused = [registered(auth), registered(auth, 'babbage', { password: 'password123456' })]
    expect(await codesOf(refused)).toEqual(['username-taken', 'invalid-input'])
    expect(await securityEventsIn(auth)).toHaveLength(1)
    await expect.poll(() => auth.letters).toHaveLength(1)
  })

  it('does the same work for a name and an address that are taken as for free ones', async () => {
    const memory = createMemoryStore({ now: Date.now })
    const work: string[] = []
    const store: Store = {
      ...memory,
      snapshot(keys) {
        work.push(`read ${keys.map(({ pk, sk }) => `${pk.slice(0, 2)}${sk}`).join(' ')}`)
        return memory.snapshot(keys)
      },
      transact(ops, options) {
        work.push('write')
        return memory.transact(ops, options)
      },
    }
    const hasher: PasswordHasher = {
      ...createPasswordHasher({ cost: CHEAP, queue: (run) => run() }),
      async hash() {
        work.push('argon2')
        return '$argon2id$'
      },
    }
    const visitor = { address: ADDRESS, userAgent: '', requestId: 'r1' }
    const workFor = async (username: string, email: string): Promise<readonly string[]> => {
      work.length = 0
      const userId = randomUUID()
      const details = detailsOf(person(username, { email }))
      const deadline = Date.now() + 5_000
      await registerUser(
        { userId, username, password: PASSWORD, details, visitor, deadline },
        { store, hasher, clock: systemCommitClock, newId: randomUUID, commonPasswords: new Set() },
      ).catch(() => {})
      return [...work]
    }
    const before = ['argon2', 'read N#@USER M#@USER']
    expect(await workFor('ada_lovelace', 'ada@example.org')).toEqual([...before, 'write'])
    expect(await workFor('ada_lovelace', 'other@example.org')).toEqual(before)
    expect(await workFor('babbage', 'ada@example.org')).toEqual(before)
  })

  it('may be tried so often an hour from one address, whether it succeeds', async () => {
    const auth = await startAuth({ rules: { registrationsPerAddress: 3 } })
    const elsewhere = auth.as({ kind: 'anonymous', address: '203.0.113.8' })
    const codes = await codesOf([registered(auth), registered(auth), registered(auth)])
    expect(codes.sort()).toEqual(['done', 'username-taken', 'username-taken'])
    const refusal = await problemOf(registered(auth, 'babbage'))
    expect([refusal.status, refusal.code]).toEqual([429, 'rate-limited'])
    expect(refusal.retryAfterSeconds).toBe(3600)
    await call(elsewhere, register, { body: person('babbage') })
    auth.clock.nowMs += 3_600_000
    expect(await codesOf([registered(auth, 'countess')])).toEqual(['done'])
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
    auth.clock.nowMs += 60_000
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

  it('that changes is in the security log by the names of its fields, never by what they say', async () => {
    const auth = await startAuth()
    const { send, userId } = await newCustomer(auth)
    const before = await securityEventsIn(auth)
    await call(send, updateProfile, { body: { last_name: 'Lovelace', phone: '5551234567' } })
    await call(send, updateProfile, { body: { last_name: 'Lovelace' } })
    const [event, ...more] = (await securityEventsIn(auth)).slice(before.length)
    expect(more).toEqual([])
    expect(event).toMatchObject({ kind: 'profile-changed', userId, detail: 'lastName phone' })
    expect(JSON.stringify(event)).not.toMatch(/Lovelace|5551234567/)
  })

  it('loses no change of several made at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
    const { send } = await newCustomer(auth)
    const changes: BodyOf<typeof updateProfile>[] = [
      { first_name: 'Augusta' },
      { last_name: 'King' },
      { phone: '5551234567' },
      { date_of_birth: '1990-12-31' },
      { marketing_emails_consent: true },
    ]
    await Promise.all(changes.map((body) => call(send, updateProfile, { body })))
    expect(await call(send, getProfile, {})).toMatchObject(Object.assign({}, ...changes))
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
