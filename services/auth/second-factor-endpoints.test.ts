import { call } from '@cnop/contract/call.ts'
import { forgotPassword, resetPassword } from '@cnop/contract/password.ts'
import {
  beginSecondFactor,
  checkSecondFactor,
  confirmSecondFactor,
  dropSecondFactor,
  getSecondFactor,
} from '@cnop/contract/second-factor.ts'
import { resetSecondFactor } from '@cnop/contract/security-log.ts'
import { login } from '@cnop/contract/session.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import {
  ADDRESS,
  codeOf,
  codesOf,
  customerBehind,
  dawdling,
  fieldsOf,
  newCustomer,
  PASSWORD,
  problemOf,
  registered,
  SECRET,
  START,
  securityEventsIn,
  signIn,
  startAuth,
  type TestAuth,
  type TestCustomer,
} from './testing/test-auth.ts'

const STEP_MS = 30_000

/** As an authenticator app would make it, `steps` later. */
const codeOfApp = (secret: string, nowMs: number, steps = 0): string =>
  new TOTP({ secret }).generate({ timestamp: nowMs + steps * STEP_MS })

const begin = async ({ send }: TestCustomer, password = PASSWORD) =>
  (await call(send, beginSecondFactor, { body: { password } })).data

const confirm = async ({ send }: TestCustomer, code: string) =>
  (await call(send, confirmSecondFactor, { body: { code } })).data.recovery_codes

/** A customer with a second factor; the clock stands at a time whose codes are all unused. */
async function withFactor(auth: TestAuth, username = 'ada_lovelace') {
  const customer = await newCustomer(auth, username)
  const { secret } = await begin(customer)
  const recoveryCodes = await confirm(customer, codeOfApp(secret, auth.now()))
  auth.clock.nowMs += 3 * STEP_MS
  const app = (steps = 0) => codeOfApp(secret, auth.now(), steps)
  return { ...customer, username, secret, recoveryCodes, app }
}

let asked = 0

/** As the door asks; each request is for something else unless it says for what. */
async function check(
  auth: TestAuth,
  { userId }: { userId: string },
  { code, purpose, address = ADDRESS }: { code?: string; purpose?: string; address?: string } = {},
) {
  asked += 1
  const body = {
    user_id: userId,
    purpose: purpose ?? `withdraw ${asked}`,
    address,
    request_id: `request-${asked}`,
    ...(code === undefined ? {} : { code }),
  }
  return (await call(auth.gateway, checkSecondFactor, { body })).data.asked
}

const signInWith = (auth: TestAuth, code?: string) =>
  call(auth.anybody, login, {
    body: {
      username: 'ada_lovelace',
      password: PASSWORD,
      ...(code === undefined ? {} : { second_factor: code }),
    },
  })

const kindsIn = async (auth: TestAuth) => (await securityEventsIn(auth)).map(({ kind }) => kind)

const stateOf = async ({ send }: Pick<TestCustomer, 'send'>) =>
  (await call(send, getSecondFactor, {})).data

describe('beginSecondFactor', () => {
  it('answers a secret for the app, and asks for nothing before it is confirmed', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const { secret, uri } = await begin(ada)
    expect(uri).toBe(
      `otpauth://totp/CNOP:ada_lovelace?issuer=CNOP&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
    )
    expect(await stateOf(ada)).toEqual({ on: false, recovery_codes_left: 0 })
    expect(await check(auth, ada)).toBe(false)
    expect((await signIn(auth)).token_type).toBe('bearer')
  })

  it('needs the password, and blocks who guesses it', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    for (let guess = 0; guess < 5; guess += 1) {
      expect(await codeOf(begin(ada, 'wrong horse battery'))).toBe('wrong-credentials')
    }
    const blocked = await problemOf(begin(ada))
    expect([blocked.status, blocked.code]).toEqual([403, 'sign-in-blocked'])
    expect(await stateOf(ada)).toMatchObject({ on: false })
  })

  it('begun again gives another secret, and the codes of the first are wrong', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const first = await begin(ada)
    const second = await begin(ada)
    expect(second.secret).not.toBe(first.secret)
    const old = codeOfApp(first.secret, auth.now())
    expect(await codeOf(confirm(ada, old))).toBe('wrong-second-factor')
    expect(await confirm(ada, codeOfApp(second.secret, auth.now()))).toHaveLength(10)
  })

  it('refuses with 409 second-factor-on while there is one', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    expect(await codeOf(begin(ada))).toBe('second-factor-on')
    expect(await check(auth, ada, { code: ada.app() })).toBe(true)
  })
})

describe('confirmSecondFactor', () => {
  it('switches it on, shows ten recovery codes this once, and tells the log and the owner', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    expect(new Set(ada.recoveryCodes).size).toBe(10)
    expect(await stateOf(ada)).toEqual({ on: true, recovery_codes_left: 10 })
    const again = confirm(ada, ada.app())
    expect(await codeOf(again)).toBe('second-factor-on')
    expect(await kindsIn(auth)).toContain('second-factor-on')
    await expect
      .poll(() => auth.letters.map(({ subject }) => subject))
      .toContain('Your account asks for a second factor - CNOP')
  })

  it('ends every other session and keeps this one', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const other = await signIn(auth)
    const { secret } = await begin(ada)
    await confirm(ada, codeOfApp(secret, auth.now()))
    expect(await codeOf(customerBehind(auth, other.access_token))).toBe('bad-token')
    expect((await customerBehind(auth, ada.token)).userId).toBe(ada.userId)
  })

  it.each([-2, 2])('refuses the code of %i steps away', async (steps) => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const { secret } = await begin(ada)
    const code = codeOfApp(secret, auth.now(), steps)
    expect(await codeOf(confirm(ada, code))).toBe('wrong-second-factor')
    expect(await stateOf(ada)).toMatchObject({ on: false })
  })

  it('refuses with 409 second-factor-off what was never begun, or a quarter of an hour ago', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    expect(await codeOf(confirm(ada, '123456'))).toBe('second-factor-off')
    const { secret } = await begin(ada)
    auth.clock.nowMs += 15 * 60_000
    expect(await codeOf(confirm(ada, codeOfApp(secret, auth.now())))).toBe('second-factor-off')
  })

  it('names the field of what cannot be a code', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await begin(ada)
    for (const code of ['12345', '1234567', 'abcdef', '7k2mqx4t9w']) {
      expect(await fieldsOf(confirm(ada, code))).toEqual(['code'])
    }
  })

  it('of several at once switches on one, whose recovery codes are the good ones', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: () => START })) })
    const ada = await newCustomer(auth)
    const { secret } = await begin(ada)
    const code = codeOfApp(secret, auth.now())
    const attempts = Array.from({ length: 8 }, () => confirm(ada, code))
    const codes = await codesOf(attempts)
    expect(codes.filter((said) => said === 'done')).toHaveLength(1)
    expect(codes.filter((said) => said === 'second-factor-on')).toHaveLength(7)
    const recoveryCodes = await attempts[codes.indexOf('done')]
    expect(await check(auth, ada, { code: String(recoveryCodes?.[3]) })).toBe(true)
  })

  it('answers the recovery codes when the store applied it without saying so', async () => {
    const store = createMemoryStore({ now: () => START })
    const auth = await startAuth({ store })
    const ada = await newCustomer(auth)
    const { secret } = await begin(ada)
    const { transact } = store
    let lost = 3
    store.transact = async (ops, options) => {
      await transact(ops, options)
      lost -= 1
      if (lost >= 0) throw new StoreFault('outcome-unknown', 'No answer came')
    }
    const [first = ''] = await confirm(ada, codeOfApp(secret, auth.now()))
    expect(lost).toBeLessThanOrEqual(0)
    expect(await check(auth, ada, { code: first })).toBe(true)
  })
})

describe('a sign-in with a second factor', () => {
  it('asks for it only who knows the password', async () => {
    const auth = await startAuth()
    await withFactor(auth)
    const wrong = signIn(auth, 'ada_lovelace', 'wrong horse battery')
    expect(await codeOf(wrong)).toBe('wrong-credentials')
    const without = await problemOf(signInWith(auth))
    expect([without.status, without.code]).toEqual([401, 'second-factor-required'])
  })

  it.each([-1, 0, 1])('takes the code of %i steps away, once', async (steps) => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    const code = ada.app(steps)
    expect((await signInWith(auth, code)).token_type).toBe('bearer')
    expect(await codeOf(signInWith(auth, code))).toBe('wrong-second-factor')
  })

  it.each([-2, 2])('refuses the code of %i steps away', async (steps) => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    expect(await codeOf(signInWith(auth, ada.app(steps)))).toBe('wrong-second-factor')
  })

  it('takes a recovery code once, however it is typed, and counts what is left', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    const [first = ''] = ada.recoveryCodes
    expect((await signInWith(auth, first.toUpperCase())).token_type).toBe('bearer')
    expect(await codeOf(signInWith(auth, first))).toBe('wrong-second-factor')
    expect(await stateOf(ada)).toEqual({ on: true, recovery_codes_left: 9 })
    const events = await securityEventsIn(auth)
    const told = events.find(({ kind }) => kind === 'recovery-code-used')
    expect(told).toMatchObject({ userId: ada.userId, address: ADDRESS, detail: '9 left' })
  })

  it('of several with one code at once opens one session', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: () => START })) })
    const ada = await withFactor(auth)
    for (const code of [ada.app(), String(ada.recoveryCodes[0])]) {
      const codes = await codesOf(Array.from({ length: 4 }, () => signInWith(auth, code)))
      expect(codes.sort()).toEqual(['done', ...Array(3).fill('wrong-second-factor')])
    }
  })

  it('blocks who guesses codes, though the password is right every time', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    for (let guess = 0; guess < 5; guess += 1) {
      expect(await codeOf(signInWith(auth))).toBe('second-factor-required')
      expect(await codeOf(signInWith(auth, '000000'))).toBe('wrong-second-factor')
    }
    expect(await codeOf(signInWith(auth, ada.app()))).toBe('sign-in-blocked')
  })
})

describe('checkSecondFactor', () => {
  it('lets pass who has none, with and without a code', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    expect(await check(auth, ada)).toBe(false)
    expect(await check(auth, ada, { code: '123456' })).toBe(false)
    expect(await check(auth, { userId: 'nobody' })).toBe(false)
  })

  it('asks who has one, and counts no missing code as a guess', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    for (let request = 0; request < 20; request += 1) {
      expect(await codeOf(check(auth, ada))).toBe('second-factor-required')
    }
    expect(await check(auth, ada, { code: ada.app() })).toBe(true)
  })

  it('takes a code again for the same purpose, and for no other', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    for (const code of [ada.app(), String(ada.recoveryCodes[5])]) {
      const purpose = `withdraw ${code}`
      expect(await check(auth, ada, { code, purpose })).toBe(true)
      expect(await check(auth, ada, { code, purpose })).toBe(true)
      expect(await codeOf(check(auth, ada, { code }))).toBe('wrong-second-factor')
    }
    expect(await stateOf(ada)).toMatchObject({ recovery_codes_left: 9 })
  })

  it("takes no code of another user's app", async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    const babbage = await withFactor(auth, 'babbage')
    for (const code of [babbage.app(), String(babbage.recoveryCodes[0])]) {
      expect(await codeOf(check(auth, ada, { code }))).toBe('wrong-second-factor')
    }
  })

  it('of several purposes with one code at once lets one pass', async () => {
    for (const store of [
      createMemoryStore({ now: () => START }),
      dawdling(createMemoryStore({ now: () => START })),
    ]) {
      const auth = await startAuth({ store })
      const ada = await withFactor(auth)
      for (const code of [ada.app(), String(ada.recoveryCodes[0])]) {
        const codes = await codesOf(
          Array.from({ length: 4 }, (_, index) =>
            check(auth, ada, { code, address: `198.51.100.${index}` }),
          ),
        )
        expect(codes.sort()).toEqual(['done', ...Array(3).fill('wrong-second-factor')])
      }
    }
  })

  it('lets the same purpose pass as often as it comes at once', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: () => START })) })
    const ada = await withFactor(auth)
    const again = { code: ada.app(), purpose: 'withdraw under one key' }
    const codes = await codesOf(Array.from({ length: 10 }, () => check(auth, ada, again)))
    expect(codes).toEqual(Array(10).fill('done'))
  })

  it('blocks the address that guesses after five codes, and no other', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    for (let guess = 0; guess < 5; guess += 1) {
      expect(await codeOf(check(auth, ada, { code: '000000' }))).toBe('wrong-second-factor')
    }
    expect(await codeOf(check(auth, ada, { code: ada.app() }))).toBe('sign-in-blocked')
    expect(await check(auth, ada, { code: ada.app(), address: '198.51.100.1' })).toBe(true)
  })

  it('lets ten of 60 guesses at once from as many addresses be tried, and then nobody', async () => {
    const auth = await startAuth({ store: dawdling(createMemoryStore({ now: () => START })) })
    const ada = await withFactor(auth)
    const right = new Set([-1, 0, 1].map((steps) => ada.app(steps)))
    const guesses = Array.from({ length: 70 }, (_, index) => String(index).padStart(6, '0'))
      .filter((guess) => !right.has(guess))
      .slice(0, 60)
    const codes = await codesOf(
      guesses.map((code, index) => check(auth, ada, { code, address: `198.51.100.${index}` })),
    )
    expect(codes.filter((code) => code === 'wrong-second-factor')).toHaveLength(10)
    expect(codes.filter((code) => code === 'sign-in-blocked')).toHaveLength(50)
    const owner = await problemOf(check(auth, ada, { code: ada.app() }))
    expect([owner.code, owner.retryAfterSeconds]).toEqual(['sign-in-blocked', 14_400])
    const events = await securityEventsIn(auth)
    const blocks = events.filter(({ kind }) => kind === 'sign-in-blocked')
    expect(blocks.map(({ detail }) => detail)).toEqual(['the second factor, from everywhere'])
  })

  it.each(['', 'x', '２８７０８２', 'éééééé', '1234567', '00000-00000', '\u0000'.repeat(6), '-'])(
    'refuses %j like any wrong code',
    async (code) => {
      const auth = await startAuth()
      const ada = await withFactor(auth)
      expect(await codeOf(check(auth, ada, { code }))).toBe('wrong-second-factor')
    },
  )

  it('answers services only', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    const body = {
      user_id: ada.userId,
      purpose: 'withdraw',
      address: ADDRESS,
      request_id: 'r',
      code: ada.app(),
    }
    for (const from of [ada.send, auth.anybody, auth.operator]) {
      expect(await codeOf(call(from, checkSecondFactor, { body }))).toBe('bad-signature')
    }
  })
})

describe('dropSecondFactor', () => {
  it('asks for the factor, then switches it off for good and tells the log and the owner', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    expect(await codeOf(call(ada.send, dropSecondFactor, {}))).toBe('second-factor-required')
    expect(await stateOf(ada)).toMatchObject({ on: true })
    await call(ada.sendAsked, dropSecondFactor, {})
    expect(await stateOf(ada)).toEqual({ on: false, recovery_codes_left: 0 })
    expect((await signIn(auth)).token_type).toBe('bearer')
    expect(await kindsIn(auth)).toContain('second-factor-off')
    await expect
      .poll(() => auth.letters.map(({ subject }) => subject))
      .toContain('Your account does not ask for a second factor any more - CNOP')
    const { secret } = await begin(ada)
    expect(secret).not.toBe(ada.secret)
  })

  it('has nothing to tell where there is none, and takes back what was begun', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    await call(ada.sendAsked, dropSecondFactor, {})
    const { secret } = await begin(ada)
    await call(ada.sendAsked, dropSecondFactor, {})
    expect(await codeOf(confirm(ada, codeOfApp(secret, auth.now())))).toBe('second-factor-off')
    expect(await kindsIn(auth)).not.toContain('second-factor-off')
  })
})

it('a reset of the password by mail leaves the second factor on', async () => {
  const auth = await startAuth()
  const ada = await withFactor(auth)
  await call(auth.anybody, forgotPassword, { body: { email: 'ada_lovelace@example.org' } })
  const linkIn = () => auth.letters.flatMap(({ text }) => text.match(/reset-password#(\S+)/) ?? [])
  await expect.poll(linkIn).toHaveLength(2)
  const password = 'a herring in the wind'
  const body = { token: String(linkIn()[1]), new_password: password }
  await call(auth.anybody, resetPassword, { body })
  const names = { username: 'ada_lovelace', password }
  expect(await codeOf(call(auth.anybody, login, { body: names }))).toBe('second-factor-required')
  const withCode = { ...names, second_factor: ada.app() }
  const { access_token: token } = await call(auth.anybody, login, { body: withCode })
  expect(await stateOf(await customerBehind(auth, token))).toMatchObject({ on: true })
})

describe('resetSecondFactor', () => {
  const reset = (auth: TestAuth, username: string) =>
    call(auth.operator, resetSecondFactor, {
      params: { username },
      body: { reason: 'lost the phone' },
    })

  it('lets the operator take it from an account, and the log says who and why', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    const { data } = await reset(auth, 'ADA_lovelace')
    expect(data).toEqual({ user_id: ada.userId, username: 'ada_lovelace' })
    expect((await signIn(auth)).token_type).toBe('bearer')
    const told = (await securityEventsIn(auth)).find(({ kind }) => kind === 'second-factor-off')
    expect(told).toMatchObject({ userId: ada.userId, actor: 'grace', detail: 'lost the phone' })
  })

  it('answers 404 for nobody, and only the operator', async () => {
    const auth = await startAuth()
    const ada = await withFactor(auth)
    expect(await codeOf(reset(auth, 'nobody_here'))).toBe('user-not-found')
    const params = { username: 'ada_lovelace' }
    for (const from of [ada.sendAsked, auth.gateway, auth.anybody]) {
      const attempt = call(from, resetSecondFactor, { params, body: { reason: 'mine' } })
      expect(await codeOf(attempt)).toBe('bad-signature')
    }
    expect(await stateOf(ada)).toMatchObject({ on: true })
  })

  it('helps where the secret of the platform was lost, and nothing else does', async () => {
    const store = createMemoryStore({ now: () => START })
    const ada = await withFactor(await startAuth({ store }))
    const elsewhere = await startAuth({ store, callerSecret: 'another secret of the platform' })
    elsewhere.clock.nowMs += 3 * STEP_MS
    for (const code of [ada.app(), String(ada.recoveryCodes[0])]) {
      expect(await codeOf(check(elsewhere, ada, { code }))).toBe('internal-error')
    }
    await reset(elsewhere, 'ada_lovelace')
    expect((await signIn(elsewhere)).token_type).toBe('bearer')
  })
})

it('no secret and no recovery code is in the store, the log of the service or its events', async () => {
  const logged: string[] = []
  const store: Store = createMemoryStore({ now: () => START })
  const auth = await startAuth({ store, logged })
  const ada = await withFactor(auth)
  const [first = ''] = ada.recoveryCodes
  const given = [ada.app(), first, '000000', 'zzzzz-zzzzz']
  await codesOf(given.map((code) => signInWith(auth, code)))
  await codesOf(given.map((code) => check(auth, ada, { code })))
  await codesOf([registered(auth, 'babbage'), begin(ada, 'wrong horse battery')])
  await auth.close()

  let rows = ''
  for (const partition of await store.partitions('', 1000)) {
    const page = await store.query(partition, { limit: 1000 })
    rows += JSON.stringify(page.rows, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
  }
  expect(rows).toContain('second-factor-failed')
  expect(logged.join('')).toContain(ada.userId)
  const secrets = [ada.secret, ...ada.recoveryCodes, 'zzzzz-zzzzz', SECRET, PASSWORD]
  for (const secret of secrets) {
    expect(rows).not.toContain(secret)
    expect(logged.join('')).not.toContain(secret)
  }
})
