import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, type Sending, startDoor } from '../testing/door.ts'
import { bearer } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'

let platform: TinyPlatform
let others: TinyPlatform[]

beforeEach(async () => {
  others = []
  platform = await startDoor()
})
afterEach(() => Promise.all([platform, ...others].map((each) => each.close())))

async function start(options: Parameters<typeof startDoor>[0]): Promise<TinyPlatform> {
  const door = await startDoor(options)
  others.push(door)
  return door
}

const api = (path: string, sending: Sending = {}, door = platform) => apiOf(door, path, sending)

describe('a customer', () => {
  test('without a token is not signed in', async () => {
    for (const headers of [{}, { authorization: 'Basic YWxpY2U6eA==' }]) {
      const answer = await api('/balance', { headers })
      expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'not-signed-in'])
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
    expect(platform.seen).toEqual([])
  })

  test('with a bad token is told so', async () => {
    for (const token of ['unknown', 'not a token']) {
      const answer = await api('/balance', { headers: bearer(token) })
      expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'bad-token'])
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    }
  })

  test('has the token checked once a second', async () => {
    for (let i = 0; i < 5; i += 1) await api('/balance', { headers: bearer('good') })
    expect(seenBy(platform, '/internal/auth')).toHaveLength(1)
    platform.clock.nowMs += 1_000
    await api('/balance', { headers: bearer('good') })
    expect(seenBy(platform, '/internal/auth')).toHaveLength(2)
  })

  test('who has signed out is out at once', async () => {
    expect((await api('/balance', { headers: bearer('good') })).statusCode).toBe(200)
    const out = await api('/auth/logout', { method: 'POST', headers: bearer('good') })
    expect(out.statusCode).toBe(200)
    expect(codeOf(await api('/balance', { headers: bearer('good') }))).toBe('bad-token')
    expect((await api('/balance', { headers: bearer('other') })).statusCode).toBe(200)
  })

  test('who cannot be checked is not let in', async () => {
    const transports = new Map([...platform.parts.transports].filter(([name]) => name !== 'auth'))
    const door = await start({ transports })
    const answer = await api('/balance', { headers: bearer('good') }, door)
    expect([codeOf(answer), seenBy(door, '/balance')]).toEqual(['dependency-down', []])
    expect(
      (await api('/inventory/assets', { headers: bearer('good') }, door)).headers[
        'www-authenticate'
      ],
    ).toBeUndefined()
  })

  test('has no answer kept by anyone', async () => {
    for (const path of ['/balance', '/orders/abc', '/nothing', '/auth/jwks'])
      expect((await api(path, { headers: bearer('good') })).headers['cache-control']).toBe(
        'no-store',
      )
  })
})
