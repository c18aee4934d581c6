import type { Send, WireAnswer } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { BadTokens } from './bad-tokens.ts'
import { createTokenCheck, type TokenCheck } from './token-check.ts'

const HERE = '192.0.2.1'
const ELSEWHERE = '198.51.100.1'
const KEY = 'cnop_0123456789abcdef'

const refusal = (status: number, code: string): WireAnswer => ({
  status,
  headers: {},
  body: JSON.stringify({ code }),
})

let nowMs: number
let asked: string[]
let lifeMs: number | undefined
let ended: Set<string>
let gate: Promise<void>
let tokens: TokenCheck
let scopes: { scopes?: string[] }
let badAt: string[]
let guessers: Set<string>

const send: Send = async (request): Promise<WireAnswer> => {
  const { token, address } = JSON.parse(request.body ?? '') as { token: string; address: string }
  asked.push(token)
  if (address === ELSEWHERE) return refusal(403, 'address-not-allowed')
  const known = !ended.has(token)
  await gate
  if (!known) return refusal(401, 'bad-token')
  const [user_id = '', session_id = ''] = token.split('.')
  const life = lifeMs === undefined ? {} : { expires_at: new Date(nowMs + lifeMs).toISOString() }
  const data = { user_id, username: 'alice_1', session_id, ...life, ...scopes }
  return { status: 200, headers: {}, body: JSON.stringify({ data }) }
}

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1)
  asked = []
  lifeMs = 600_000
  ended = new Set()
  gate = Promise.resolve()
  scopes = {}
  badAt = []
  guessers = new Set()
  tokens = tokensOver(send)
})

const tokensOver = (over: Send): TokenCheck =>
  createTokenCheck({ send: over, badTokens, now: () => nowMs, keptMax: 3 })

const badTokens: BadTokens = {
  async refuseGuesser(address) {
    if (guessers.has(address)) throw new Problem('rate-limited')
  },
  async note(address) {
    badAt.push(address)
  },
}

const identify = (token: string, address = HERE) => tokens.identify(token, address)

const codeOf = (token: string, address = HERE): Promise<string> =>
  identify(token, address).then(
    () => 'good',
    (error: Problem) => error.code,
  )

describe('a token', () => {
  test('is its customer’s', async () => {
    expect(await identify('U1.S1')).toEqual({
      caller: { kind: 'customer', userId: 'U1', username: 'alice_1', sessionId: 'S1' },
      token: 'U1.S1',
      expiresAtMs: nowMs + 600_000,
    })
  })

  test('is asked about once a second at most, and not later', async () => {
    await identify('U1.S1')
    nowMs += 999
    await identify('U1.S1')
    expect(asked).toHaveLength(1)
    ended.add('U1.S1')
    nowMs += 1
    expect(await codeOf('U1.S1')).toBe('bad-token')
  })

  test('is not kept past its expiry', async () => {
    lifeMs = 300
    await identify('U1.S1')
    nowMs += 299
    await identify('U1.S1')
    expect(asked).toHaveLength(1)
    nowMs += 1
    await identify('U1.S1')
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
    const answers = await Promise.all(Array.from({ length: 50 }, () => identify('U1.S1')))
    expect(new Set(answers).size).toBe(1)
    expect(asked).toHaveLength(1)
  })

  test('of a session that has ended is asked about at once, with all others of the session', async () => {
    for (const token of ['U1.S1.a', 'U1.S1.b', 'U1.S2.c']) await identify(token)
    ended.add('U1.S1.a').add('U1.S1.b')
    tokens.doubt(({ sessionId }) => sessionId === 'S1')
    expect([await codeOf('U1.S1.a'), await codeOf('U1.S1.b')]).toEqual(['bad-token', 'bad-token'])
    await identify('U1.S2.c')
    expect(asked).toHaveLength(5)
  })

  test('whose session ends while it is being asked about is not kept', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    const early = codeOf('U1.S1')
    while (asked.length === 0) await Promise.resolve()
    ended.add('U1.S1')
    tokens.doubt(({ sessionId }) => sessionId === 'S1')
    const later = codeOf('U1.S1')
    resolve()
    expect([await early, await later]).toEqual(['good', 'bad-token'])
    expect(await codeOf('U1.S1')).toBe('bad-token')
  })

  test('is one of few that are kept', async () => {
    for (const token of ['U1.S1', 'U2.S2', 'U3.S3', 'U4.S4']) await identify(token)
    await identify('U4.S4')
    expect(asked).toHaveLength(4)
    await identify('U1.S1')
    expect(asked).toHaveLength(5)
  })

  test('that is bad counts against its address, and once', async () => {
    ended.add('U1.S1')
    await codeOf('U1.S1')
    await codeOf('U2.S2')
    expect(badAt).toEqual([HERE])
  })

  test('of a guesser is not asked about, unless it was good here', async () => {
    await identify('U1.S1')
    nowMs += 1_000
    guessers.add(HERE)
    expect([await codeOf('U1.S1'), await codeOf('U2.S2')]).toEqual(['good', 'rate-limited'])
    expect(asked).toEqual(['U1.S1', 'U1.S1'])
    ended.add('U1.S1')
    nowMs += 1_000
    expect([await codeOf('U1.S1'), await codeOf('U1.S1')]).toEqual(['bad-token', 'rate-limited'])
  })

  test('whose session may have ended is asked about, also where its address guesses', async () => {
    for (const token of ['U1.S1', 'U2.S2']) await identify(token)
    guessers.add(HERE)
    ended.add('U1.S1')
    tokens.doubt(() => true)
    expect([await codeOf('U1.S1'), await codeOf('U2.S2')]).toEqual(['bad-token', 'good'])
  })

  test.each<[string, () => Promise<WireAnswer>]>([
    ['nothing', () => Promise.reject(new Problem('dependency-down'))],
    ['a failure', async () => refusal(500, 'internal-error')],
    ['a doubt about the door', async () => refusal(401, 'bad-signature')],
    ['that it closes', async () => refusal(503, 'shutting-down')],
    ['another refusal', async () => refusal(404, 'order-not-found')],
    ['no JSON', async () => ({ status: 200, headers: {}, body: '<html>' })],
    ['nobody', async () => ({ status: 200, headers: {}, body: '{"data":{}}' })],
    ['too little', async () => ({ status: 200, headers: {}, body: '{"data":{"user_id":"U1"}}' })],
  ])('is neither good nor bad when auth answers %s', async (_, answer) => {
    tokens = tokensOver(answer)
    await expect(identify('U1.S1')).rejects.toMatchObject({ code: 'dependency-down' })
    expect(badAt).toEqual([])
  })
})

describe('an API key', () => {
  beforeEach(() => {
    lifeMs = undefined
    scopes = { scopes: ['read'] }
  })

  test('may do what its scopes say, and may have no end', async () => {
    expect(await identify(KEY)).toMatchObject({
      caller: { scopes: ['read'] },
      expiresAtMs: Infinity,
    })
  })

  test('is asked about for each address on its own', async () => {
    for (let i = 0; i < 3; i += 1) await identify(KEY)
    expect(asked).toHaveLength(1)
    expect(await codeOf(KEY, ELSEWHERE)).toBe('address-not-allowed')
    expect(await codeOf(KEY)).toBe('good')
    expect(asked).toHaveLength(2)
  })
})
