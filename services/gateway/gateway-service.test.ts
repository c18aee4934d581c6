import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pathOf } from '@cnop/contract/call.ts'
import { Problem, type ProblemBody } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import { CALLER_HEADER, signCaller, verifyCaller } from '@cnop/kit/caller.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from '@cnop/kit/deadline.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bearer, seenBy, startTinyPlatform, type TinyPlatform } from './testing/tiny-platform.ts'

let platform: TinyPlatform
let others: TinyPlatform[]

beforeEach(async () => {
  others = []
  platform = await startTinyPlatform()
  platform.sessions.set('good', 'alice_1').set('other', 'bob_22')
})
afterEach(() => Promise.all([platform, ...others].map((each) => each.close())))

async function start(options: Parameters<typeof startTinyPlatform>[0]): Promise<TinyPlatform> {
  const made = await startTinyPlatform(options)
  made.sessions.set('good', 'alice_1').set('other', 'bob_22')
  others.push(made)
  return made
}

type Sending = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  headers?: Record<string, string>
  payload?: string
  remoteAddress?: string
}

const send = (path: string, sending: Sending = {}, door = platform) =>
  door.gateway.app.inject({
    method: 'GET',
    url: path.startsWith('/') ? path : API_BASE + path,
    ...sending,
  })

const api = (path: string, sending: Sending = {}, door = platform) =>
  send(API_BASE + path, sending, door)

const json = { 'content-type': 'application/json' }
const codeOf = (answer: { body: string }): string => (JSON.parse(answer.body) as ProblemBody).code

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
      headers: { ...json, ...bearer('good'), 'idempotency-key': 'key-of-16-letters' },
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
      sessionId: 'session-of-alice_1',
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
      `GET ${API_BASE}${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer good\r\n\r\n`,
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
      headers: json,
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

describe('the door', () => {
  const forwarded = (PUBLIC_ROUTES as readonly Route[]).filter(
    ({ service }) => service !== 'gateway',
  )

  test.each(forwarded)('forwards $name', async (route) => {
    const path = pathOf(route, { asset_id: 'BTC', order_id: 'o1' })
    await api(path, { method: route.method, headers: bearer('good') })
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

  test('is ready when every service is', async () => {
    const answer = await send('/health')
    const ready = { auth: 'ready', order: 'ready', inventory: 'ready', user: 'ready' }
    expect([answer.statusCode, answer.json().checks]).toEqual([200, ready])
    const transports = new Map(platform.parts.transports).set('order', {
      send: () => Promise.reject(new Problem('dependency-down')),
      open: () => Promise.reject(new Problem('dependency-down')),
      close: async () => undefined,
    })
    const half = await send('/health/ready', {}, await start({ transports }))
    expect([half.statusCode, half.json().checks]).toEqual([
      503,
      { ...ready, order: 'does not answer' },
    ])
    expect((await send('/health/live')).statusCode).toBe(200)
  })
})

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

describe('a limit', () => {
  const limits = { gateway: 5, user: 3, inventory: 4, order: 2 }
  const rateOf = (answer: { headers: Record<string, unknown> }) =>
    ['limit', 'remaining', 'reset'].map((name) => Number(answer.headers[`x-ratelimit-${name}`]))

  test('lets exactly as many through, and says when there is room again', async () => {
    const door = await start({ limits })
    const nowSeconds = door.clock.nowMs / 1000
    const get = () => api('/balance', { headers: bearer('good') }, door)
    expect(rateOf(await get())).toEqual([2, 1, nowSeconds + 30])
    expect(rateOf(await get())).toEqual([2, 0, nowSeconds + 60])
    const refused = await get()
    expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'rate-limited'])
    expect([...rateOf(refused), refused.headers['retry-after']]).toEqual([
      2,
      0,
      nowSeconds + 60,
      '30',
    ])
    expect(seenBy(door, '/balance')).toHaveLength(2)
    door.clock.nowMs += 29_999
    expect((await get()).statusCode).toBe(429)
    door.clock.nowMs += 1
    expect((await get()).statusCode).toBe(200)
    expect((await get()).statusCode).toBe(429)
  })

  test('at the same moment lets exactly as many through', async () => {
    const door = await start({ limits: { ...limits, gateway: 100, order: 37 } })
    const answers = await Promise.all(
      Array.from({ length: 90 }, () => api('/balance', { headers: bearer('good') }, door)),
    )
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(37)
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(53)
  })

  test('counts all routes together, and the tightest is shown', async () => {
    const door = await start({ limits })
    const get = (path: string) => api(path, { headers: bearer('good') }, door)
    expect(rateOf(await get('/balance')).slice(0, 2)).toEqual([2, 1])
    expect(rateOf(await get('/preferences')).slice(0, 2)).toEqual([3, 2])
    expect(rateOf(await get('/preferences')).slice(0, 2)).toEqual([3, 1])
    expect(rateOf(await get('/balance')).slice(0, 2)).toEqual([2, 0])
    expect(rateOf(await get('/preferences')).slice(0, 2)).toEqual([5, 0])
    expect((await get('/capabilities')).statusCode).toBe(200)
    expect((await get('/watchlist')).statusCode).toBe(429)
  })

  test('is each customer’s own, and an address’s own without one', async () => {
    const door = await start({ limits })
    const from = (remoteAddress: string) => api('/capabilities', { remoteAddress }, door)
    for (let i = 0; i < 5; i += 1) expect((await from('192.0.2.1')).statusCode).toBe(200)
    expect((await from('192.0.2.1')).statusCode).toBe(429)
    expect((await from('192.0.2.2')).statusCode).toBe(200)
    const signedIn = { remoteAddress: '192.0.2.1', headers: bearer('good') }
    expect((await api('/balance', signedIn, door)).statusCode).toBe(200)
    for (let i = 0; i < 5; i += 1) await from(`2001:db8:0:1::${i}`)
    expect((await from('2001:db8:0:1::99')).statusCode).toBe(429)
    expect((await from('2001:db8:0:2::99')).statusCode).toBe(200)
  })

  test('believes an address only of a trusted proxy', async () => {
    const door = await start({ limits: { ...limits, gateway: 1 }, trustedProxies: ['10.0.0.0/8'] })
    const from = (remoteAddress: string, client: string) =>
      api('/capabilities', { remoteAddress, headers: { 'x-forwarded-for': client } }, door)
    expect((await from('10.0.0.1', '192.0.2.1')).statusCode).toBe(200)
    expect((await from('10.0.0.2', '192.0.2.1')).statusCode).toBe(429)
    expect((await from('10.0.0.1', '192.0.2.2')).statusCode).toBe(200)
    expect((await from('203.0.113.9', '192.0.2.3')).statusCode).toBe(200)
    expect((await from('203.0.113.9', '192.0.2.4')).statusCode).toBe(429)
  })

  test('counts those who try tokens', async () => {
    const door = await start({ limits: { ...limits, order: 3 } })
    const codes: string[] = []
    for (let i = 0; i < 5; i += 1)
      codes.push(codeOf(await api('/balance', { headers: bearer(`guess-${i}`) }, door)))
    expect(codes).toEqual(['bad-token', 'bad-token', 'bad-token', 'rate-limited', 'rate-limited'])
  })
})

describe('every answer', () => {
  const SECURE: Readonly<Record<string, string>> = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
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
      { method: 'POST', payload: '{', headers: { ...json, ...bearer('good') } },
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
      { method: 'POST', payload: tooLong, headers: { ...json, ...bearer('good') } },
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
      const headers = { ...bearer('good'), ...(more.body === undefined ? {} : json) }
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
      `POST ${API_BASE}/balance/deposit HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: ${deposit.length}\r\n\r\n${deposit}`,
    )
    while (seenBy(platform, '/balance/deposit').length === 0)
      await new Promise((resolve) => setTimeout(resolve, 2))
    let closed = false
    const closing = platform.gateway.close().then(() => {
      closed = true
    })
    pipelined.write(
      `GET ${API_BASE}/balance HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n\r\n`,
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
