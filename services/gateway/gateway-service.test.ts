import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pathOf } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, type Sending, sendTo, startDoor } from './testing/door.ts'
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

const send = (path: string, sending: Sending = {}, door = platform) => sendTo(door, path, sending)
const api = (path: string, sending: Sending = {}, door = platform) => apiOf(door, path, sending)

/** The door reads the body of a request before it asks for the second factor. */
const BODIES: Readonly<Record<string, unknown>> = {
  changeEmail: { email: 'ada@example.org', current_password: 'a'.repeat(12) },
  changePassword: { current_password: 'a'.repeat(12), new_password: 'b'.repeat(12) },
  createApiKey: { password: 'a'.repeat(12), name: 'bot', scopes: ['read'] },
  withdraw: { amount: '1.00' },
}

describe('the door', () => {
  const forwarded = (PUBLIC_ROUTES as readonly Route[]).filter(
    ({ service }) => service !== 'gateway',
  )

  test.each(forwarded)('forwards $name', async (route) => {
    const path = pathOf(route, { asset_id: 'BTC', order_id: 'o1' })
    const payload = BODIES[route.name]
    const sent = payload === undefined ? {} : { payload: JSON.stringify(payload) }
    const headers = { ...bearer('good'), ...(payload === undefined ? {} : JSON_BODY) }
    await api(path, { method: route.method, headers, ...sent })
    const [wire] = seenBy(platform, path)
    expect([wire?.service, wire?.method, wire?.path]).toEqual([route.service, route.method, path])
  })

  test('has no other routes', () => {
    const known = platform.gateway.app.printRoutes({ commonPrefix: false, includeMeta: false })
    const described = [
      '/docs (GET)',
      '/openapi.json (GET)',
      '/health (GET)',
      '/health/live (GET)',
      '/health/ready (GET)',
    ]
    const paths = new Set((PUBLIC_ROUTES as readonly Route[]).map(({ path }) => path))
    expect(known.match(/\(/g)).toHaveLength(paths.size + described.length)
  })

  test.each([
    '/internal/auth/validate',
    '/internal/operator/users/alice_1',
    '/internal/operator/assets/BTC/halt',
    '/internal/metrics',
    '/metrics',
    '/internal/journal/stream',
    '/internal/prices/stream',
    '/internal/quotes',
  ])('does not know %s', async (path) => {
    for (const base of ['', API_BASE]) {
      for (const method of ['GET', 'POST'] as const) {
        const answer = await send(base + path, { method, headers: bearer('good') })
        expect([answer.statusCode, codeOf(answer)]).toEqual([404, 'route-not-found'])
      }
    }
    expect(seenBy(platform, '/internal/operator')).toEqual([])
  })

  test('says what this build can do', async () => {
    const answer = await api('/capabilities', { headers: bearer('a bad token is not looked at') })
    expect([answer.statusCode, answer.json()]).toEqual([200, { data: platform.parts.capabilities }])
  })

  test('is ready when every service is that another needs', async () => {
    const answer = await send('/health')
    const all = ['auth', 'order', 'inventory', 'user', 'insights'] as const
    const ready = Object.fromEntries(all.map((name) => [name, 'ready']))
    expect([answer.statusCode, answer.json().checks]).toEqual([200, ready])
    for (const away of all) {
      const transports = new Map(platform.parts.transports).set(away, {
        send: () => Promise.reject(new Problem('dependency-down')),
        open: () => Promise.reject(new Problem('dependency-down')),
        close: async () => undefined,
      })
      const half = await send('/health/ready', {}, await start({ transports }))
      expect([half.statusCode, half.json().checks]).toEqual([
        away === 'insights' ? 200 : 503,
        { ...ready, [away]: 'does not answer' },
      ])
    }
    expect((await send('/health/live')).statusCode).toBe(200)
  })
})

describe('every request', () => {
  test('is one line in the log', async () => {
    const door = await start({ logLevel: 'info' })
    const headers = {
      ...bearer('good'),
      'x-request-id': 'r-1',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    }
    await api('/balance?note=private', { headers, remoteAddress: '192.0.2.7' }, door)
    await api('/nothing/at/all', {}, door)
    expect(door.logLines).toHaveLength(2)
    expect(door.logLines[0]).toMatchObject({
      level: 'info',
      service: 'gateway',
      request_id: 'r-1',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      user_id: 'id-of-alice_1',
      action: 'getBalance',
      status: 200,
      client_address: '192.0.2.7',
    })
    expect(door.logLines[0]?.['duration_ms']).toBeTypeOf('number')
    expect(door.logLines[1]).toMatchObject({ action: 'none', status: 404 })
    expect(JSON.stringify(door.logLines)).not.toMatch(/good|private/)
  })

  test('is counted', async () => {
    await api('/balance', { headers: bearer('good') })
    await api('/balance')
    const metrics = await platform.telemetry.registry.metrics()
    const total = (status: number) =>
      `http_requests_total{service="gateway",route="getBalance",status="${status}"} 1`
    expect(metrics).toContain(total(200))
    expect(metrics).toContain(total(401))
    expect(metrics).toContain(
      'http_request_duration_seconds_count{service="gateway",route="getBalance"} 2',
    )
  })
})

describe('while the door closes', () => {
  test('work in flight finishes, new work is refused, and no idle client delays it', async () => {
    const gate = Promise.withResolvers<void>()
    platform.gate = gate.promise
    const { hostname, port } = new URL(await platform.listen())
    const agent = new Agent({ keepAlive: true })
    const ask = async (path: string, more: { method?: string; body?: string } = {}) => {
      const headers = { ...bearer('good'), ...(more.body === undefined ? {} : JSON_BODY) }
      const asking = httpRequest({
        hostname,
        port,
        path: API_BASE + path,
        method: more.method,
        headers,
        agent,
      })
      asking.end(more.body)
      const [answer] = await once(asking, 'response')
      return {
        status: answer.statusCode as number,
        headers: answer.headers,
        body: await text(answer),
      }
    }
    const idle = await Promise.all([ask('/balance'), ask('/balance'), ask('/balance')])
    expect(idle.map(({ status }) => status)).toEqual([200, 200, 200])

    /** Two requests on one connection: the second arrives while the first is still at work. */
    const pipelined = connect(Number(port), hostname)
    const deposit = '{"amount":"1"}'
    pipelined.write(
      `POST ${API_BASE}/balance/deposit HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('good')}\r\ncontent-type: application/json\r\ncontent-length: ${deposit.length}\r\n\r\n${deposit}`,
    )
    while (seenBy(platform, '/balance/deposit').length === 0)
      await new Promise((resolve) => setTimeout(resolve, 2))
    let closed = false
    const closing = platform.gateway.close().then(() => {
      closed = true
    })
    pipelined.write(
      `GET ${API_BASE}/balance HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('good')}\r\n\r\n`,
    )
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(closed).toBe(false)
    const startedAt = performance.now()
    gate.resolve()
    const answers = await text(pipelined)
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 503'])
    expect(answers).toContain('"code":"shutting-down"')
    await closing
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    agent.destroy()
  })

  test('a request that still arrives is told to come back', async () => {
    const closing = platform.gateway.close()
    const [refused, health] = await Promise.all([
      api('/balance', { headers: bearer('good') }),
      send('/health/ready'),
    ])
    expect([refused.statusCode, codeOf(refused)]).toEqual([503, 'shutting-down'])
    expect(refused.headers['retry-after']).toBe('2')
    expect(refused.headers['x-ratelimit-limit']).toBe('3000')
    expect([health.statusCode, codeOf(health)]).toEqual([503, 'shutting-down'])
    await closing
  })
})
