import { describe, expect, it } from 'vitest'
import { newTimeSecret, stepOfCode, timeSecretUri } from './time-codes.ts'

/** `12345678901234567890` in base32: the secret of RFC 6238, appendix B. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** The last six digits of the SHA-1 vectors of that appendix. */
const VECTORS: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]

describe('the code of a time', () => {
  it.each(VECTORS)('is the one of RFC 6238 at %i s: %s', (seconds, code) => {
    expect(stepOfCode(SECRET, code, seconds * 1000)).toBe(BigInt(Math.floor(seconds / 30)))
  })

  it.each(VECTORS)('is good one step early and late, and not two, at %i s', (seconds, code) => {
    const step = BigInt(Math.floor(seconds / 30))
    const stepMs = Number(step) * 30_000
    expect(stepOfCode(SECRET, code, stepMs - 30_001)).toBeUndefined()
    expect(stepOfCode(SECRET, code, stepMs - 30_000)).toBe(step)
    expect(stepOfCode(SECRET, code, stepMs + 59_999)).toBe(step)
    expect(stepOfCode(SECRET, code, stepMs + 60_000)).toBeUndefined()
  })

  it.each(['287083', '28708', '2870820', '', '7k2mq-x4t9w', '２８７０８２'])(
    'is not %j',
    (code) => {
      expect(stepOfCode(SECRET, code, 59_000)).toBeUndefined()
    },
  )
})

describe('a secret', () => {
  it('is 160 random bits in base32', () => {
    const secrets = Array.from({ length: 100 }, newTimeSecret)
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(new Set(secrets).size).toBe(secrets.length)
  })

  it('is shown with what an app needs to know of it', () => {
    const uri = new URL(timeSecretUri(SECRET, 'ada_lovelace'))
    expect([uri.protocol, uri.host, uri.pathname]).toEqual([
      'otpauth:',
      'totp',
      '/CNOP:ada_lovelace',
    ])
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'CNOP',
      secret: SECRET,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})
