import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, JSON_BODY, type Sending, sendTo, startDoor } from '../testing/door.ts'
import { bearer } from '../testing/tiny-auth.ts'
import type { TinyPlatform } from '../testing/tiny-platform.ts'

let platform: TinyPlatform

beforeEach(async () => {
  platform = await startDoor()
})
afterEach(() => platform.close())

const send = (path: string, sending: Sending = {}, door = platform) => sendTo(door, path, sending)

describe('every answer', () => {
  const SECURE: Readonly<Record<string, string>> = {
    'content-security-policy':
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  }
  const tooLong = 'x'.repeat(70_000)

  test.each<[string, string, Sending]>([
    ['', '/api/v1/capabilities', {}],
    ['', '/api/v1/balance', { headers: bearer('good') }],
    ['not-signed-in', '/api/v1/balance', {}],
    ['route-not-found', '/api/v1/nothing', {}],
    ['route-not-found', '/api/v2/balance', { method: 'POST', payload: 'x' }],
    ['route-not-found', '/api/', {}],
    ['method-not-allowed', '/api/v1/balance', { method: 'DELETE' }],
    ['malformed-request', '/api/v1/orders/%ZZ', {}],
    [
      'malformed-json',
      '/api/v1/balance/deposit',
      { method: 'POST', payload: '{', headers: { ...JSON_BODY, ...bearer('good') } },
    ],
    [
      'unsupported-media-type',
      '/api/v1/balance/deposit',
      {
        method: 'POST',
        payload: '<a/>',
        headers: { 'content-type': 'text/xml', ...bearer('good') },
      },
    ],
    [
      'unsupported-media-type',
      '/api/v1/balance/deposit',
      { method: 'POST', payload: '{}', headers: bearer('good') },
    ],
    [
      'body-too-large',
      '/api/v1/balance/deposit',
      { method: 'POST', payload: tooLong, headers: { ...JSON_BODY, ...bearer('good') } },
    ],
    ['internal-error', '/api/v1/inventory/assets/BTC', {}],
    ['route-not-found', '/nothing', {}],
    ['', '/health', {}],
    ['', '/openapi.json', {}],
  ])('%s of %s has its headers', async (code, path, sending) => {
    const answer = await send(path, sending)
    for (const [name, value] of Object.entries(SECURE))
      expect([name, answer.headers[name]]).toEqual([name, value])
    for (const name of ['server', 'x-powered-by']) expect(answer.headers[name]).toBeUndefined()
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    const rate = ['limit', 'remaining', 'reset'].map(
      (name) => answer.headers[`x-ratelimit-${name}`],
    )
    for (const value of rate) {
      if (path.startsWith('/api/')) expect(value).toMatch(/^[0-9]+$/)
      else expect(value).toBeUndefined()
    }
    if (code === '') return expect(answer.statusCode).toBe(200)
    expect(codeOf(answer)).toBe(code)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json().request_id).toBe(answer.headers['x-request-id'])
  })

  test.each([
    ['headers-too-large', `GET /api/v1/balance HTTP/1.1\r\nhost: x\r\nx: ${tooLong}\r\n\r\n`],
    ['malformed-request', 'GET /api/v1/balance SMTP/9\r\n\r\n'],
  ])('%s has them although nothing could be routed', async (code, bytes) => {
    const socket = connect(Number(new URL(await platform.listen()).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(bytes)
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
    expect(JSON.parse(body)).toMatchObject({ code })
    for (const [name, value] of Object.entries(SECURE))
      expect(head).toContain(`${name}: ${value}\r\n`)
    expect(head).toMatch(/x-request-id: [0-9a-f-]{36}\r\n/)
    expect(head).toMatch(
      /x-ratelimit-limit: 10000\r\nx-ratelimit-remaining: 9999\r\nx-ratelimit-reset: \d+\r\n/,
    )
  })
})
