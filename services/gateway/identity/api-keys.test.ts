import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, type Sending, startDoor } from '../testing/door.ts'
import { bearer, keyOf } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'

const READER = keyOf('reader')
const TRADER = keyOf('trader')
const HOME = '192.0.2.1'

let platform: TinyPlatform

beforeEach(async () => {
  platform = await startDoor()
  platform.keys
    .set(READER, { username: 'alice_1', keyId: 'K1', scopes: ['read'] })
    .set(TRADER, { username: 'alice_1', keyId: 'K2', scopes: ['trade'], address: HOME })
})
afterEach(() => platform.close())

const withKey = (key: string, more: Sending = {}): Sending => ({
  remoteAddress: HOME,
  ...more,
  headers: { authorization: `Bearer ${key}`, ...more.headers },
})
const codeWith = async (path: string, sending: Sending): Promise<string> => {
  const answer = await apiOf(platform, path, sending)
  return answer.statusCode < 300 ? 'taken' : codeOf(answer)
}
const deposit = {
  method: 'POST',
  payload: '{"amount":"1"}',
  headers: { ...JSON_BODY, 'idempotency-key': 'k'.repeat(16) },
} as const

describe('an API key', () => {
  test('opens what its scopes say, before anything is forwarded', async () => {
    expect(await codeWith('/balance', withKey(READER))).toBe('taken')
    expect(await codeWith('/balance/deposit', withKey(READER, deposit))).toBe('scope-missing')
    expect(await codeWith('/balance', withKey(TRADER))).toBe('scope-missing')
    expect(await codeWith('/balance/deposit', withKey(TRADER, deposit))).toBe('taken')
    expect(await codeWith('/auth/sessions', withKey(TRADER))).toBe('scope-missing')
    expect(platform.seen.map(({ path }) => path).filter((path) => !/internal/.test(path))).toEqual([
      '/balance',
      '/balance/deposit',
    ])
  })

  test('that may not read hears no stream', async () => {
    expect(await codeWith('/stream?channels=orders', withKey(TRADER))).toBe('scope-missing')
    expect(platform.journals).toEqual([])
  })

  test('is good at its addresses alone, also while its answer is kept', async () => {
    expect(await codeWith('/balance/deposit', withKey(TRADER, deposit))).toBe('taken')
    const elsewhere = { ...deposit, remoteAddress: '198.51.100.7' }
    const answer = await apiOf(platform, '/balance/deposit', withKey(TRADER, elsewhere))
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'address-not-allowed'])
    expect(answer.headers['x-ratelimit-limit']).toBe('3000')
  })

  test('that is revoked here is out at once', async () => {
    expect(await codeWith('/balance', withKey(READER))).toBe('taken')
    const revoked = await apiOf(platform, '/auth/keys/K1', {
      method: 'DELETE',
      headers: bearer('good'),
    })
    expect(revoked.statusCode).toBe(200)
    expect(await codeWith('/balance', withKey(READER))).toBe('bad-token')
  })

  test('of a form that none has costs auth nothing', async () => {
    for (const token of ['cnop_', 'cnop_short', `cnop_${'x'.repeat(300)}`, 'abc', 'a.b'])
      expect(await codeWith('/balance', withKey(token))).toBe('bad-token')
    expect(platform.seen).toEqual([])
  })
})

test('many bad tokens of one address cost auth little, and others behind it go on', async () => {
  const from = (remoteAddress: string, name: string) =>
    codeWith('/balance', { remoteAddress, headers: bearer(name) })
  expect(await from(HOME, 'good')).toBe('taken')
  const codes: string[] = []
  for (let i = 0; i < 550; i += 1) codes.push(await from(HOME, `guess-${i}`))
  expect(codes.filter((code) => code === 'bad-token')).toHaveLength(500)
  expect(codes.slice(500).every((code) => code === 'rate-limited')).toBe(true)
  expect(seenBy(platform, '/internal/auth/validate')).toHaveLength(501)
  platform.clock.nowMs += 1_000
  expect(await from(HOME, 'good')).toBe('taken')
  expect(await from('198.51.100.7', 'other')).toBe('taken')
  platform.sessions.set('new', 'carol_3')
  expect(await from(HOME, 'new')).toBe('rate-limited')
  platform.clock.nowMs += 10_000
  expect(await from(HOME, 'new')).toBe('taken')
})
