import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { API_BASE } from '@cnop/contract/route.ts'
import { CALLER_HEADER, signCaller, verifyCaller } from '@cnop/kit/caller.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from '@cnop/kit/deadline.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, type Sending, startDoor } from './testing/door.ts'
import { bearer, tokenOf } from './testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from './testing/tiny-platform.ts'

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

describe('a forwarded request', () => {
  test('has its body and its query untouched', async () => {
    const payload = '{"amount" : 1.50 , "note":"é€\\u0041", "amount":2}'
    const answer = await api('/balance/deposit?x=%2F&y=a+b&&z', {
      method: 'POST',
      payload,
      headers: { 'content-type': 'application/json; charset=UTF-8', ...bearer('good') },
    })
    const [wire] = seenBy(platform, '/balance/deposit')
    expect(wire).toMatchObject({
      method: 'POST',
      path: '/balance/deposit?x=%2F&y=a+b&&z',
      body: payload,
    })
    expect(wire?.headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(codeOf(answer)).toBe('malformed-json')
  })

  test('answers byte for byte what its service answered', async () => {
    const answer = await api('/balance/deposit', {
      method: 'POST',
      payload: '{"amount":"1"}',
      headers: { ...JSON_BODY, ...bearer('good'), 'idempotency-key': 'key-of-16-letters' },
    })
    expect(answer.statusCode).toBe(201)
    expect(answer.body).toBe('{"success":true,  "message":"key-of-16-letters ✓"}')
    expect(answer.headers['idempotent-replayed']).toBe('true')
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  test('is signed by the door, and takes nothing else of what was claimed', async () => {
    const forged = signCaller(
      { kind: 'operator', name: 'root' },
      { secret: platform.parts.callerSecret, nowMs: platform.clock.nowMs },
    )
    await api('/balance', {
      headers: {
        ...bearer('good'),
        [CALLER_HEADER]: forged,
        'x-cnop-anything': '1',
        [TIMEOUT_HEADER]: '999999',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-host': 'evil.example',
        'x-real-ip': '1.2.3.4',
        cookie: 'a=b',
        origin: 'https://evil.example',
        'user-agent': 'curious',
        'accept-language': 'de',
        'last-event-id': '7',
        'x-request-id': 'mine-1',
      },
    })
    const [wire] = seenBy(platform, '/balance')
    expect(Object.keys(wire?.headers ?? {}).sort()).toEqual([
      'accept-language',
      'last-event-id',
      'traceparent',
      CALLER_HEADER,
      'x-request-id',
      TIMEOUT_HEADER,
    ])
    expect(wire?.headers[TIMEOUT_HEADER]).toBe(String(TIMEOUT_MS_DEFAULT))
    expect(wire?.headers['x-request-id']).toBe('mine-1')
    const signing = { secret: platform.parts.callerSecret, nowMs: platform.clock.nowMs }
    expect(verifyCaller(wire?.headers[CALLER_HEADER], signing)).toEqual({
      kind: 'customer',
      userId: 'id-of-alice_1',
      username: 'alice_1',
      sessionId: 'session-good',
    })
  })

  test('shows nothing internal in its answer', async () => {
    const answer = await api('/balance', { headers: bearer('good') })
    const internal = Object.keys(answer.headers).filter((name) =>
      /x-cnop|timeout|server|powered/.test(name),
    )
    expect([answer.statusCode, internal]).toEqual([200, []])
  })

  test.each([
    ['/inventory/assets/%2E%2E/candles', 'route-not-found'],
    ['/inventory/assets/./candles', 'route-not-found'],
    ['/assets/../balance', 'route-not-found'],
    ['/orders/%2e', 'route-not-found'],
    ['/orders/%2e%2e%2finternal%2fmetrics', 'invalid-input'],
    ['/orders/..%5c..%5cinternal%5cmetrics', 'invalid-input'],
    ['/orders/\\..\\..\\internal\\metrics', 'invalid-input'],
    ['/orders/a%3Fb', 'invalid-input'],
  ])('never leaves its route: %s', async (path, code) => {
    const url = await platform.listen()
    const port = Number(new URL(url).port)
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `GET ${API_BASE}${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${tokenOf('good')}\r\n\r\n`,
    )
    const answer = await text(socket)
    expect(answer).toContain(`"code":"${code}"`)
    const strayed = platform.seen.filter(
      (wire) => !/^\/orders\/.|^\/internal\/auth\/validate$/.test(wire.path),
    )
    expect(strayed).toEqual([])
  })

  test('that its service refuses is refused, seen from outside', async () => {
    const answer = await api('/orders/abc', { headers: bearer('good') })
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'order-not-found',
      instance: '/api/v1/orders/abc',
      detail: 'Not "instance":"/abc".',
      request_id: answer.headers['x-request-id'],
    })
    const busy = await api('/orders/abc', { method: 'DELETE', headers: bearer('good') })
    expect([busy.statusCode, busy.headers['retry-after']]).toEqual([503, '7'])
    const wrong = await api('/auth/login', {
      method: 'POST',
      headers: JSON_BODY,
      payload: '{"username":"alice_1","password":"123456789012"}',
    })
    expect([codeOf(wrong), wrong.headers['www-authenticate']]).toEqual([
      'wrong-credentials',
      'Bearer',
    ])
  })

  test('whose service is not there is refused with the time to come back', async () => {
    const door = await start({ transports: new Map() })
    const answer = await api('/inventory/assets', {}, door)
    expect([codeOf(answer), answer.headers['retry-after']]).toEqual(['dependency-down', '2'])
  })

  test('carries a trace on, or begins one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await api('/balance', { headers: { ...bearer('good'), traceparent } })
    await api('/balance', { headers: { ...bearer('good'), traceparent: 'nonsense' } })
    const [given, made] = seenBy(platform, '/balance')
    expect(given?.headers['traceparent']).toBe(traceparent)
    expect(made?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  })
})
