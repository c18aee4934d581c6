import { CALLER_HEADER, verifyCaller } from '@cnop/kit/caller.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, type Sending, sendTo, startDoor } from '../testing/door.ts'
import { bearer } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'

const OURS = 'https://trade.example'
const PAGES = 'https://pages.example'
const EVIL = 'https://evil.example'
const COOKIES = 'theme=dark; cnop_refresh=secret'

let platform: TinyPlatform

beforeEach(async () => {
  platform = await startDoor()
})
afterEach(() => platform.close())

const api = (path: string, sending: Sending = {}) => apiOf(platform, path, sending)
const refresh = (headers: Record<string, string> = {}, more: Sending = {}) =>
  api('/auth/refresh', { method: 'POST', ...more, headers: { cookie: COOKIES, ...headers } })

const callerOf = (path: string) => {
  const [wire] = seenBy(platform, path)
  const signing = { secret: platform.parts.callerSecret, nowMs: platform.clock.nowMs }
  return verifyCaller(wire?.headers[CALLER_HEADER], signing)
}

describe('auth', () => {
  test('hears the refresh cookie alone, who calls and from where', async () => {
    const remoteAddress = '192.0.2.7'
    const answer = await refresh({ 'user-agent': 'browser' }, { remoteAddress })
    expect(answer.headers['set-cookie']).toBe('cnop_refresh=next; HttpOnly')
    const [wire] = seenBy(platform, '/auth/refresh')
    expect(wire?.headers).toMatchObject({ cookie: 'cnop_refresh=secret', 'user-agent': 'browser' })
    expect(callerOf('/auth/refresh')).toEqual({ kind: 'anonymous', address: remoteAddress })
    await api('/auth/logout', { method: 'POST', remoteAddress, headers: bearer('good') })
    expect(callerOf('/auth/logout')).toMatchObject({ kind: 'customer', address: remoteAddress })
  })

  test('hears no cookie where it needs none, and no other service hears one', async () => {
    const headers = { cookie: COOKIES, 'user-agent': 'browser', ...bearer('good') }
    await api('/auth/sessions', { headers })
    await api('/balance', { headers })
    expect(seenBy(platform, '/auth/sessions')[0]?.headers['cookie']).toBeUndefined()
    const [wire] = seenBy(platform, '/balance')
    expect([wire?.headers['cookie'], wire?.headers['user-agent']]).toEqual([undefined, undefined])
    expect(callerOf('/balance')).not.toHaveProperty('address')
  })
})

describe('a page of another site', () => {
  test.each([
    [403, { origin: EVIL, 'sec-fetch-site': 'cross-site' }],
    [403, { origin: EVIL, host: 'trade.example' }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [200, { origin: OURS, 'sec-fetch-site': 'same-origin' }],
    [403, { origin: PAGES, 'sec-fetch-site': 'cross-site' }],
    [200, {}],
  ])('is answered %i when it renews with the cookie, with %j', async (status, headers) => {
    const answer = await refresh(headers)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['x-ratelimit-limit']).toBe('5000')
    if (status === 403) {
      expect([codeOf(answer), answer.headers['set-cookie']]).toEqual([
        'cross-site-request',
        undefined,
      ])
      expect(seenBy(platform, '/auth')).toEqual([])
    }
  })

  test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'sends no form of type %s, full or empty, anywhere',
    async (type) => {
      for (const path of ['/auth/login', '/auth/refresh', '/auth/logout', '/orders']) {
        for (const payload of ['username=alice_1', '']) {
          const headers = { 'content-type': type, 'content-length': String(payload.length) }
          const answer = await api(path, {
            method: 'POST',
            payload,
            headers: { ...headers, ...bearer('good') },
          })
          expect([path, answer.statusCode, codeOf(answer)]).toEqual([
            path,
            415,
            'unsupported-media-type',
          ])
          expect(answer.headers['x-ratelimit-remaining']).toMatch(/^\d+$/)
        }
      }
      expect(seenBy(platform, '/auth').concat(seenBy(platform, '/orders'))).toEqual([])
    },
  )
})

describe('a page of a configured origin', () => {
  const asking = { 'access-control-request-method': 'POST' }
  const preflight = (origin: string, path = '/balance/deposit') =>
    api(path, { method: 'OPTIONS', headers: { origin, ...asking } })

  test('is told that it may, with all headers of an answer', async () => {
    const answer = await preflight(PAGES)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect(answer.headers).toMatchObject({
      vary: 'Origin',
      'access-control-allow-origin': PAGES,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringContaining('authorization'),
      'x-ratelimit-limit': '10000',
      'x-ratelimit-remaining': '9999',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    })
    expect(platform.seen).toEqual([])
  })

  test('may read every answer, refusals and streams too', async () => {
    for (const [path, headers] of [
      ['/balance', bearer('good')],
      ['/balance', {}],
      ['/nothing', {}],
    ] as const) {
      const answer = await api(path, { headers: { origin: PAGES, ...headers } })
      expect(answer.headers['access-control-allow-origin']).toBe(PAGES)
      expect(answer.headers['access-control-expose-headers']).toContain('retry-after')
    }
  })

  test('does not renew a session by the cookie', async () => {
    const answer = await api('/auth/refresh', { method: 'POST', headers: { origin: PAGES } })
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'cross-site-request'])
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  })

  test('is no other origin', async () => {
    const refused = await preflight(EVIL)
    expect([refused.statusCode, codeOf(refused)]).toEqual([405, 'method-not-allowed'])
    const answer = await api('/balance', { headers: { origin: EVIL, ...bearer('good') } })
    for (const { headers } of [refused, answer]) {
      expect(headers['access-control-allow-origin']).toBeUndefined()
      expect(headers['vary']).toBe('Origin')
    }
  })

  test('reads the API and nothing else', async () => {
    const answer = await sendTo(platform, '/docs', { headers: { origin: PAGES } })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

test('a form is refused also where it would be read as JSON', async () => {
  const answer = await api('/auth/login', {
    method: 'POST',
    payload: '{"username":"alice_1","password":"123456789012"}',
    headers: { 'content-type': 'text/plain' },
  })
  expect(answer.statusCode).toBe(415)
  const taken = await api('/auth/login', {
    method: 'POST',
    payload: '{"username":"alice_1","password":"123456789012"}',
    headers: JSON_BODY,
  })
  expect(codeOf(taken)).toBe('wrong-credentials')
})
