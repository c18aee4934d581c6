import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceName } from '@cnop/contract/route.ts'
import { httpTransport } from '@cnop/kit/http-transport.ts'
import type { Transport } from '@cnop/kit/transport.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, sendTo, startDoor } from './testing/door.ts'
import { bearer } from './testing/tiny-auth.ts'
import type { TinyPlatform } from './testing/tiny-platform.ts'

type Reply = { status: number; type?: string; body: string; headers?: Record<string, string> }

const SECRET = 'nobody may read this'
const JSON_TYPE = 'application/json; charset=utf-8'
const LIVE: Reply = { status: 200, type: JSON_TYPE, body: '{"status":"live"}' }
const BALANCE: Reply = {
  status: 200,
  type: JSON_TYPE,
  body: JSON.stringify({
    current_balance: '1.00',
    available_balance: '1.00',
    held_balance: '0.00',
    currency: 'USD',
    updated_at: '2026-01-01T00:00:00.000Z',
  }),
}

let inside: TinyPlatform
let door: TinyPlatform
let server: Server
let reply: Reply
let live: Reply

/** The order service is a server that answers what a test tells it; the others are as they are. */
beforeEach(async () => {
  reply = BALANCE
  live = LIVE
  server = createServer((request, response) => {
    const { status, type, body, headers } = request.url === '/health/live' ? live : reply
    response.writeHead(status, {
      ...headers,
      ...(type === undefined ? {} : { 'content-type': type }),
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  inside = await startDoor()
  await begin(httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
})
afterEach(async () => {
  await door.close()
  await inside.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function begin(order: Transport, without?: ServiceName): Promise<void> {
  const transports = new Map(inside.parts.transports).set('order', order)
  if (without !== undefined) transports.set(without, broken)
  door = await startDoor({ transports })
  inside.sessions.set('good', 'alice_1')
  closers.push(order)
}
const closers: Transport[] = []
afterEach(async () => {
  for (const each of closers.splice(0)) await each.close()
})

const broken: Transport = {
  send: () => Promise.reject(new Error('gone')),
  open: () => Promise.reject(new Error('gone')),
  close: async () => undefined,
}

const read = () => apiOf(door, '/balance', { headers: bearer('good') })
const breakerOf = async (service: string): Promise<string> =>
  (await sendTo(door, '/health/ready')).json().breakers[service]

describe('a service that lies', () => {
  const problem = (more: object): string =>
    JSON.stringify({ type: 'x', title: 'x', status: 404, code: 'order-not-found', ...more })

  test.each<[string, Reply]>([
    ['a page', { status: 200, type: 'text/html', body: SECRET }],
    ['JSON that is none', { status: 200, type: JSON_TYPE, body: `{"${SECRET}` }],
    ['the shape of another', { status: 200, type: JSON_TYPE, body: `{"data":"${SECRET}"}` }],
    ['another success', { status: 201, type: JSON_TYPE, body: `{"x":"${SECRET}"}` }],
    [
      'a way elsewhere',
      { status: 302, type: JSON_TYPE, body: '{}', headers: { location: SECRET } },
    ],
    ['a failure of its own', { status: 500, type: JSON_TYPE, body: `{"x":"${SECRET}"}` }],
    ['a refusal that is none', { status: 404, type: JSON_TYPE, body: problem({ detail: SECRET }) }],
    [
      'a refusal that is a success',
      { status: 200, type: 'application/problem+json', body: problem({ detail: SECRET }) },
    ],
    [
      'a refusal of another status',
      { status: 403, type: 'application/problem+json', body: problem({ detail: SECRET }) },
    ],
    [
      'a refusal that says more',
      { status: 404, type: 'application/problem+json', body: problem({ stack: SECRET }) },
    ],
    [
      'a refusal without a name',
      { status: 404, type: 'application/problem+json', body: problem({ code: SECRET }) },
    ],
    [
      'a refusal with a name of nature',
      { status: 404, type: 'application/problem+json', body: problem({ code: 'constructor' }) },
    ],
  ])('by %s does not answer, and nothing of it is passed on', async (_, lie) => {
    reply = lie
    const answer = await read()
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, 'dependency-down'])
    expect(answer.headers['retry-after']).toBe('2')
    expect(JSON.stringify([answer.headers, answer.body])).not.toContain(SECRET)
  })

  test('about cookies sets none', async () => {
    reply = { ...BALANCE, headers: { 'set-cookie': 'cnop_refresh=evil', 'x-secret': SECRET } }
    const answer = await read()
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['x-secret']).toBeUndefined()
  })
})

describe('a service that is lost', () => {
  test('is not asked any more, and the rest goes on', async () => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
    for (let i = 0; i < 5; i += 1) expect(codeOf(await read())).toBe('dependency-down')
    expect(await breakerOf('order')).toBe('open')
    const startedAt = performance.now()
    const refused = await read()
    expect(performance.now() - startedAt).toBeLessThan(200)
    expect([codeOf(refused), refused.headers['retry-after']]).toEqual(['dependency-down', '2'])
    expect((await apiOf(door, '/capabilities')).statusCode).toBe(200)
    expect(await breakerOf('inventory')).toBe('closed')
  })

  test('and comes back is trusted within seconds', async () => {
    reply = { status: 502, type: JSON_TYPE, body: '{}' }
    live = reply
    for (let i = 0; i < 5; i += 1) await read()
    expect(await breakerOf('order')).toBe('open')
    reply = BALANCE
    live = LIVE
    const startedAt = performance.now()
    while ((await read()).statusCode !== 200)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    expect([(await read()).statusCode, (await read()).statusCode]).toEqual([200, 200])
    expect(await breakerOf('order')).toBe('closed')
  })
})

test('without auth the public goes on, and a customer is told 503 and never 401', async () => {
  await door.close()
  await begin(broken, 'auth')
  expect((await apiOf(door, '/capabilities')).statusCode).toBe(200)
  for (let i = 0; i < 8; i += 1) {
    const answer = await read()
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, 'dependency-down'])
    expect(answer.headers['retry-after']).toBe('2')
    expect(answer.headers['www-authenticate']).toBeUndefined()
  }
  expect(codeOf(await apiOf(door, '/balance'))).toBe('not-signed-in')
  expect(await breakerOf('auth')).toBe('open')
})
