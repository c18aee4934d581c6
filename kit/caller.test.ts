import { createHmac } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, test } from 'vitest'
import { type Caller, signCaller, verifyCaller } from './caller.ts'

const secret = 'a secret of the tests, of 32 characters or more'
const nowMs = Date.UTC(2026, 0, 1)
const customer: Caller = {
  kind: 'customer',
  userId: 'U1',
  username: 'alice_1',
  sessionId: 'S1',
}

const codeOf = (header: string | undefined, at = nowMs): string => {
  try {
    verifyCaller(header, { secret, nowMs: at })
    return 'verified'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

describe('a signed caller', () => {
  test.each<Caller>([
    { kind: 'anonymous' },
    customer,
    { kind: 'system', name: 'order' },
    { kind: 'operator', name: 'root' },
  ])('arrives as it was signed: $kind', (caller) => {
    const header = signCaller(caller, { secret, nowMs })
    expect(verifyCaller(header, { secret, nowMs: nowMs + 59_000 })).toEqual(caller)
  })

  test('is worth nothing a minute later, or long before it was signed', () => {
    const header = signCaller(customer, { secret, nowMs })
    expect(codeOf(header, nowMs + 60_000)).toBe('verified')
    expect(codeOf(header, nowMs + 60_001)).toBe('bad-signature')
    expect(codeOf(header, nowMs - 60_001)).toBe('bad-signature')
  })

  test('of another platform is no caller', () => {
    const other = 'another secret, also of 32 characters or more'
    expect(codeOf(signCaller(customer, { secret: other, nowMs }))).toBe('bad-signature')
  })

  test('with any character changed is no caller', () => {
    const header = signCaller(customer, { secret, nowMs })
    /** The last character of a 32-byte signature carries bits that mean nothing. */
    for (let at = 0; at < header.length - 1; at += 1) {
      const other = header[at] === 'A' ? 'B' : 'A'
      const changed = `${header.slice(0, at)}${other}${header.slice(at + 1)}`
      expect([at, codeOf(changed)]).toEqual([at, 'bad-signature'])
    }
  })

  test.each([undefined, '', '.', 'a.b', 'a', `${'A'.repeat(5000)}.${'B'.repeat(5000)}`])(
    'is not %j',
    (header) => {
      expect(codeOf(header)).toBe('bad-signature')
    },
  )

  test('cannot be claimed with an unsigned payload', () => {
    const payload = Buffer.from(JSON.stringify({ ...customer, at: nowMs })).toString('base64url')
    const mac = createHmac('sha256', '').update(payload).digest('base64url')
    expect(codeOf(`${payload}.${mac}`)).toBe('bad-signature')
    expect(codeOf(payload)).toBe('bad-signature')
  })
})
