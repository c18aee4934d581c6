import { createApiKey, listApiKeys, revokeApiKey } from '@cnop/contract/api-key.ts'
import { changeEmail, getProfile } from '@cnop/contract/auth.ts'
import { call, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import {
  changePassword,
  forgotPassword,
  resetPassword,
  sendVerification,
  verifyEmail,
} from '@cnop/contract/password.ts'
import type { Letter } from '@cnop/kit/mail/mail.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type KeyedRow, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { createLinkTokens } from './mail/link-tokens.ts'
import {
  ADDRESS,
  codeOf,
  codesOf,
  customerBehind,
  dawdling,
  fieldsOf,
  newCustomer,
  PASSWORD,
  PUBLIC_URL,
  problemOf,
  registered,
  SECRET,
  securityEventsIn,
  signIn,
  startAuth,
  type TestAuth,
  type TestCustomer,
  validated,
} from './testing/test-auth.ts'

const NEXT = 'a herring in the wind'
const EMAIL = 'ada_lovelace@example.org'
const MINUTE_MS = 60_000

const change = (customer: TestCustomer, current = PASSWORD, next = NEXT) =>
  call(customer.sendAsked, changePassword, {
    body: { current_password: current, new_password: next },
  })

const newKey = async ({ sendAsked }: Pick<TestCustomer, 'sendAsked'>, password = PASSWORD) =>
  (await call(sendAsked, createApiKey, { body: { name: 'bot', scopes: ['read'], password } })).data

const moveTo = (customer: TestCustomer, email: string) =>
  call(customer.sendAsked, changeEmail, { body: { email, current_password: PASSWORD } })

const forgot = (auth: TestAuth, email = EMAIL) =>
  call(auth.anybody, forgotPassword, { body: { email } })

const reset = (auth: TestAuth, token: string, next = NEXT) =>
  call(auth.anybody, resetPassword, { body: { token, new_password: next } })

const verify = (auth: TestAuth, token: string) =>
  call(auth.anybody, verifyEmail, { body: { token } })

const lettersAbout = ({ letters }: TestAuth, subject: string): Letter[] =>
  letters.filter((letter) => letter.subject.includes(subject))

const NEW_PASSWORD = 'A new password for your account'
const CONFIRM = 'confirm your e-mail address'

/** The token of the newest link, once so many letters about it have come. */
async function tokenOf(auth: TestAuth, subject: string, letters = 1): Promise<string> {
  await expect.poll(() => lettersAbout(auth, subject)).toHaveLength(letters)
  const { text } = lettersAbout(auth, subject).at(-1) as Letter
  const [, page, token = ''] = text.match(/^http:\/\/127\.0\.0\.1:8080\/([a-z-]+)#(\S+)$/m) ?? []
  expect(page).toBe(subject === CONFIRM ? 'verify-email' : 'reset-password')
  return token
}

async function resetToken(auth: TestAuth, letters = 1): Promise<string> {
  await forgot(auth)
  return tokenOf(auth, NEW_PASSWORD, letters)
}

const kindsIn = async (auth: TestAuth) => (await securityEventsIn(auth)).map(({ kind }) => kind)

const signsIn = async (auth: TestAuth, password: string) =>
  (await codesOf([signIn(auth, 'ada_lovelace', password)]))[0]

/** Everything the store has, as text. */
async function everythingIn(store: Store): Promise<string> {
  const rows: KeyedRow[] = []
  for (const pk of await store.partitions('', 1000)) {
    rows.push(...(await store.query(pk, { limit: 1000 })).rows)
  }
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

describe('changePassword', () => {
  it('takes the new password and leaves the old one worthless', async () => {
    const auth = await startAuth()
    await change(await newCustomer(auth))
    expect(await signsIn(auth, PASSWORD)).toBe('wrong-credentials')
    expect(await signsIn(auth, NEXT)).toBe('done')
  })

  it('ends every other session and keeps this one', async () => {
    const auth = await startAuth()
    const here = await newCustomer(auth)
    const there = await customerBehind(auth, (await signIn(auth)).access_token)
    await change(here)
    expect(await codeOf(validated(auth, there.token))).toBe('bad-token')
    expect((await validated(auth, here.token)).user_id).toBe(here.userId)
  })

  it('is in the security log and in a letter to the owner', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await change(ada)
    expect((await securityEventsIn(auth)).at(-1)).toMatchObject({
      kind: 'password-changed',
      outcome: 'done',
      userId: ada.userId,
      address: ADDRESS,
    })
    await expect.poll(() => lettersAbout(auth, 'password was changed')).toHaveLength(1)
    expect(lettersAbout(auth, 'password was changed')[0]?.to).toBe(EMAIL)
  })

  it('leaves API keys good, and its letter says how many there are', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const key = await newKey(ada)
    await newKey(ada)
    await change(ada)
    expect((await validated(auth, key.api_key)).user_id).toBe(ada.userId)
    await expect.poll(() => lettersAbout(auth, 'password was changed')).toHaveLength(1)
    expect(lettersAbout(auth, 'password was changed')[0]?.text).toContain('2 API keys work on')
    const babbage = await newCustomer(auth, 'babbage')
    await change(babbage)
    await expect.poll(() => lettersAbout(auth, 'password was changed')).toHaveLength(2)
    expect(lettersAbout(auth, 'password was changed')[1]?.text).not.toContain('API key')
  })

  it('refuses a wrong present password with 401, and blocks who guesses it', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    for (let guess = 1; guess <= 5; guess += 1) {
      expect(await codeOf(change(ada, `wrong horse battery ${guess}`))).toBe('wrong-credentials')
    }
    const refusal = await problemOf(change(ada))
    expect([refusal.status, refusal.code]).toEqual([403, 'sign-in-blocked'])
    expect(refusal.retryAfterSeconds).toBe(300)
    expect(await signsIn(auth, PASSWORD)).toBe('done')
  })

  it.each([
    ['the present one', PASSWORD],
    ['a common one', 'password123456'],
    ['one with the user name', 'ada_lovelace was here'],
    ['a short one', 'too short'],
  ])('refuses %s at the field, and changes nothing', async (_, next) => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    expect(await fieldsOf(change(ada, PASSWORD, next))).toEqual(['new_password'])
    expect(await signsIn(auth, PASSWORD)).toBe('done')
    expect(await kindsIn(auth)).not.toContain('password-changed')
  })

  it('asks for the second factor first', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const body = { current_password: PASSWORD, new_password: NEXT }
    expect(await codeOf(call(send, changePassword, { body }))).toBe('second-factor-required')
  })

  it('of several at once lets one win, and a session of a loser is over', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
    await registered(auth)
    const tokens = await Promise.all(Array.from({ length: 5 }, () => signIn(auth)))
    const customers = await Promise.all(
      tokens.map(({ access_token }) => customerBehind(auth, access_token)),
    )
    const nexts = customers.map((_, i) => `a herring in the wind ${i}`)
    const codes = await codesOf(customers.map((ada, i) => change(ada, PASSWORD, nexts[i])))
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(4)
    expect(await signsIn(auth, nexts[codes.indexOf('done')] ?? '')).toBe('done')
    const live = await codesOf(customers.map(({ token }) => validated(auth, token)))
    expect(live).toEqual(codes.map((code) => (code === 'done' ? 'done' : 'bad-token')))
  })

  it('ends a link that was asked for before', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const token = await resetToken(auth)
    await change(ada)
    expect(await codeOf(reset(auth, token, 'yet another herring'))).toBe('link-not-valid')
  })
})

describe('forgotPassword', () => {
  it('answers the very same for an address that is known and one that is not', async () => {
    const auth = await startAuth()
    await registered(auth)
    const ask = (email: string) =>
      auth.anybody(
        requestOf(forgotPassword, { body: { email }, headers: { 'x-request-id': 'the-same' } }),
      )
    const known = await ask(EMAIL)
    const unknown = await ask('nobody@example.org')
    expect(known.status).toBe(200)
    expect(unknown).toEqual(known)
  })

  it('has read and written nothing when it answers, whoever is asked for', async () => {
    const store = createMemoryStore({ now: Date.now })
    const work: string[] = []
    const watched: Store = {
      ...store,
      snapshot: (keys) => {
        work.push('read')
        return store.snapshot(keys)
      },
      transact: (ops, options) => {
        work.push('write')
        return store.transact(ops, options)
      },
    }
    const auth = await startAuth({ store: watched })
    await registered(auth)
    await tokenOf(auth, CONFIRM)
    for (const email of [EMAIL, 'nobody@example.org']) {
      await expect.poll(async () => lettersWaiting(auth)).toBe(0)
      work.length = 0
      const answer = forgot(auth, email).then(() => work.length)
      expect(await answer).toBe(0)
      await expect.poll(() => work.length).toBeGreaterThan(0)
    }
  })

  it('sends a link to an address that is known, and to no other', async () => {
    const auth = await startAuth()
    await registered(auth)
    await forgot(auth, 'nobody@example.org')
    await forgot(auth, EMAIL.toUpperCase())
    await tokenOf(auth, NEW_PASSWORD)
    expect(lettersAbout(auth, NEW_PASSWORD).map(({ to }) => to)).toEqual([EMAIL])
    expect(auth.letters.map(({ to }) => to)).not.toContain('nobody@example.org')
  })

  it('is in the security log, also where nobody was found', async () => {
    const auth = await startAuth()
    const { user_id: userId } = await registered(auth)
    await forgot(auth)
    await forgot(auth, 'nobody@example.org')
    await expect
      .poll(() => kindsIn(auth))
      .toEqual(['user-registered', 'password-reset-asked', 'password-reset-asked'])
    const [, known, unknown] = await securityEventsIn(auth)
    expect(known).toMatchObject({ outcome: 'done', userId, address: ADDRESS })
    expect(unknown).toMatchObject({ outcome: 'refused', address: ADDRESS })
    expect(unknown?.userId).toBeUndefined()
  })

  it('sends three letters an hour to one account, and says no word of it', async () => {
    const auth = await startAuth()
    await registered(auth)
    for (let i = 0; i < 6; i += 1) await forgot(auth)
    await expect
      .poll(async () => (await kindsIn(auth)).filter((kind) => kind === 'password-reset-asked'))
      .toHaveLength(6)
    await expect.poll(async () => lettersWaiting(auth)).toBe(0)
    expect(lettersAbout(auth, NEW_PASSWORD)).toHaveLength(3)
    auth.clock.nowMs += 60 * MINUTE_MS
    await forgot(auth)
    await tokenOf(auth, NEW_PASSWORD, 4)
  })

  it('may be asked 30 times an hour from one address, for whatever accounts', async () => {
    const auth = await startAuth()
    for (let i = 0; i < 30; i += 1) await forgot(auth, `nobody${i}@example.org`)
    const refusal = await problemOf(forgot(auth))
    expect([refusal.status, refusal.code]).toEqual([429, 'rate-limited'])
    expect(refusal.retryAfterSeconds).toBe(3600)
  })
})

const lettersWaiting = async ({ store }: TestAuth) =>
  (await store.query('O#MAIL', { limit: 1000 })).rows.length

describe('resetPassword', () => {
  it('sets the password and ends every session', async () => {
    const auth = await startAuth()
    const { token: session } = await newCustomer(auth)
    await reset(auth, await resetToken(auth))
    expect(await signsIn(auth, PASSWORD)).toBe('wrong-credentials')
    expect(await signsIn(auth, NEXT)).toBe('done')
    expect(await codeOf(validated(auth, session))).toBe('bad-token')
  })

  it('is in the security log and in a letter to the owner', async () => {
    const auth = await startAuth()
    const { user_id: userId } = await registered(auth)
    await reset(auth, await resetToken(auth))
    expect((await securityEventsIn(auth)).at(-1)).toMatchObject({
      kind: 'password-reset',
      outcome: 'done',
      userId,
      address: ADDRESS,
    })
    await expect.poll(() => lettersAbout(auth, 'has a new password')).toHaveLength(1)
  })

  it('revokes every API key, says so, and a new one is good', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const babbage = await newCustomer(auth, 'babbage')
    const keys = [await newKey(ada), await newKey(ada)]
    const theirs = await newKey(babbage)
    await reset(auth, await resetToken(auth))
    for (const key of keys) expect(await codeOf(validated(auth, key.api_key))).toBe('bad-token')
    expect((await validated(auth, theirs.api_key)).user_id).toBe(babbage.userId)
    const next = await customerBehind(auth, (await signIn(auth, 'ada_lovelace', NEXT)).access_token)
    expect((await call(next.send, listApiKeys, {})).data).toEqual([])
    const gone = { params: { key_id: keys[0]?.key_id ?? '' } }
    expect(await codeOf(call(next.send, revokeApiKey, gone))).toBe('key-not-found')
    const told = (await securityEventsIn(auth)).filter(({ kind }) => kind === 'key-revoked')
    expect(told).toMatchObject([{ userId: ada.userId, detail: 'all 2' }])
    await expect.poll(() => lettersAbout(auth, 'has a new password')).toHaveLength(1)
    expect(lettersAbout(auth, 'has a new password')[0]?.text).toContain('API keys were revoked')
    const fresh = await newKey(next, NEXT)
    expect((await validated(auth, fresh.api_key)).session_id).toBe(fresh.key_id)
    expect((await call(next.send, listApiKeys, {})).data).toHaveLength(1)
  })

  it('revokes as many keys as there can be beside as many sessions, and the next one sweeps them', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    for (let session = 1; session < 50; session += 1) await signIn(auth)
    const keys: string[] = []
    for (let key = 0; key < 50; key += 1) keys.push((await newKey(ada)).api_key)
    await reset(auth, await resetToken(auth))
    const codes = await codesOf(keys.map((key) => validated(auth, key)))
    expect(codes).toEqual(Array(50).fill('bad-token'))
    const again = await customerBehind(
      auth,
      (await signIn(auth, 'ada_lovelace', NEXT)).access_token,
    )
    const { key_id: keyId } = await newKey(again, NEXT)
    const holders = await auth.store.partitions('', 1000)
    expect(holders.filter((name) => name.startsWith('A#'))).toEqual([`A#${keyId}`])
  })

  it('works once, also when it is tried several times at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
    await registered(auth)
    const token = await resetToken(auth)
    const nexts = Array.from({ length: 6 }, (_, i) => `a herring in the wind ${i}`)
    const codes = await codesOf(nexts.map((next) => reset(auth, token, next)))
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'link-not-valid')).toHaveLength(5)
    expect(await signsIn(auth, nexts[codes.indexOf('done')] ?? '')).toBe('done')
    expect(await codeOf(reset(auth, token))).toBe('link-not-valid')
  })

  it('refuses every fault of a link with the very same 422', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await registered(auth, 'babbage')
    const older = await resetToken(auth)
    const latest = await resetToken(auth, 2)
    const forOtherPurpose = await tokenOf(auth, CONFIRM, 2)
    const [userId = '', linkId = '', mac = ''] = latest.split('.')
    const forged = [
      older,
      forOtherPurpose,
      `${userId}.${linkId}.${mac.slice(1)}A`,
      `id00000000.${linkId}.${mac}`,
      createLinkTokens(`${SECRET}x`).print({ purpose: 'reset-password', userId, linkId }),
      createLinkTokens(SECRET).print({ purpose: 'reset-password', userId: 'nobody', linkId }),
      'x'.repeat(60),
    ]
    const ask = (token: string) =>
      auth.anybody(
        requestOf(resetPassword, {
          body: { token, new_password: NEXT },
          headers: { 'x-request-id': 'the-same' },
        }),
      )
    const refusals: WireAnswer[] = []
    for (const token of forged) refusals.push(await ask(token))
    auth.clock.nowMs += 30 * MINUTE_MS
    refusals.push(await ask(latest))
    expect(refusals[0]?.status).toBe(422)
    expect(JSON.parse(refusals[0]?.body ?? '')).toMatchObject({ code: 'link-not-valid' })
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0])
    expect((await validated(auth, (await signIn(auth)).access_token)).user_id).toBe(ada.userId)
  })

  it('is good to the last millisecond of its half hour', async () => {
    const auth = await startAuth()
    await registered(auth)
    const token = await resetToken(auth)
    auth.clock.nowMs += 30 * MINUTE_MS - 1
    await reset(auth, token)
    expect(await signsIn(auth, NEXT)).toBe('done')
  })

  it('refuses a weak password at the field and leaves the link good', async () => {
    const auth = await startAuth()
    await registered(auth)
    const token = await resetToken(auth)
    for (const weak of ['password123456', 'too short', 'ada_lovelace was here']) {
      expect(await fieldsOf(reset(auth, token, weak))).toEqual(['new_password'])
    }
    await reset(auth, token)
    expect(await signsIn(auth, NEXT)).toBe('done')
  })

  it('is worth nothing once the account has another address', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const token = await resetToken(auth)
    await moveTo(ada, 'countess@example.org')
    expect(await codeOf(reset(auth, token))).toBe('link-not-valid')
  })

  it('blocks an address that guesses links', async () => {
    const auth = await startAuth({ rules: { signInFailuresPerAddress: 3 } })
    const guess = (i: number) => reset(auth, `id00000000.id00000000.${String(i).padStart(43, '0')}`)
    const codes: string[] = []
    for (let i = 0; i < 4; i += 1) codes.push(await codeOf(guess(i)))
    expect(codes).toEqual([...Array(3).fill('link-not-valid'), 'sign-in-blocked'])
  })

  it('does not hash for a link that is not good', async () => {
    const auth = await startAuth({
      passwordCost: { memoryKib: 1 << 20, passes: 50, parallelism: 1 },
    })
    const startedAt = performance.now()
    expect(await codeOf(reset(auth, 'x'.repeat(60)))).toBe('link-not-valid')
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  it('says that it does not know how it ended, and sets one password, when no answer comes', async () => {
    const store = createMemoryStore({ now: Date.now })
    const auth = await startAuth({ store })
    await registered(auth)
    const token = await resetToken(auth)
    await expect.poll(async () => lettersWaiting(auth)).toBe(0)
    const { transact } = store
    store.transact = async (ops, options) => {
      await transact(ops, options)
      throw new StoreFault('outcome-unknown', 'No answer came')
    }
    expect(await codeOf(reset(auth, token))).toBe('outcome-unknown')
    store.transact = transact
    expect(await signsIn(auth, NEXT)).toBe('done')
    expect(await codeOf(reset(auth, token))).toBe('link-not-valid')
  })
})

describe('verifyEmail', () => {
  it('confirms the address of a registration, once', async () => {
    const auth = await startAuth()
    const { send, userId } = await newCustomer(auth)
    expect((await call(send, getProfile, {})).email_verified).toBe(false)
    const token = await tokenOf(auth, CONFIRM)
    const codes = await codesOf(Array.from({ length: 4 }, () => verify(auth, token)))
    expect(codes.sort()).toEqual(['done', ...Array(3).fill('link-not-valid')])
    expect((await call(send, getProfile, {})).email_verified).toBe(true)
    const verified = (await securityEventsIn(auth)).filter(({ kind }) => kind === 'email-verified')
    expect(verified).toMatchObject([{ outcome: 'done', userId, address: ADDRESS }])
  })

  it('takes a link for a day, and no link of another purpose', async () => {
    const auth = await startAuth()
    await registered(auth)
    const token = await tokenOf(auth, CONFIRM)
    expect(await codeOf(verify(auth, await resetToken(auth)))).toBe('link-not-valid')
    auth.clock.nowMs += 24 * 60 * MINUTE_MS
    expect(await codeOf(verify(auth, token))).toBe('link-not-valid')
    auth.clock.nowMs -= 1
    expect(await codesOf([verify(auth, token)])).toEqual(['done'])
  })

  it('of a former address is worth nothing, and the new one has a link of its own', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const former = await tokenOf(auth, CONFIRM)
    await moveTo(ada, 'countess@example.org')
    const token = await tokenOf(auth, CONFIRM, 2)
    expect(lettersAbout(auth, CONFIRM).at(-1)?.to).toBe('countess@example.org')
    expect(await codeOf(verify(auth, former))).toBe('link-not-valid')
    await verify(auth, token)
    expect((await call(ada.send, getProfile, {})).email_verified).toBe(true)
  })
})

describe('sendVerification', () => {
  it('sends another link, which ends the one before', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    const first = await tokenOf(auth, CONFIRM)
    await call(send, sendVerification, {})
    const second = await tokenOf(auth, CONFIRM, 2)
    expect(await codeOf(verify(auth, first))).toBe('link-not-valid')
    expect(await codesOf([verify(auth, second)])).toEqual(['done'])
  })

  it('has nothing to send once the address is verified, and sends five an hour before', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    await verify(auth, await tokenOf(auth, CONFIRM))
    for (let i = 0; i < 5; i += 1) await call(send, sendVerification, {})
    const refusal = await problemOf(call(send, sendVerification, {}))
    expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['rate-limited', 3600])
    expect(lettersAbout(auth, CONFIRM)).toHaveLength(1)
  })
})

it('letters to one address are limited whatever they are for', async () => {
  const auth = await startAuth()
  const { send } = await newCustomer(auth)
  for (let i = 0; i < 4; i += 1) await call(send, sendVerification, {})
  const other = await newCustomer(auth, 'babbage')
  expect(await codeOf(moveTo(other, 'ADA_lovelace@example.org'))).toBe('email-taken')
  expect(await codeOf(moveTo(other, 'ADA_lovelace@example.org'))).toBe('rate-limited')
  expect(await codeOf(call(send, sendVerification, {}))).toBe('rate-limited')
})

it('no token of a link is in the store or the log, and no password in a letter', async () => {
  const logged: string[] = []
  const auth = await startAuth({ logged })
  const ada = await newCustomer(auth)
  const tokens = [await tokenOf(auth, CONFIRM), await resetToken(auth)]
  const before = await everythingIn(auth.store)
  for (const token of tokens) await codesOf([verify(auth, token), reset(auth, token)])
  await codesOf([change(ada, NEXT, 'yet another herring')])
  await expect.poll(() => logged.length).toBeGreaterThan(0)
  const after = await everythingIn(auth.store)
  for (const token of tokens) {
    const mac = token.split('.').at(-1) ?? 'no mac'
    for (const text of [before, after, logged.join('')]) expect(text).not.toContain(mac)
  }
  for (const { text } of auth.letters) {
    for (const password of [PASSWORD, NEXT]) expect(text).not.toContain(password)
    expect(text).toContain(PUBLIC_URL)
    const tooLong = text.split('\n').filter((line) => line.length > 78 && !line.startsWith('http'))
    expect(tooLong).toEqual([])
  }
})
