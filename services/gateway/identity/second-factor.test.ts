import { CALLER_HEADER, verifyCaller } from '@cnop/kit/caller.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, startDoor } from '../testing/door.ts'
import { bearer } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'

let platform: TinyPlatform

beforeEach(async () => {
  platform = await startDoor()
})
afterEach(() => platform.close())

const KEY = 'key-of-16-letters'

function withdraw(headers: Record<string, string> = {}, payload = '{"amount":"1"}') {
  const all = { ...JSON_BODY, ...bearer('good'), ...headers }
  return apiOf(platform, '/balance/withdraw', {
    method: 'POST',
    payload,
    headers: all,
    remoteAddress: '192.0.2.7',
  })
}

const asked = (): Record<string, string>[] =>
  seenBy(platform, '/internal/auth/second-factor').map(
    ({ body = '' }) => JSON.parse(body) as Record<string, string>,
  )

describe('a request that cannot be taken back', () => {
  beforeEach(() => {
    platform.factors.set('id-of-alice_1', '123456')
  })

  test('needs the code of a customer who has a second factor', async () => {
    expect(codeOf(await withdraw())).toBe('second-factor-required')
    expect(codeOf(await withdraw({ 'x-second-factor': '654321' }))).toBe('wrong-second-factor')
    expect(seenBy(platform, '/balance/withdraw')).toEqual([])
    expect((await withdraw({ 'x-second-factor': '123456' })).statusCode).toBe(201)
  })

  test('is told to auth with its purpose and where it came from', async () => {
    const headers = { 'x-second-factor': '123456', 'x-request-id': 'r-1', 'idempotency-key': KEY }
    await withdraw(headers)
    await withdraw(headers)
    const question = {
      user_id: 'id-of-alice_1',
      code: '123456',
      purpose: `withdraw ${KEY}`,
      address: '192.0.2.7',
      request_id: 'r-1',
    }
    expect(asked()).toEqual([question, question])
  })

  test('without a key has a purpose that nobody outside can name again', async () => {
    const headers = { 'x-second-factor': '123456', 'x-request-id': 'r-1' }
    await withdraw(headers)
    await withdraw(headers)
    const purposes = asked().map(({ purpose }) => purpose)
    expect(purposes[0]).toMatch(/^withdraw [0-9a-f-]{36}$/)
    expect(new Set(purposes).size).toBe(2)
  })

  test('goes on as one that was asked, and says the code to nobody', async () => {
    await withdraw({ 'x-second-factor': '123456' })
    const [wire] = seenBy(platform, '/balance/withdraw')
    const signing = { secret: platform.parts.callerSecret, nowMs: platform.clock.nowMs }
    expect(verifyCaller(wire?.headers[CALLER_HEADER], signing)).toMatchObject({
      userId: 'id-of-alice_1',
      secondFactor: 'asked',
    })
    expect(JSON.stringify(wire)).not.toContain('123456')
  })

  test.each([
    ['a body that does not fit', {}, '{"amount":"much"}', 'invalid-input'],
    ['a body that is none', {}, '{', 'malformed-json'],
    ['a key that is none', { 'idempotency-key': 'short' }, '{"amount":"1"}', 'invalid-input'],
  ])('spends no code on %s', async (_, headers, payload, code) => {
    const answer = await withdraw({ 'x-second-factor': '123456', ...headers }, payload)
    expect([codeOf(answer), asked()]).toEqual([code, []])
  })

  test('takes what is too long for a code as none', async () => {
    expect(codeOf(await withdraw({ 'x-second-factor': '1'.repeat(65) }))).toBe(
      'second-factor-required',
    )
  })
})

test('a customer without a second factor is not held up', async () => {
  expect((await withdraw()).statusCode).toBe(201)
  expect((await withdraw({ 'x-second-factor': 'whatever' })).statusCode).toBe(201)
})

test('other requests ask for nothing', async () => {
  platform.factors.set('id-of-alice_1', '123456')
  expect((await apiOf(platform, '/balance', { headers: bearer('good') })).statusCode).toBe(200)
  expect(asked()).toEqual([])
})
