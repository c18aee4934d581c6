import { changeEmail, getProfile, updateProfile } from '@cnop/contract/auth.ts'
import { call } from '@cnop/contract/call.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { describe, expect, it } from 'vitest'
import {
  codeOf,
  codesOf,
  customerBehind,
  dawdling,
  fieldsOf,
  newCustomer,
  PASSWORD,
  problemOf,
  registered,
  securityEventsIn,
  signIn,
  startAuth,
  type TestCustomer,
  validated,
} from '../testing/test-auth.ts'

const NEXT = 'countess@example.org'
const HOUR_MS = 3_600_000

type Asking = Pick<TestCustomer, 'sendAsked'>

const change = ({ sendAsked }: Asking, email = NEXT, current = PASSWORD) =>
  call(sendAsked, changeEmail, { body: { email, current_password: current } })

const profileOf = ({ send }: Pick<TestCustomer, 'send'>) => call(send, getProfile, {})

describe('changeEmail', () => {
  it('takes a new address and lets the old one go, in one step', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await change(ada, 'Countess@example.org')
    expect((await signIn(auth, NEXT)).token_type).toBe('bearer')
    expect(await codeOf(signIn(auth, 'ada_lovelace@example.org'))).toBe('wrong-credentials')
    const next = registered(auth, 'babbage', { email: 'ada_lovelace@example.org' })
    expect(await codesOf([next])).toEqual(['done'])
    expect(await codeOf(registered(auth, 'another', { email: NEXT }))).toBe('email-taken')
  })

  it('is the only way to another address: the profile takes none', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const body = { email: NEXT } as BodyOf<typeof updateProfile>
    expect(await fieldsOf(call(ada.send, updateProfile, { body }))).toEqual(['email'])
    expect((await profileOf(ada)).email).toBe('ada_lovelace@example.org')
  })

  it('asks for the present password, and blocks who guesses it', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const body = { email: NEXT } as BodyOf<typeof changeEmail>
    expect(await fieldsOf(call(ada.sendAsked, changeEmail, { body }))).toEqual(['current_password'])
    for (let guess = 1; guess <= 5; guess += 1) {
      expect(await codeOf(change(ada, NEXT, `wrong horse battery ${guess}`))).toBe(
        'wrong-credentials',
      )
    }
    const refusal = await problemOf(change(ada))
    expect([refusal.status, refusal.code]).toEqual([403, 'sign-in-blocked'])
    expect((await profileOf(ada)).email).toBe('ada_lovelace@example.org')
  })

  it('asks for the second factor', async () => {
    const auth = await startAuth()
    const { send } = await newCustomer(auth)
    expect(await codeOf(change({ sendAsked: send }))).toBe('second-factor-required')
  })

  it('ends every other session and keeps this one', async () => {
    const auth = await startAuth()
    const here = await newCustomer(auth)
    const there = await customerBehind(auth, (await signIn(auth)).access_token)
    await change(here)
    expect(await codeOf(validated(auth, there.token))).toBe('bad-token')
    expect((await validated(auth, here.token)).user_id).toBe(here.userId)
  })

  it('may spell the address anew, which is nobody’s news', async () => {
    const auth = await startAuth()
    const here = await newCustomer(auth)
    const there = await customerBehind(auth, (await signIn(auth)).access_token)
    await expect.poll(() => auth.letters).toHaveLength(1)
    const email = 'Ada_Lovelace@Example.ORG'
    expect((await change(here, email)).email).toBe(email)
    expect((await signIn(auth, email.toLowerCase())).token_type).toBe('bearer')
    expect((await validated(auth, there.token)).user_id).toBe(here.userId)
    expect((await auth.store.query('O#MAIL', { limit: 10 })).rows).toEqual([])
    expect(auth.letters).toHaveLength(1)
  })

  it('to the address there is changes nothing and ends nothing', async () => {
    const auth = await startAuth()
    const here = await newCustomer(auth)
    const there = await customerBehind(auth, (await signIn(auth)).access_token)
    const before = { profile: await profileOf(here), events: await securityEventsIn(auth) }
    auth.clock.nowMs += 1_000
    expect(await change(here, before.profile.email)).toEqual(before.profile)
    expect(await securityEventsIn(auth)).toEqual(before.events)
    expect((await validated(auth, there.token)).user_id).toBe(here.userId)
  })

  it('tells the old address, with where to get help, and has the new one verified', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await expect.poll(() => auth.letters).toHaveLength(1)
    expect((await change(ada)).email_verified).toBe(false)
    await expect.poll(() => auth.letters).toHaveLength(3)
    const letters = auth.letters.slice(1).map(({ to, subject }) => [to, subject])
    expect(letters.sort()).toEqual([
      ['ada_lovelace@example.org', 'Your account has another e-mail address - CNOP'],
      [NEXT, 'Please confirm your e-mail address - CNOP'],
    ])
    const notice = auth.letters.find(({ subject }) => subject.includes('another e-mail address'))
    expect(notice?.text).toContain('tell whoever runs this platform')
    const told = (await securityEventsIn(auth)).at(-1)
    expect(told).toMatchObject({ kind: 'email-changed', outcome: 'done', userId: ada.userId })
    expect(JSON.stringify(told)).not.toContain(NEXT)
  })

  it("refuses another's address with 409 email-taken and changes nothing", async () => {
    const auth = await startAuth()
    await registered(auth, 'babbage')
    const ada = await newCustomer(auth)
    const before = await profileOf(ada)
    const refusal = await problemOf(change(ada, 'BABBAGE@example.org'))
    expect([refusal.status, refusal.code]).toEqual([409, 'email-taken'])
    expect(await profileOf(ada)).toEqual(before)
  })

  it('of two users who want one address at once, one gets it', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
    const names = ['ada_lovelace_1', 'ada_lovelace_2', 'ada_lovelace_3']
    const customers = await Promise.all(names.map((name) => newCustomer(auth, name)))
    const codes = await codesOf(customers.map((ada) => change(ada)))
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'email-taken')).toHaveLength(2)
    const winner = customers[codes.indexOf('done')]
    const { access_token } = await signIn(auth, NEXT)
    expect((await validated(auth, access_token)).user_id).toBe(winner?.userId)
  })

  it('ends with one address held and no detail lost, however much is changed at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: Date.now })) })
    const ada = await newCustomer(auth)
    const emails = Array.from({ length: 4 }, (_, index) => `countess${index}@example.org`)
    await Promise.all([
      ...emails.map((email) => change(ada, email)),
      call(ada.send, updateProfile, { body: { first_name: 'Augusta' } }),
      call(ada.send, updateProfile, { body: { last_name: 'King' } }),
    ])
    const profile = await profileOf(ada)
    expect(profile).toMatchObject({ first_name: 'Augusta', last_name: 'King' })
    const held = (await auth.store.partitions('', 1000)).filter((name) => name.startsWith('M#'))
    expect(held).toEqual([`M#${profile.email}`])
  })
})

describe('letters by a change of the address', () => {
  it('are five an hour for one user, refused or not, and a wrong password costs none', async () => {
    const auth = await startAuth()
    await registered(auth, 'babbage')
    const ada = await newCustomer(auth)
    await codeOf(change(ada, NEXT, 'wrong horse battery'))
    const probes = Array.from({ length: 3 }, () => change(ada, 'babbage@example.org'))
    expect(await codesOf(probes)).toEqual(Array(3).fill('email-taken'))
    await change(ada)
    await change(ada, 'augusta@example.org')
    const refusal = await problemOf(change(ada, 'king@example.org'))
    expect([refusal.status, refusal.code, refusal.retryAfterSeconds]).toEqual([
      429,
      'rate-limited',
      3600,
    ])
    auth.clock.nowMs += HOUR_MS
    expect((await change(ada, 'king@example.org')).email).toBe('king@example.org')
  })

  it('are five an hour for one address, however it is spelled and whoever asks', async () => {
    const auth = await startAuth()
    const away = 'elsewhere@example.org'
    for (const name of ['ada_lovelace', 'babbage', 'countess', 'herschel', 'somerville']) {
      const customer = await newCustomer(auth, name)
      await change(customer, name === 'babbage' ? NEXT.toUpperCase() : NEXT)
      await change(customer, `${name}.${away}`)
    }
    const refusal = await problemOf(change(await newCustomer(auth, 'sixth_one')))
    expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['rate-limited', 3600])
  })
})
