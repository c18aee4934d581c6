/** What is good once is good once: refresh tokens, links, codes, and requests under a key. */
import { setTimeout as pause } from 'node:timers/promises'
import { getBalance, withdraw } from '@cnop/contract/balance.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import { forgotPassword, resetPassword, verifyEmail } from '@cnop/contract/password.ts'
import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { listSessions } from '@cnop/contract/session.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticatorFor } from '../authenticator.ts'
import {
  askRefresh,
  type Customer,
  freshKey,
  newCustomer,
  PASSWORD,
  type RawAnswer,
  refusalOf,
  sessionIn,
  signedIn,
  signIn,
} from '../customers.ts'
import { linkIn } from '../letters.ts'
import { type RunningPlatform, TOPOLOGIES } from '../topologies.ts'

const codeOf = ({ status, body }: RawAnswer): string | undefined =>
  status < 400 ? undefined : JSON.parse(body).code

/** A page of the platform asks again within this time after it lost the answer. */
const GRACE_MS = 10_000

describe.each(TOPOLOGIES)('what is good once, %s', (_, start) => {
  let platform: RunningPlatform

  beforeAll(async () => {
    platform = await start()
  })
  afterAll(() => platform?.stop())

  const open = async (token: string): Promise<boolean> => {
    const send = fetchSend({ url: platform.url, token: () => token })
    return call(send, getBalance, {}).then(
      () => true,
      () => false,
    )
  }

  describe('a refresh token', () => {
    it('of which 20 are used at once has one successor, and the session one place in the list', async () => {
      const customer = await newCustomer(platform.url)
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => askRefresh(platform.url, customer.cookie)),
      )
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      const cookies = new Set(answers.map((answer) => sessionIn(answer).cookie))
      expect(cookies.size).toBe(1)
      expect(cookies).not.toContain(customer.cookie)
      expect((await customer.call(listSessions, {})).data).toHaveLength(1)
      const [successor = ''] = cookies
      expect(await open(sessionIn(await askRefresh(platform.url, successor)).token)).toBe(true)
    })

    it('that was retired twice over ends the session for thief and owner', async () => {
      const customer = await newCustomer(platform.url)
      const stolen = customer.cookie
      const second = sessionIn(await askRefresh(platform.url, stolen))
      const third = sessionIn(await askRefresh(platform.url, second.cookie))
      expect(codeOf(await askRefresh(platform.url, stolen))).toBe('not-signed-in')
      expect(codeOf(await askRefresh(platform.url, third.cookie))).toBe('not-signed-in')
      for (const token of [customer.token, second.token, third.token])
        await expect.poll(() => open(token)).toBe(false)
    })

    it('is worth nothing once its moment of grace is over', { timeout: 60_000 }, async () => {
      const customer = await newCustomer(platform.url)
      const next = sessionIn(await askRefresh(platform.url, customer.cookie))
      await pause(GRACE_MS + 500)
      expect(codeOf(await askRefresh(platform.url, customer.cookie))).toBe('not-signed-in')
      expect(codeOf(await askRefresh(platform.url, next.cookie))).toBe('not-signed-in')
      await expect.poll(() => open(next.token)).toBe(false)
    })

    it('that is stolen ends its own session only', async () => {
      const customer = await newCustomer(platform.url)
      const elsewhere = await signedIn(platform.url, customer)
      const second = sessionIn(await askRefresh(platform.url, customer.cookie))
      await askRefresh(platform.url, second.cookie)
      await askRefresh(platform.url, customer.cookie)
      await expect.poll(() => open(second.token)).toBe(false)
      expect(await open(elsewhere.token)).toBe(true)
    })

    it.each([
      ['cut', (cookie: string) => cookie.slice(0, -2)],
      ['with a letter more', (cookie: string) => `${cookie}x`],
      [
        'with another letter',
        (cookie: string) =>
          cookie.replace(/.(.)$/, (_all, last) => `${last === 'A' ? 'B' : 'A'}${last}`),
      ],
      ['empty', (cookie: string) => cookie.replace(/=.*/, '=')],
      ['without a name', (cookie: string) => cookie.replace(/^[^=]*=/, '=')],
      ['of 8 kB', (cookie: string) => `${cookie}${'A'.repeat(8_000)}`],
    ])('%s renews nothing', async (_title, spoil) => {
      const customer = await newCustomer(platform.url)
      const answer = await askRefresh(platform.url, spoil(customer.cookie))
      expect(codeOf(answer)).toBe('not-signed-in')
      expect(await open(customer.token)).toBe(true)
    })
  })

  describe('a link', () => {
    const send = () => fetchSend({ url: platform.url })

    it('that confirms an address does so once', async () => {
      const { username } = await newCustomer(platform.url)
      const to = `${username}@example.org`
      const token = await linkIn(platform.dataDir, { to, linkPath: '/verify-email' })
      await call(send(), verifyEmail, { body: { token } })
      expect(await refusalOf(call(send(), verifyEmail, { body: { token } }))).toBe('link-not-valid')
    })

    it('of which 10 are used at once sets one password, and the older link none', async () => {
      const { username } = await newCustomer(platform.url)
      const to = `${username}@example.org`
      const ask = () => call(send(), forgotPassword, { body: { email: to } })
      await ask()
      const older = await linkIn(platform.dataDir, { to, linkPath: '/reset-password' })
      await ask()
      const newer = await linkIn(platform.dataDir, { to, linkPath: '/reset-password', after: 1 })
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_unused, index) =>
          call(send(), resetPassword, {
            body: { token: newer, new_password: `sentence number ${index} of ten` },
          }),
        ),
      )
      const done = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
      expect(done).toHaveLength(1)
      for (const token of [older, newer]) {
        const again = call(send(), resetPassword, {
          body: { token, new_password: 'yet another one' },
        })
        expect(await refusalOf(again)).toBe('link-not-valid')
      }
      const password = `sentence number ${done[0]} of ten`
      expect((await signIn(platform.url, { username, password })).token).toMatch(/\./)
      expect(await refusalOf(signIn(platform.url, { username, password: PASSWORD }))).toBe(
        'wrong-credentials',
      )
    })

    it('of one purpose is good for no other, and a forged one for none', async () => {
      const { username } = await newCustomer(platform.url)
      const to = `${username}@example.org`
      const token = await linkIn(platform.dataDir, { to, linkPath: '/verify-email' })
      const forged = [token, `${token}x`, token.slice(0, -1), token.split('').reverse().join('')]
      for (const one of forged) {
        const reset = call(send(), resetPassword, {
          body: { token: one, new_password: 'yet another one' },
        })
        expect(await refusalOf(reset)).toBe('link-not-valid')
      }
    })
  })

  describe('a second factor', () => {
    async function withFactor(): Promise<{
      customer: Customer
      code: () => string
      recovery: string[]
    }> {
      const customer = await newCustomer(platform.url)
      await customer.deposit('100')
      const begun = await customer.call(beginSecondFactor, { body: { password: PASSWORD } })
      const { code } = authenticatorFor(begun.data.uri)
      const { data } = await customer.call(confirmSecondFactor, { body: { code: code() } })
      return { customer, code, recovery: data.recovery_codes }
    }

    const withdrawWith = (
      customer: Customer,
      code: string | undefined,
      more: { amount?: string; key?: string } = {},
    ) =>
      customer.raw('POST', withdraw.path, {
        body: JSON.stringify({ amount: more.amount ?? '10' }),
        headers: {
          ...(more.key === undefined ? {} : { 'idempotency-key': more.key }),
          ...(code === undefined ? {} : { 'x-second-factor': code }),
        },
      })

    const cash = async (customer: Customer) => (await customer.call(getBalance, {})).current_balance

    it('is asked for by every withdrawal, whatever key it carries', async () => {
      const { customer } = await withFactor()
      expect(codeOf(await withdrawWith(customer, undefined, { key: freshKey() }))).toBe(
        'second-factor-required',
      )
      expect(codeOf(await withdrawWith(customer, undefined))).toBe('second-factor-required')
      for (const wrong of ['000000', 'aaaaa-aaaaa', 'x', '']) {
        const code = codeOf(await withdrawWith(customer, wrong, { key: freshKey() }))
        expect(['wrong-second-factor', 'second-factor-required', 'invalid-input'], wrong).toContain(
          code,
        )
      }
      expect(await cash(customer)).toBe('100.00')
    })

    it('lets one withdrawal pass by one code, and its repetition under the same key', async () => {
      const { customer, code } = await withFactor()
      const good = code()
      const key = freshKey()
      const first = await withdrawWith(customer, good, { key })
      expect(first.status, first.body).toBe(201)
      const again = await withdrawWith(customer, good, { key })
      expect([again.status, again.body]).toEqual([201, first.body])
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(codeOf(await withdrawWith(customer, good, { key: freshKey() }))).toBe(
        'wrong-second-factor',
      )
      expect(codeOf(await withdrawWith(customer, good))).toBe('wrong-second-factor')
      expect(codeOf(await withdrawWith(customer, good, { key, amount: '20' }))).toBe(
        'idempotency-key-reused',
      )
      expect(codeOf(await withdrawWith(customer, undefined, { key }))).toBe(
        'second-factor-required',
      )
      expect(await cash(customer)).toBe('90.00')
    })

    it('without a key lets one withdrawal pass by one code', async () => {
      const { customer, code } = await withFactor()
      const good = code()
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => withdrawWith(customer, good)),
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(await cash(customer)).toBe('90.00')
    })

    it('gives each recovery code one use, at a sign-in or a withdrawal', async () => {
      const { customer, recovery } = await withFactor()
      const [first = '', second = ''] = recovery
      const body = { username: customer.username, password: PASSWORD }
      expect(await refusalOf(signIn(platform.url, body))).toBe('second-factor-required')
      await signIn(platform.url, { ...body, second_factor: first })
      expect(await refusalOf(signIn(platform.url, { ...body, second_factor: first }))).toBe(
        'wrong-second-factor',
      )
      expect((await withdrawWith(customer, second)).status).toBe(201)
      expect(codeOf(await withdrawWith(customer, second))).toBe('wrong-second-factor')
      expect(codeOf(await withdrawWith(customer, first))).toBe('wrong-second-factor')
    })

    it('says nothing of itself to somebody who does not know the password', async () => {
      const { customer } = await withFactor()
      const wrong = { username: customer.username, password: 'this is not the password' }
      expect(await refusalOf(signIn(platform.url, wrong))).toBe('wrong-credentials')
      expect(await refusalOf(signIn(platform.url, { ...wrong, second_factor: '000000' }))).toBe(
        'wrong-credentials',
      )
    })
  })
})
