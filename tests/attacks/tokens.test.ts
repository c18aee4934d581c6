/** A token that this platform did not issue for this door and this time opens nothing. */
import { createHmac } from 'node:crypto'
import { getBalance } from '@cnop/contract/balance.ts'
import { call } from '@cnop/contract/call.ts'
import { rotateSigningKey } from '@cnop/contract/security-log.ts'
import { logout } from '@cnop/contract/session.ts'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  askRefresh,
  type Customer,
  newCustomer,
  rawCall,
  sessionIn,
  signedIn,
} from '../customers.ts'
import { asOperator } from '../operators.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { encoded, partsOf, resign, type StolenKey, stealSigningKey } from './forged-tokens.ts'

const HOUR = 3_600

let platform: RunningPlatform
let customer: Customer
let other: Customer
let stolen: StolenKey

const now = (): number => Math.floor(Date.now() / 1000)
const signedPart = (token: string): string => token.slice(0, token.lastIndexOf('.'))
const signatureOf = (token: string): string => token.slice(token.lastIndexOf('.') + 1)

const resigned = (change: { header?: object; payload?: object }) =>
  resign(customer.token, change, stolen.privateKey)

/** The token with another header and an HMAC, keyed with what everybody can read. */
function hmacSigned(secret: string | Buffer): string {
  const { header, payload } = partsOf(customer.token)
  const text = `${encoded({ ...header, alg: 'HS256' })}.${encoded(payload)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** Signed by a key of the forger’s own, which the header brings along. */
async function ownKey(bring: (jwk: object) => object): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const { header, payload } = partsOf(customer.token)
  const jwk = await exportJWK(publicKey)
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', ...header, ...bring(jwk) })
    .sign(privateKey)
}

const unsigned = (alg: string) => () => {
  const { header, payload } = partsOf(customer.token)
  return `${encoded({ ...header, alg })}.${encoded(payload)}.`
}

const withPayload = (change: object) => () => {
  const { payload } = partsOf(customer.token)
  const [head, , signature] = customer.token.split('.')
  return `${head}.${encoded({ ...payload, ...change })}.${signature}`
}

const FORGED: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['without an algorithm', unsigned('none')],
  ['without an algorithm, in other letters', unsigned('nOnE')],
  ['without a signature', () => `${signedPart(customer.token)}.`],
  ['of two parts', () => signedPart(customer.token)],
  ['of five parts', () => `${customer.token}.x.y`],
  [
    'signed by HMAC with the public key',
    () => hmacSigned(Buffer.from(String(stolen.jwk.x), 'base64url')),
  ],
  ['signed by HMAC with the printed public key', () => hmacSigned(String(stolen.jwk.x))],
  ['signed by HMAC with nothing', () => hmacSigned('')],
  ['of another type', () => resigned({ header: { typ: 'JWT' } })],
  ['of a type like that of a refresh token', () => resigned({ header: { typ: 'rt+jwt' } })],
  ['without a type', () => resigned({ header: { typ: undefined } })],
  ['for another audience', () => resigned({ payload: { aud: 'another' } })],
  ['for no audience', () => resigned({ payload: { aud: undefined } })],
  ['of another issuer', () => resigned({ payload: { iss: 'https://elsewhere.example' } })],
  ['of no issuer', () => resigned({ payload: { iss: undefined } })],
  ['that has expired', () => resigned({ payload: { iat: now() - 2 * HOUR, exp: now() - HOUR } })],
  ['that never expires', () => resigned({ payload: { exp: undefined } })],
  ['that is not good yet', () => resigned({ payload: { nbf: now() + HOUR } })],
  ['of nobody', () => resigned({ payload: { sub: undefined } })],
  ['of somebody else’s session', () => resigned({ payload: { sub: other.userId } })],
  ['of no session', () => resigned({ payload: { sid: undefined } })],
  [
    'of a session that never was',
    () => resigned({ payload: { sid: '01J00000000000000000000000' } }),
  ],
  ['whose session is an object', () => resigned({ payload: { sid: { $ne: '' } } })],
  ['of an unknown key', () => resigned({ header: { kid: 'unknown' } })],
  [
    'that asks for what it does not need',
    () => resigned({ header: { crit: ['exp'], exp: 1 } }).catch(() => 'a.b.c'),
  ],
  ['whose key is a path', () => resigned({ header: { kid: '../../../../dev/null' } })],
  ['that brings its key', () => ownKey((jwk) => ({ jwk }))],
  [
    'that brings its key under the known name',
    () => ownKey((jwk) => ({ jwk: { ...jwk, kid: stolen.kid } })),
  ],
  ['that says where its key is', () => ownKey(() => ({ jku: 'http://127.0.0.1:9/keys' }))],
  ['that says where its certificate is', () => ownKey(() => ({ x5u: 'http://127.0.0.1:9/cert' }))],
  [
    'with somebody else’s signature',
    () => `${signedPart(customer.token)}.${signatureOf(other.token)}`,
  ],
  ['with somebody else’s name', withPayload({ sub: '01J00000000000000000000000' })],
  ['that lives a year longer', withPayload({ exp: now() + 8_760 * HOUR })],
  [
    'of 10 kB',
    () => `${signedPart(customer.token)}${'A'.repeat(10_000)}.${signatureOf(customer.token)}`,
  ],
  ['of one letter', () => 'x'],
  ['of dots', () => '...'],
  ['of JSON that is no object', () => `${encoded([])}.${encoded('x')}.${encoded(1)}`],
  ['that nests', () => `${Buffer.from('['.repeat(2_000)).toString('base64url')}.e30.e30`],
]

const answerTo = (token: string, path: string = getBalance.path) =>
  rawCall(platform.url, 'GET', path, { token })

async function expectBadToken(token: string): Promise<void> {
  for (const path of [getBalance.path, '/stream?channels=orders', '/auth/sessions']) {
    const answer = await answerTo(token, path)
    expect([answer.status, JSON.parse(answer.body).code], path).toEqual([401, 'bad-token'])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect(answer.body).not.toMatch(/jose|jwt|jws|signature|expired|claim/i)
  }
}

beforeAll(async () => {
  platform = await startTogether()
  customer = await newCustomer(platform.url)
  other = await newCustomer(platform.url)
  stolen = await stealSigningKey(platform, customer.token)
})
afterAll(async () => {
  const said = platform.said()
  await platform.stop()
  expect(said, 'a forged token is no failure of the platform').not.toContain('"level":"error"')
})

describe('a token', () => {
  it('is believed as it was issued, also when signed again', async () => {
    expect((await answerTo(customer.token)).status).toBe(200)
    expect((await answerTo(await resigned({}))).status).toBe(200)
  })

  it.each(FORGED)('%s opens nothing', async (_, forge) => {
    await expectBadToken(await forge())
  })

  it.each([
    ['Basic dXNlcjpwYXNz', 'not-signed-in'],
    ['Bearer', 'bad-token'],
    ['Bearer ', 'bad-token'],
    ['Bearer a b', 'bad-token'],
    ['Bearer ü', 'bad-token'],
  ])('is not read out of “%s”', async (authorization, code) => {
    const headers = { authorization: Buffer.from(authorization).toString('latin1') }
    const answer = await rawCall(platform.url, 'GET', getBalance.path, { headers })
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, code])
  })

  it('is not read out of the address, a cookie or a body', async () => {
    const { token } = customer
    for (const path of [`?access_token=${token}`, `?token=${token}`]) {
      expect((await rawCall(platform.url, 'GET', getBalance.path + path)).status).toBe(401)
    }
    const headers = { cookie: `access_token=${token}; token=${token}` }
    expect((await rawCall(platform.url, 'GET', getBalance.path, { headers })).status).toBe(401)
  })

  it('opens nothing once its session has ended', async () => {
    const ending = await signedIn(platform.url, customer)
    await ending.call(getBalance, {})
    await ending.call(logout, {})
    await expectBadToken(ending.token)
    await expectBadToken(await resign(ending.token, {}, stolen.privateKey))
  })

  it('opens nothing once its key is rotated away, and its session goes on by refresh', async () => {
    await asOperator(platform, ({ send }) =>
      call(send, rotateSigningKey, { body: { reason: 'stolen' } }),
    )
    await expect.poll(async () => (await answerTo(other.token)).status).toBe(401)
    await expectBadToken(other.token)
    await expectBadToken(await resigned({ payload: { jti: 'another' } }))
    const { token } = sessionIn(await askRefresh(platform.url, other.cookie))
    expect((await answerTo(token)).status).toBe(200)
  })
})
