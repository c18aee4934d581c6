import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Problem, type ProblemBody } from '@cnop/contract/problem.ts'
import { afterEach, describe, expect, test } from 'vitest'
import {
  answerHealth,
  BODY_BYTES_MAX,
  createHttpServer,
  HEADER_BYTES_MAX,
  type HttpServer,
  type HttpServerOptions,
} from './http-server.ts'
import { createLog } from './log.ts'
import { StoreFault, type StoreFaultCode } from './store/store.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close()
})

const quiet = createLog({ level: 'silent', service: 'test' })

function server(options: Partial<HttpServerOptions> = {}): HttpServer {
  const made = createHttpServer({ log: quiet, ...options })
  open.push(made)
  const { app } = made
  app.get('/things/:id', async ({ params }) => params)
  app.post('/things/:id', async ({ body }) => ({ body }))
  app.delete('/things/:id', async ({ body }) => ({ body: body ?? null }))
  app.get('/v1.0/list', async () => [])
  app.get('/defect', async () => {
    throw new Error('a private story')
  })
  app.get('/busy', async () => {
    throw new Problem('contention', { retryAfterSeconds: 3, detail: 'Later.' })
  })
  app.get<{ Params: { code: StoreFaultCode } }>('/store/:code', async ({ params }) => {
    throw new StoreFault(params.code, 'a private story')
  })
  answerHealth(app, 'test')
  return made
}

type Injection = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers?: Record<string, string>
  payload?: string
}

async function problemOf(made: HttpServer, request: Injection) {
  const answer = await made.app.inject({ method: 'GET', ...request })
  const body = answer.json<ProblemBody>()
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(body.request_id).toBe(answer.headers['x-request-id'])
  expect(body.status).toBe(answer.statusCode)
  return { code: body.code, body, headers: answer.headers }
}

describe('a refusal', () => {
  test.each<[string, Injection]>([
    ['route-not-found', { url: '/nothing' }],
    ['route-not-found', { url: '/v1x0/list' }],
    ['route-not-found', { url: '/things/a/b' }],
    [
      'route-not-found',
      { url: '/nothing', method: 'POST', headers: { 'content-type': 'text/plain' }, payload: 'x' },
    ],
    ['method-not-allowed', { url: '/things/7', method: 'PUT' }],
    ['malformed-request', { url: '/things/%E0%A4%A' }],
    ['malformed-request', { url: `/things/${'x'.repeat(300)}` }],
    [
      'unsupported-media-type',
      { url: '/things/7', method: 'POST', headers: { 'content-type': 'text/plain' }, payload: 'x' },
    ],
    [
      'unsupported-media-type',
      { url: '/things/7', method: 'POST', headers: { 'content-type': '///' }, payload: 'x' },
    ],
    [
      'body-too-large',
      {
        url: '/things/7',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        payload: 'x'.repeat(BODY_BYTES_MAX + 1),
      },
    ],
    ['internal-error', { url: '/defect' }],
    ['contention', { url: '/busy?secret=1' }],
  ])('%s is a problem with a request id (%#)', async (code, request) => {
    expect((await problemOf(server(), request)).code).toBe(code)
  })

  test('of a method says which there are', async () => {
    const { headers } = await problemOf(server(), { url: '/things/7?x=1', method: 'PUT' })
    expect(headers['allow']).toBe('GET, POST, DELETE')
  })

  test('tells nothing of the defect behind it', async () => {
    const { body } = await problemOf(server(), { url: '/defect' })
    expect(JSON.stringify(body)).not.toContain('private')
    expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'instance', 'code', 'request_id'])
  })

  test('says when to come back, and names the path without its query', async () => {
    const { body, headers } = await problemOf(server(), { url: '/busy?secret=1' })
    expect(headers['retry-after']).toBe('3')
    expect(body).toMatchObject({
      instance: '/busy',
      detail: 'Later.',
      type: '/docs#problem-contention',
    })
  })

  test.each([
    ['unavailable', 'store-unavailable', '5'],
    ['throttled', 'store-unavailable', '1'],
    ['conflict', 'store-unavailable', '1'],
    ['outcome-unknown', 'outcome-unknown', '1'],
  ])('of a store says that it can be asked again, and when: %s', async (fault, code, seconds) => {
    const refusal = await problemOf(server(), { url: `/store/${fault}` })
    expect([refusal.code, refusal.headers['retry-after']]).toEqual([code, seconds])
  })

  test.each(['condition-failed', 'too-large', 'token-mismatch'])(
    'of a store for a reason that nobody waits out is a defect: %s',
    async (fault) => {
      expect((await problemOf(server(), { url: `/store/${fault}` })).code).toBe('internal-error')
    },
  )

  test('for want of a token says how to sign in', async () => {
    const made = server()
    made.app.get('/mine/:code', async ({ params }) => {
      throw new Problem((params as { code: 'bad-token' }).code)
    })
    const challenge = async (code: string) =>
      (await problemOf(made, { url: `/mine/${code}` })).headers['www-authenticate']
    expect(await challenge('not-signed-in')).toBe('Bearer')
    expect(await challenge('bad-token')).toBe('Bearer error="invalid_token"')
  })
})

describe('a request', () => {
  test('keeps its id where it is well formed', async () => {
    const made = server()
    const idOf = async (id: string) =>
      (await problemOf(made, { url: '/nothing', headers: { 'x-request-id': id } })).body.request_id
    expect(await idOf('abc-1.2_X')).toBe('abc-1.2_X')
    for (const bad of ['', 'a b', 'x'.repeat(129), '<script>', 'é'])
      expect(await idOf(bad)).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('has its body as the text it is', async () => {
    const payload = ' {"a" : 1.10,\n "b":"€ \\u0041"} '
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const answer = await server().app.inject({ method: 'POST', url: '/things/7', headers, payload })
    expect(answer.json().body).toBe(payload)
  })

  test('may come without a body, with or without a content type', async () => {
    const made = server()
    for (const headers of [{}, { 'content-type': 'application/json' }]) {
      const answer = await made.app.inject({ method: 'DELETE', url: '/things/7', headers })
      expect([answer.statusCode, answer.json().body || null]).toEqual([200, null])
    }
  })

  test('is admitted first, whatever becomes of it', async () => {
    const admitted: string[] = []
    const made = server({
      admit: async (request, reply) => {
        admitted.push(request.url)
        void reply.header('x-admitted', 'yes')
        if (request.url.includes('refuse')) throw new Problem('rate-limited')
      },
    })
    for (const url of [
      '/v1.0/list',
      '/nothing',
      '/things/%E0%A4%A',
      `/things/${'x'.repeat(300)}`,
      '/defect',
    ]) {
      const answer = await made.app.inject({ method: 'GET', url })
      expect([url, answer.headers['x-admitted']]).toEqual([url, 'yes'])
      expect(admitted.pop()).toBe(url)
    }
    for (const url of ['/refuse', '/refuse/%E0%A4%A', '/v1.0/list?refuse'])
      expect((await problemOf(made, { url })).code).toBe('rate-limited')
  })
})

describe('on a socket', () => {
  async function listening(options: Partial<HttpServerOptions> = {}) {
    const made = server(options)
    await made.app.listen({ host: '127.0.0.1', port: 0 })
    return (made.app.server.address() as AddressInfo).port
  }

  async function say(port: number, bytes: string): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(bytes)
    return text(socket)
  }

  test.each([
    ['malformed-request', 'this is no HTTP\r\n\r\n'],
    ['malformed-request', 'GET /things/7 HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n'],
    [
      'headers-too-large',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(HEADER_BYTES_MAX)}\r\n\r\n`,
    ],
  ])('%s is a problem too, with the headers of every answer (%#)', async (code, bytes) => {
    const port = await listening({ headersOnSocket: async (peer) => ({ 'x-peer': peer }) })
    const answer = await say(port, bytes)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toContain('x-peer: 127.0.0.1\r\n')
    expect(head).toContain('content-type: application/problem+json')
    const problem = JSON.parse(body) as ProblemBody
    expect(problem.code).toBe(code)
    expect(head).toContain(`x-request-id: ${problem.request_id}\r\n`)
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${problem.status} `))
  })

  test('closing waits for the work in flight and for nobody else', async () => {
    const { promise: gate, resolve: finish } = Promise.withResolvers<void>()
    const fresh = createHttpServer({ log: quiet })
    const entered = Promise.withResolvers<void>()
    fresh.app.get('/slow', async () => {
      entered.resolve()
      await gate
      return 'done'
    })
    fresh.app.get('/fast', async () => 'fast')
    await fresh.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = fresh.app.server.address() as AddressInfo
    const agent = new Agent({ keepAlive: true })
    const get = async (path: string): Promise<string> => {
      const asking = httpRequest({ port, host: '127.0.0.1', path, agent })
      asking.end()
      const [answer] = await once(asking, 'response')
      return text(answer)
    }
    await Promise.all([get('/fast'), get('/fast'), get('/fast')])
    const slow = get('/slow')
    await entered.promise
    let closed = false
    const closing = fresh.app.close().then(() => {
      closed = true
    })
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(closed).toBe(false)
    const startedAt = performance.now()
    finish()
    expect(await slow).toBe('done')
    await closing
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    agent.destroy()
  })
})

test('a failure is written down with its stack, and a refusal that was meant in a line', async () => {
  const lines: Record<string, unknown>[] = []
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>)
      done()
    },
  })
  const made = server({ log: createLog({ level: 'info', service: 'test', destination }) })
  for (const url of ['/busy', '/defect', '/store/unavailable', '/things'])
    await made.app.inject({ method: 'GET', url })
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', code: 'contention', msg: 'request refused' }),
    expect.objectContaining({ level: 'error', code: 'internal-error', msg: 'request failed' }),
    expect.objectContaining({ level: 'error', code: 'store-unavailable', msg: 'request failed' }),
  ])
  expect(lines.map((line) => 'err' in line)).toEqual([false, true, true])
  expect(JSON.stringify(lines[1])).toContain('a private story')
})

test('health answers whether it lives and whether it is ready', async () => {
  const made = createHttpServer({ log: quiet })
  open.push(made)
  let ready = true
  answerHealth(made.app, 'order', async () => ({
    ready,
    details: { store: ready ? 'ready' : 'slow' },
  }))
  const ask = async (url: string) => {
    const answer = await made.app.inject({ method: 'GET', url })
    return [answer.statusCode, answer.json()]
  }
  expect(await ask('/health/live')).toEqual([200, { status: 'live', service: 'order' }])
  expect(await ask('/health')).toEqual([
    200,
    { status: 'ready', service: 'order', checks: { store: 'ready' } },
  ])
  ready = false
  expect(await ask('/health/ready')).toEqual([
    503,
    { status: 'not ready', service: 'order', checks: { store: 'slow' } },
  ])
  expect((await ask('/health/live'))[0]).toBe(200)
})
