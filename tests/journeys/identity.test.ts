/** The life of an account as its owner lives it: letters, devices, passwords, codes and keys. */
import { listApiKeys, revokeApiKey } from '@cnop/contract/api-key.ts'
import { getProfile, register } from '@cnop/contract/auth.ts'
import { deposit, getBalance, withdraw } from '@cnop/contract/balance.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import {
  changePassword,
  forgotPassword,
  resetPassword,
  verifyEmail,
} from '@cnop/contract/password.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  getSecondFactor,
} from '@cnop/contract/second-factor.ts'
import { listSessions, logout } from '@cnop/contract/session.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authenticator, authenticatorFor } from '../authenticator.ts'
import {
  askRefresh,
  type Customer,
  customerOf,
  freshKey,
  newApiKey,
  newPerson,
  newUsername,
  PASSWORD,
  refusalOf,
  sessionIn,
  signIn,
} from '../customers.ts'
import { lettersTo, linkIn } from '../letters.ts'
import { runOperator } from '../operators.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import type { RunningPlatform } from '../topologies.ts'

const SECOND_PASSWORD = 'a second sentence to remember'
const THIRD_PASSWORD = 'a third sentence to remember'

describe.each(WITH_SCALED)('an account, %s', (_, start) => {
  const username = newUsername()
  const to = `${username}@example.org`
  let platform: RunningPlatform
  let userId: string
  let laptop: Customer
  let phone: Customer
  let app: Authenticator
  let recoveryCodes: readonly string[]
  let key: { keyId: string; secret: string }

  beforeAll(async () => {
    platform = await start()
  })
  afterAll(() => platform?.stop())

  const stranger = () => fetchSend({ url: platform.url })

  async function enter(password: string, second_factor?: string, agent = 'laptop') {
    const factor = second_factor === undefined ? {} : { second_factor }
    const headers = { 'user-agent': agent }
    const session = await signIn(platform.url, { username, password, ...factor }, headers)
    return customerOf(platform.url, { username, userId }, session)
  }

  const withdrawal = (code: string | undefined, idempotencyKey = freshKey()) =>
    laptop.call(withdraw, {
      body: { amount: '10' },
      idempotencyKey,
      ...(code === undefined ? {} : { headers: { 'x-second-factor': code } }),
    })

  it('is opened, and its address confirmed by the link of a letter', async () => {
    userId = (await call(stranger(), register, { body: newPerson(username) })).user_id
    laptop = await enter(PASSWORD)
    expect(await laptop.call(getProfile, {})).toMatchObject({ email_verified: false })
    const token = await linkIn(platform.dataDir, { to, linkPath: '/verify-email' })
    await call(stranger(), verifyEmail, { body: { token } })
    expect(await laptop.call(getProfile, {})).toMatchObject({ email_verified: true, email: to })
  })

  it('is open on two devices, and both are in the list', async () => {
    phone = await enter(PASSWORD, undefined, 'phone')
    const { data } = await laptop.call(listSessions, {})
    expect(data.map(({ user_agent, current }) => [user_agent, current])).toEqual([
      ['phone', false],
      ['laptop', true],
    ])
    expect(data.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it('is closed on the other device by a new password, and stays open on this one', async () => {
    await laptop.call(changePassword, {
      body: { current_password: PASSWORD, new_password: SECOND_PASSWORD },
    })
    await expect.poll(() => phone.call(getBalance, {}).catch(String)).toMatch(/token/)
    expect(await refusalOf(askRefresh(platform.url, phone.cookie).then(sessionIn))).toBe(
      'not-signed-in',
    )
    laptop = customerOf(
      platform.url,
      { username, userId },
      sessionIn(await askRefresh(platform.url, laptop.cookie)),
    )
    expect(await laptop.call(getProfile, {})).toMatchObject({ username })
    expect(await refusalOf(enter(PASSWORD))).toBe('wrong-credentials')
  })

  it('is opened again by the link of a letter when the password is forgotten', async () => {
    await call(stranger(), forgotPassword, { body: { email: to.toUpperCase() } })
    const token = await linkIn(platform.dataDir, { to, linkPath: '/reset-password' })
    await call(stranger(), resetPassword, { body: { token, new_password: THIRD_PASSWORD } })
    await expect.poll(() => laptop.call(getBalance, {}).catch(String)).toMatch(/token/)
    expect(await refusalOf(enter(SECOND_PASSWORD))).toBe('wrong-credentials')
    laptop = await enter(THIRD_PASSWORD)
    await laptop.deposit('100')
  })

  it('asks for a second factor from when one is switched on', async () => {
    phone = await enter(THIRD_PASSWORD, undefined, 'phone')
    const begun = await laptop.call(beginSecondFactor, { body: { password: THIRD_PASSWORD } })
    app = authenticatorFor(begun.data.uri)
    const { data } = await laptop.call(confirmSecondFactor, { body: { code: app.code() } })
    recoveryCodes = data.recovery_codes
    expect((await laptop.call(getSecondFactor, {})).data).toEqual({
      on: true,
      recovery_codes_left: recoveryCodes.length,
    })
    await expect.poll(() => phone.call(getBalance, {}).catch(String)).toMatch(/token/)
    expect(await refusalOf(enter(THIRD_PASSWORD))).toBe('second-factor-required')
  })

  it('pays out with a code, and with a recovery code when the phone is lost', async () => {
    expect(await refusalOf(withdrawal(undefined))).toBe('second-factor-required')
    await withdrawal(app.code())
    await withdrawal(recoveryCodes[0])
    expect(await refusalOf(withdrawal(recoveryCodes[0]))).toBe('wrong-second-factor')
    expect(await laptop.call(getBalance, {})).toMatchObject({ current_balance: '80.00' })
    expect((await laptop.call(getSecondFactor, {})).data.recovery_codes_left).toBe(
      recoveryCodes.length - 1,
    )
  })

  it('lets a program in by a key: to look and to trade, not to pay out', async () => {
    key = await newApiKey(laptop, ['read', 'trade'], {
      password: THIRD_PASSWORD,
      code: recoveryCodes[1] ?? '',
    })
    const send = fetchSend({ url: platform.url, token: () => key.secret })
    await call(send, deposit, { body: { amount: '1' }, idempotencyKey: freshKey() })
    expect(await call(send, getBalance, {})).toMatchObject({ current_balance: '81.00' })
    const paidOut = call(send, withdraw, { body: { amount: '1' }, idempotencyKey: freshKey() })
    expect(await refusalOf(paidOut)).toBe('scope-missing')
    const [listed] = (await laptop.call(listApiKeys, {})).data
    expect(listed).toMatchObject({ key_id: key.keyId, scopes: ['read', 'trade'] })
    expect(JSON.stringify(listed)).not.toContain(key.secret)
  })

  it('lets it in no longer once the key is revoked', async () => {
    await laptop.call(revokeApiKey, { params: { key_id: key.keyId } })
    const send = fetchSend({ url: platform.url, token: () => key.secret })
    await expect.poll(() => call(send, getBalance, {}).catch(String)).toMatch(/token/)
  })

  it('is left at once by signing out', async () => {
    await laptop.call(logout, {})
    expect(await refusalOf(laptop.call(getBalance, {}))).toBe('bad-token')
    expect(await refusalOf(askRefresh(platform.url, laptop.cookie).then(sessionIn))).toBe(
      'not-signed-in',
    )
  })

  it('has had a letter for everything that its owner should know', async () => {
    const subjects = async () =>
      (await lettersTo(platform.dataDir, to)).map(({ subject }) => subject).join('\n')
    for (const topic of [/confirm/, /password/, /second factor/, /API key/])
      await expect.poll(subjects).toMatch(topic)
  })

  it('has its whole life in the security log, as an operator reads it', async () => {
    const kinds = async (): Promise<readonly string[]> => {
      const said = await runOperator(platform, ['security-log', '--user', username])
      return said.split('\n').toReversed()
    }
    const told = await kinds()
    let at = -1
    for (const kind of STORY) {
      const next = told.findIndex((line, index) => index > at && line.includes(kind))
      expect(next, `${kind} behind line ${at} of\n${told.join('\n')}`).toBeGreaterThan(at)
      at = next
    }
    expect(told.join('\n')).not.toContain(THIRD_PASSWORD)
  })
})

/** What happens above, in its order. */
const STORY = [
  'user-registered',
  'signed-in',
  'email-verified',
  'signed-in',
  'password-changed',
  'sign-in-failed',
  'password-reset-asked',
  'password-reset',
  'signed-in',
  'second-factor-on',
  'recovery-code-used',
  'key-created',
  'key-revoked',
  'signed-out',
] as const
