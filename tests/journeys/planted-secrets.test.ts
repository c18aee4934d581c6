/**
 * Every kind of secret goes through a platform that logs all it can, and is looked for afterwards
 * where none belongs: in its log, its metrics, its security log and every byte of its data files.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { register } from '@cnop/contract/auth.ts'
import { withdraw } from '@cnop/contract/balance.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import { changePassword, forgotPassword, resetPassword } from '@cnop/contract/password.ts'
import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { listSecurityEvents } from '@cnop/contract/security-log.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { authenticatorFor } from '../authenticator.ts'
import {
  askRefresh,
  customerOf,
  freshKey,
  newPerson,
  newUsername,
  rawCall,
  refusalOf,
  sessionIn,
  signIn,
} from '../customers.ts'
import { asOperator, runOperator } from '../operators.ts'
import { type RunningPlatform, startApart, startTogether, temporaryDataDir } from '../topologies.ts'

const FIRST = 'planted first password'
const SECOND = 'planted second password'
const THIRD = 'planted third password'
/** Typed where a name belongs, and of the form of one. */
const AS_NAME = 'planted_in_the_field_of_names'

let dataDir: string
let platform: RunningPlatform
/** By what they are. */
const secrets = new Map<string, string>([
  ['the first password', FIRST],
  ['the second password', SECOND],
  ['the third password', THIRD],
  ['a password that was typed as a name', AS_NAME],
])
let metrics: string
let events: string

/** The token of the letter that a new password was asked by. */
function resetToken(): Promise<string> {
  const mail = join(dataDir, 'mail')
  return vi.waitFor(
    () => {
      const letters = readdirSync(mail).map((name) => readFileSync(join(mail, name), 'utf8'))
      const token = /reset[\w-]*#(?:token=)?([\w.-]{40,})/.exec(letters.join('\n'))?.[1]
      if (token === undefined) throw new Error(`No such letter: ${letters.join('\n')}`)
      return token
    },
    { timeout: 10_000 },
  )
}

/** Bytes that no endpoint reads whole, with secrets in them. */
async function ruin(): Promise<void> {
  const { url } = platform
  const { path } = register
  await rawCall(url, 'POST', path, { body: `{"password": "${FIRST}", ` })
  await rawCall(url, 'POST', path, { body: JSON.stringify({ ...newPerson(), passwort: FIRST }) })
  await rawCall(url, 'POST', path, { body: FIRST, headers: { 'content-type': 'text/plain' } })
  await rawCall(url, 'GET', `/balance?access_token=${secrets.get('an access token')}`)
  await rawCall(url, 'GET', `/auth/keys/${secrets.get('an API key')}`)
}

async function live(): Promise<void> {
  const { url } = platform
  const username = newUsername()
  const anybody = fetchSend({ url })
  const plant = (what: string, secret: string): string => {
    secrets.set(what, secret)
    return secret
  }

  const person = { ...newPerson(username), password: FIRST }
  const { user_id: userId } = await call(anybody, register, { body: person })
  const signedIn = await signIn(url, { username, password: FIRST })
  plant('an access token', signedIn.token)
  plant('a refresh token', signedIn.cookie.split('=')[1] ?? '')
  const renewed = sessionIn(await askRefresh(url, signedIn.cookie))
  plant('a renewed access token', renewed.token)
  plant('a renewed refresh token', renewed.cookie.split('=')[1] ?? '')
  const customer = customerOf(url, { username, userId }, renewed)
  await customer.deposit('100.00')

  await refusalOf(signIn(url, { username: AS_NAME, password: SECOND }))
  await refusalOf(signIn(url, { username, password: SECOND }))
  await customer.call(changePassword, {
    body: { current_password: FIRST, new_password: SECOND },
  })
  const made = await customer.raw('POST', '/auth/keys', {
    body: JSON.stringify({ password: SECOND, name: 'a program', scopes: ['read'] }),
  })
  const apiKey = plant('an API key', JSON.parse(made.body).data.api_key)
  await rawCall(url, 'GET', '/balance', { token: apiKey })
  await rawCall(url, 'GET', '/balance', { token: `${apiKey.slice(0, -1)}_` })

  const { data } = await customer.call(beginSecondFactor, { body: { password: SECOND } })
  plant('the secret of the second factor', data.secret)
  const app = authenticatorFor(data.uri)
  const confirmed = await customer.call(confirmSecondFactor, { body: { code: app.code() } })
  for (const [i, code] of confirmed.data.recovery_codes.entries()) plant(`recovery code ${i}`, code)
  const [recoveryCode = ''] = confirmed.data.recovery_codes
  await customer.call(withdraw, {
    body: { amount: '1.00' },
    idempotencyKey: freshKey(),
    headers: { 'x-second-factor': recoveryCode },
  })

  await call(anybody, forgotPassword, { body: { email: person.email } })
  const token = plant('a link', await resetToken())
  await call(anybody, resetPassword, { body: { token, new_password: THIRD } })
  await refusalOf(call(anybody, resetPassword, { body: { token, new_password: THIRD } }))
  await refusalOf(signIn(url, { username, password: THIRD }))
  await runOperator(platform, ['rotate-keys', '--reason', 'a journey'])
}

async function allEvents(): Promise<string> {
  return asOperator(platform, async ({ send }) =>
    JSON.stringify((await call(send, listSecurityEvents, { query: { limit: 1000 } })).data),
  )
}

beforeAll(async () => {
  dataDir = await temporaryDataDir()
  mkdirSync(dataDir, { recursive: true })
  platform = await startApart({ dataDir, env: { LOG_LEVEL: 'trace' } })
  await live()
  await ruin()
  events = await vi.waitFor(async () => {
    const said = await allEvents()
    expect(said).toContain('sign-in-failed')
    return said
  })
  metrics = await (await fetch(`${platform.internalUrl}/metrics`)).text()
  await platform.stop()
}, 60_000)

afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

/** By what they are, so that a failure tells no secret either. */
const found = (text: string): readonly string[] =>
  [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => what)

describe('what is secret', () => {
  it('was planted: every kind of it', () => {
    const kinds = new Set([...secrets.keys()].map((what) => what.replace(/ [0-9]+$/, '')))
    expect([...kinds].toSorted()).toEqual([
      'a link',
      'a password that was typed as a name',
      'a refresh token',
      'a renewed access token',
      'a renewed refresh token',
      'an API key',
      'an access token',
      'recovery code',
      'the first password',
      'the second password',
      'the secret of the second factor',
      'the third password',
    ])
    expect([...secrets.values()].filter((secret) => secret.length < 11)).toEqual([])
  })

  it('is in no line of the log', () => {
    const said = platform.said()
    expect(said).toContain('"action":"login"')
    expect(said).toContain('"stream":"security"')
    expect(found(said)).toEqual([])
  })

  it('is in no event of the security log', () => {
    for (const kind of ['signed-in', 'sign-in-failed', 'key-created', 'second-factor-on'])
      expect(events).toContain(kind)
    expect(found(events)).toEqual([])
  })

  it('is in no metric', () => {
    expect(metrics).toContain('http_requests_total')
    expect(found(metrics)).toEqual([])
  })

  it('is in no byte of a data file', () => {
    const files = readdirSync(dataDir, { withFileTypes: true }).filter((file) => file.isFile())
    const texts = files.map(({ name }) => readFileSync(join(dataDir, name), 'latin1'))
    expect(texts.some((text) => text.includes('signed-in'))).toBe(true)
    expect(texts.flatMap(found)).toEqual([])
  })
})

it('the password of the mail server is in no line of the log when no letter can be handed over', async () => {
  const password = 'planted-password-of-the-mail-server'
  const env = { LOG_LEVEL: 'trace', SMTP_URL: `smtp://mailer:${password}@127.0.0.1:1` }
  const mailing = await startTogether({ env })
  try {
    await call(fetchSend({ url: mailing.url }), register, { body: newPerson() })
    await expect.poll(() => mailing.said(), { timeout: 10_000 }).toContain('letter')
    expect(mailing.said()).not.toContain(password)
  } finally {
    await mailing.stop()
  }
}, 30_000)
