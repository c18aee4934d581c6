import type { Send, WireAnswer } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { bearerOf, createTokenCheck, type TokenCheck } from './token-check.ts'

describe('a token', () => {
  let nowMs: number
  let asked: string[]
  let lifeMs: number
  let ended: Set<string>
  let gate: Promise<void>
  let tokens: TokenCheck

  const send: Send = async (request): Promise<WireAnswer> => {
    const { token } = JSON.parse(request.body ?? '') as { token: string }
    asked.push(token)
    const known = !ended.has(token)
    await gate
    if (!known) return { status: 401, headers: {}, body: '{"code":"bad-token"}' }
    const [user_id = '', session_id = ''] = token.split('.')
    const expires_at = new Date(nowMs + lifeMs).toISOString()
    const data = { user_id, username: 'alice_1', session_id, expires_at }
    return { status: 200, headers: {}, body: JSON.stringify({ data }) }
  }

  beforeEach(() => {
    nowMs = Date.UTC(2026, 0, 1)
    asked = []
    lifeMs = 600_000
    ended = new Set()
    gate = Promise.resolve()
    tokens = createTokenCheck({ send, now: () => nowMs, keptMax: 3 })
  })

  const codeOf = (token: string): Promise<string> =>
    tokens.identify(token).then(
      () => 'good',
      (error: Problem) => error.code,
    )

  test('is its customer’s', async () => {
    expect(await tokens.identify('U1.S1')).toEqual({
      caller: { kind: 'customer', userId: 'U1', username: 'alice_1', sessionId: 'S1' },
      token: 'U1.S1',
      expiresAtMs: nowMs + lifeMs,
    })
  })

  test('is asked about once a second at most, and not later', async () => {
    await tokens.identify('U1.S1')
    nowMs += 999
    await tokens.identify('U1.S1')
    expect(asked).toHaveLength(1)
    ended.add('U1.S1')
    nowMs += 1
    expect(await codeOf('U1.S1')).toBe('bad-token')
  })

  test('is not kept past its expiry', async () => {
    lifeMs = 300
    await tokens.identify('U1.S1')
    nowMs += 299
    await tokens.identify('U1.S1')
    expect(asked).toHaveLength(1)
    nowMs += 1
    await tokens.identify('U1.S1')
    expect(asked).toHaveLength(2)
    lifeMs = 0
    expect(await codeOf('U2.S2')).toBe('bad-token')
  })

  test('that is bad is asked about each time', async () => {
    ended.add('U1.S1')
    expect([await codeOf('U1.S1'), await codeOf('U1.S1')]).toEqual(['bad-token', 'bad-token'])
    expect(asked).toHaveLength(2)
  })

  test('used at the same moment is asked about once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => tokens.identify('U1.S1')))
    expect(new Set(answers).size).toBe(1)
    expect(asked).toHaveLength(1)
  })

  test('of a session that ended here is forgotten at once, with all others of the session', async () => {
    for (const token of ['U1.S1.a', 'U1.S1.b', 'U1.S2.c']) await tokens.identify(token)
    ended.add('U1.S1.a').add('U1.S1.b')
    tokens.forget('S1')
    expect([await codeOf('U1.S1.a'), await codeOf('U1.S1.b')]).toEqual(['bad-token', 'bad-token'])
    await tokens.identify('U1.S2.c')
    expect(asked).toHaveLength(5)
  })

  test('whose session ends while it is being asked about is not kept', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    const early = codeOf('U1.S1')
    ended.add('U1.S1')
    tokens.forget('S1')
    const later = codeOf('U1.S1')
    resolve()
    expect([await early, await later]).toEqual(['good', 'bad-token'])
    expect(await codeOf('U1.S1')).toBe('bad-token')
  })

  test('is one of few that are kept', async () => {
    for (const token of ['U1.S1', 'U2.S2', 'U3.S3', 'U4.S4']) await tokens.identify(token)
    await tokens.identify('U4.S4')
    expect(asked).toHaveLength(4)
    await tokens.identify('U1.S1')
    expect(asked).toHaveLength(5)
  })
})

describe('the authorization header', () => {
  test.each([
    ['Bearer abc.DEF-1_2~3+4/5==', 'abc.DEF-1_2~3+4/5=='],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    [undefined, undefined],
    ['Basic YWxpY2U6eA==', undefined],
    ['', undefined],
  ])('%j names %j', (header, token) => {
    expect(bearerOf(header)).toBe(token)
  })

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer é',
    `Bearer ${'a'.repeat(8193)}`,
  ])('%# is no token at all', (header) => {
    expect(() => bearerOf(header)).toThrow(new Problem('bad-token'))
  })
})
