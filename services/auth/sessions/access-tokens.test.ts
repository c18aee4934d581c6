import { createHmac, randomUUID } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'
import { createLog } from '@cnop/kit/log.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import fc from 'fast-check'
import { base64url, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AccessTokens, createAccessTokens } from './access-tokens.ts'
import { signingKeyVault } from './signing-key-rows.ts'
import { loadSigningKeys, type SigningKey, type SigningKeys } from './signing-keys.ts'

const ISSUED = 1_772_366_400
const ISSUER = 'https://cnop.example'
const CLAIMS = {
  userId: 'ada',
  sessionId: 'session-1',
  tokenId: 'token-1',
  issued: ISSUED,
  expires: ISSUED + 600,
}
const PAYLOAD = {
  iss: ISSUER,
  aud: 'cnop',
  sub: 'ada',
  sid: 'session-1',
  jti: 'token-1',
  iat: ISSUED,
  exp: ISSUED + 600,
}

const newKeys = (): Promise<SigningKeys> =>
  loadSigningKeys({
    store: createMemoryStore({ now: systemCommitClock.now }),
    clock: systemCommitClock,
    days: 30,
    vault: signingKeyVault('a secret of the tests, of 32 characters or more'),
    newId: randomUUID,
    log: createLog({ level: 'silent', service: 'auth' }),
  })

const newKey = async (): Promise<SigningKey> => (await newKeys()).current()

const encoded = (value: unknown): string => base64url.encode(JSON.stringify(value))

let key: SigningKey
let nowSeconds: number
let tokens: AccessTokens

beforeAll(async () => {
  const keys = await newKeys()
  key = keys.current()
  tokens = createAccessTokens({ keys, issuer: ISSUER, now: () => nowSeconds * 1000 })
})

/** A token signed with our own key: only what the test changes about it can be its fault. */
function forge(
  payload: Readonly<Record<string, unknown>>,
  header: Record<string, unknown> = {},
  signer = key,
): Promise<string> {
  return new SignJWT({ ...PAYLOAD, ...payload } as JWTPayload)
    .setProtectedHeader({ alg: 'EdDSA', kid: key.publicKey.kid, typ: 'at+jwt', ...header })
    .sign(signer.privateKey)
}

async function expectRefused(token: string): Promise<void> {
  await expect(tokens.verify(token)).rejects.toThrow(new Problem('bad-token'))
}

describe('an access token', () => {
  beforeAll(() => {
    nowSeconds = ISSUED + 1
  })

  it('says whose it is, from its making to its end and not a second longer', async () => {
    const token = await tokens.sign(CLAIMS)
    const subject = { userId: 'ada', sessionId: 'session-1', expires: ISSUED + 600 }
    for (const second of [0, 599]) {
      nowSeconds = ISSUED + second
      expect(await tokens.verify(token)).toEqual(subject)
    }
    nowSeconds = ISSUED + 600
    await expectRefused(token)
    nowSeconds = ISSUED + 1
  })

  it('is accepted in the form the refused ones below are changed from', async () => {
    expect((await tokens.verify(await forge({}))).userId).toBe('ada')
  })

  it.each([
    ['for another audience', { aud: 'elsewhere' }],
    ['for no audience', { aud: undefined }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['of no issuer', { iss: undefined }],
    ['that has expired', { exp: ISSUED }],
    ['that never expires', { exp: undefined }],
    ['that expires in words', { exp: 'never' }],
    ['that is not good yet', { nbf: ISSUED + 60 }],
    ['of nobody', { sub: undefined }],
    ['of no session', { sid: undefined }],
    ['without a name of its own', { jti: undefined }],
    ['without the time of its making', { iat: undefined }],
    ['made in the future', { iat: ISSUED + 7 }],
    ['made at a time in words', { iat: 'now' }],
  ])('%s is refused', async (_, change) => {
    await expectRefused(await forge(change))
  })

  it.each([
    ['of another type', { typ: 'JWT' }],
    ['of no type', { typ: undefined }],
    ['that names another key', { kid: 'another' }],
    ['with an extension nobody here understands', { crit: ['exp'] }],
  ])('%s is refused', async (_, header) => {
    const forged = await forge({}).then((token) => token.split('.'))
    const replaced = { alg: 'EdDSA', kid: key.publicKey.kid, typ: 'at+jwt', ...header }
    const input = `${encoded(replaced)}.${forged[1]}`
    const bytes = await crypto.subtle.sign('Ed25519', key.privateKey, Buffer.from(input))
    await expectRefused(`${input}.${base64url.encode(new Uint8Array(bytes))}`)
  })

  it('signed with another key under the name of ours is refused', async () => {
    await expectRefused(await forge({}, {}, await newKey()))
  })

  it('without a signature is refused, however it spells that', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = { alg, typ: 'at+jwt', kid: key.publicKey.kid }
      await expectRefused(`${encoded(header)}.${encoded(PAYLOAD)}.`)
    }
    const [header, payload] = (await forge({})).split('.')
    await expectRefused(`${header}.${payload}.`)
    await expectRefused(`${header}.${payload}`)
  })

  it('signed with the public key as if it were a shared secret is refused', async () => {
    const input = `${encoded({ alg: 'HS256', typ: 'at+jwt', kid: key.publicKey.kid })}.${encoded(PAYLOAD)}`
    for (const secret of [key.publicKey.x, Buffer.from(key.publicKey.x, 'base64url')]) {
      const mac = createHmac('sha256', secret).update(input).digest('base64url')
      await expectRefused(`${input}.${mac}`)
    }
  })

  it('that brings its own key is refused', async () => {
    const stranger = await newKey()
    const { publicKey } = stranger
    const header = { jwk: publicKey, jku: 'http://127.0.0.1:1/keys', kid: publicKey.kid }
    await expectRefused(await forge({}, header, stranger))
  })

  it('with any one character of it changed is refused', async () => {
    const token = await tokens.sign(CLAIMS)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
    // The last character of a signature carries bits that mean nothing.
    const place = fc.nat({ max: token.length - 2 })
    await fc.assert(
      fc.asyncProperty(place, fc.constantFrom(...alphabet), async (at, character) => {
        fc.pre(token[at] !== character)
        await expectRefused(token.slice(0, at) + character + token.slice(at + 1))
      }),
    )
  })

  it('made by a replica whose clock is a little ahead is good', async () => {
    expect((await tokens.verify(await forge({ iat: ISSUED + 6 }))).userId).toBe('ada')
  })

  it('longer than any of ours is refused before anything of it is read', async () => {
    const long = await forge({ padding: 'a'.repeat(4096) })
    await expectRefused(long)
    const asked: string[] = []
    const watched = createAccessTokens({
      keys: { current: () => key, find: async (kid) => void asked.push(kid) },
      issuer: ISSUER,
      now: () => nowSeconds * 1000,
    })
    await expect(watched.verify(long)).rejects.toThrow(new Problem('bad-token'))
    expect(asked).toEqual([])
  })

  it('that was good is refused once its key is dropped', async () => {
    const keys = await newKeys()
    const own = createAccessTokens({ keys, issuer: ISSUER, now: () => nowSeconds * 1000 })
    const token = await own.sign(CLAIMS)
    for (let shown = 0; shown < 2; shown += 1) expect((await own.verify(token)).userId).toBe('ada')
    await keys.rotate(
      { kind: 'check', key: { pk: 'told', sk: 'told' }, when: { absent: true } },
      systemCommitClock.now() + 1_000,
    )
    await expect(own.verify(token)).rejects.toThrow(new Problem('bad-token'))
  })

  it('that was good is of the future for a clock that went back', async () => {
    const token = await tokens.sign(CLAIMS)
    expect((await tokens.verify(token)).userId).toBe('ada')
    nowSeconds = ISSUED - 60
    await expectRefused(token)
    nowSeconds = ISSUED + 1
    expect((await tokens.verify(token)).userId).toBe('ada')
  })

  it('that is no token at all is refused', async () => {
    const soup = fc.array(fc.oneof(fc.string(), fc.json().map(encoded)), { maxLength: 5 })
    await fc.assert(fc.asyncProperty(soup, (parts) => expectRefused(parts.join('.'))))
  })
})
