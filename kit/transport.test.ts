import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { call, type WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { closed, dataOf, defineRoute } from '@cnop/contract/route.ts'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Call, StoredAnswer } from './answer-call.ts'
import type { Caller } from './caller.ts'
import { TIMEOUT_HEADER } from './deadline.ts'
import { type EventStream, eventFrame, readEvents } from './event-stream.ts'
import { httpTransport } from './http-transport.ts'
import { createLog } from './log.ts'
import { createService, type Service, serve, serveStream } from './service.ts'
import { createTelemetry } from './telemetry.ts'
import { localTransport, sendAs, signed, type Transport, transportTo } from './transport.ts'

const secret = 'a secret of the tests, of 32 characters or more'
const now = (): number => Date.UTC(2026, 0, 1)
const customer: Caller = { kind: 'customer', userId: 'U1', username: 'alice_1', sessionId: 'S1' }

const rename = defineRoute({
  name: 'rename',
  service: 'order',
  method: 'POST',
  path: '/things/:id',
  access: 'customer',
  summary: 'Rename',
  params: Type.Object({ id: Type.String() }),
  query: Type.Object({ note: Type.Optional(Type.String()) }),
  body: closed({ name: Type.String() }),
  answer: dataOf(Type.String()),
  idempotent: true,
})
const wait = defineRoute({
  name: 'wait',
  service: 'order',
  method: 'GET',
  path: '/wait',
  access: 'public',
  summary: 'Never answers by itself',
  answer: dataOf(Type.String()),
})
const watch = defineRoute({ ...wait, name: 'watch', path: '/watch', media: 'text/event-stream' })

describe.each(['local', 'http'] as const)('the %s transport', (kind) => {
  let service: Service
  let transport: Transport
  let calls: Call<typeof rename>[]
  let streams: EventStream[]
  let release: () => void

  beforeEach(async () => {
    calls = []
    streams = []
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    service = await createService({
      name: 'order',
      endpoints: [
        serve(rename, async (given) => {
          calls.push(given)
          if (given.body.name === 'taken')
            throw new Problem('username-taken', { detail: 'Taken €.' })
          if (given.body.name === 'busy') throw new Problem('contention', { retryAfterSeconds: 9 })
          const body = `{"data": "${given.body.name} €"}`
          return new StoredAnswer({ status: 200, body, replayed: true })
        }),
        serve(wait, async () => {
          await gate
          return { data: 'late' }
        }),
        serveStream(watch, async (_, stream) => void streams.push(stream)),
      ],
      callerSecret: secret,
      log: createLog({ level: 'silent', service: 'order' }),
      telemetry: createTelemetry({ processMetrics: false }),
      now,
    })
    if (kind === 'local') transport = localTransport(service)
    else {
      const url = await service.app.listen({ host: '127.0.0.1', port: 0 })
      transport = httpTransport(url, { connectionsMax: 2 })
    }
  })
  afterEach(async () => {
    release()
    await transport.close()
    await service.close()
  })

  const wire = (path: string, more: Partial<WireRequest> = {}): WireRequest =>
    signed({ service: 'order', method: 'GET', path, headers: {}, ...more }, customer, {
      secret,
      now,
    })

  const sendTo = (target: Transport) =>
    sendAs(
      customer,
      new Map([['order', target]]),
      { secret, now },
      { requestId: 'r-7', deadline: now() + 700 },
    )

  test('brings the request, its caller and its time, and the answer as it was', async () => {
    const answer = await sendTo(transport)({
      service: 'order',
      method: 'POST',
      path: '/things/a%2Fb%20%C3%A9?note=x%26y&other=1',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(20) },
      body: '{"name" : "ü€"}',
    })
    expect(answer).toMatchObject({ status: 200, body: '{"data": "ü€ €"}' })
    expect(answer.headers['idempotent-replayed']).toBe('true')
    expect(answer.headers['x-request-id']).toBe('r-7')
    expect(calls[0]).toMatchObject({
      params: { id: 'a/b é' },
      query: { note: 'x&y' },
      caller: customer,
      requestId: 'r-7',
      deadline: now() + 700,
      idempotencyKey: 'k'.repeat(20),
    })
  })

  test('answers and refuses a call of the contract', async () => {
    const send = sendTo(transport)
    const ask = (name: string) => call(send, rename, { params: { id: '1' }, body: { name } })
    expect(await ask('x')).toEqual({ data: 'x €' })
    await expect(ask('taken')).rejects.toMatchObject({ code: 'username-taken', detail: 'Taken €.' })
    await expect(ask('busy')).rejects.toMatchObject({ code: 'contention', retryAfterSeconds: 9 })
  })

  test('gives up a little after the deadline', async () => {
    const startedAt = performance.now()
    const late = transport.send(wire('/wait', { headers: {} }))
    const soon = transport.send({
      ...wire('/wait'),
      headers: { ...wire('/wait').headers, [TIMEOUT_HEADER]: '50' },
    })
    await expect(soon).rejects.toMatchObject({ code: 'dependency-down', retryAfterSeconds: 2 })
    expect(performance.now() - startedAt).toBeGreaterThan(1_000)
    release()
    expect((await late).status).toBe(200)
  })

  test('gives up when its caller does', async () => {
    const left = new AbortController()
    const sending = transport.send(wire('/wait', { signal: left.signal }))
    left.abort()
    await expect(sending).rejects.toMatchObject({ code: 'dependency-down' })
    await expect(transport.send(wire('/wait', { signal: left.signal }))).rejects.toMatchObject({
      code: 'dependency-down',
    })
  })

  const until = async (fact: () => boolean): Promise<void> => {
    while (!fact()) await new Promise((resolve) => setTimeout(resolve, 2))
  }

  test('carries a stream as it happens, until its caller leaves', async () => {
    const left = new AbortController()
    const answer = await transport.open(wire('/watch', { signal: left.signal }))
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ])
    const frames: string[] = []
    const reading = readEvents(answer.body, (frame) => void frames.push(frame.toString()))
    for (const id of ['1', '2']) {
      streams[0]?.send(eventFrame({ event: 'e', data: 'd', id }))
      await until(() => frames.length === Number(id))
    }
    left.abort()
    await expect(reading).rejects.toThrow()
    await until(() => streams[0]?.closed === true)
  })

  test('ends a stream that its service ends', async () => {
    const answer = await transport.open(wire('/watch'))
    const all = text(answer.body)
    streams[0]?.send('event: e\ndata: d\n\n')
    streams[0]?.close()
    expect(await all).toContain('event: e\ndata: d\n\n')
  })

  test('keeps calls going however many streams are open', async () => {
    const left = new AbortController()
    const bodies: Readable[] = []
    for (let i = 0; i < 5; i += 1)
      bodies.push((await transport.open(wire('/watch', { signal: left.signal }))).body)
    for (const body of bodies) body.on('error', () => undefined).resume()
    const ask = () => call(sendTo(transport), rename, { params: { id: '1' }, body: { name: 'x' } })
    expect(await Promise.all([ask(), ask(), ask()])).toHaveLength(3)
    left.abort()
    await until(() => streams.length === 5 && streams.every((stream) => stream.closed))
  })

  test('answers a refused stream with its problem', async () => {
    const forged = { ...wire('/watch'), headers: {} }
    const answer = await transport.open(forged)
    expect(answer.status).toBe(401)
    expect(JSON.parse(await text(answer.body))).toMatchObject({ code: 'bad-signature' })
  })
})

describe('what does not answer is down', () => {
  const sendTo = (target: Transport) =>
    target.send({
      service: 'order',
      method: 'GET',
      path: '/',
      headers: { [TIMEOUT_HEADER]: '100' },
    })

  test('where nobody listens', async () => {
    const nobody = createTcpServer()
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
    const { port } = nobody.address() as AddressInfo
    await new Promise((resolve) => nobody.close(resolve))
    const transport = httpTransport(`http://127.0.0.1:${port}`)
    await expect(sendTo(transport)).rejects.toMatchObject({ code: 'dependency-down' })
    await transport.close()
  })

  test('where the answer breaks off', async () => {
    const server: Server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setTimeout(() => response.destroy(), 20)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const transport = httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await expect(sendTo(transport)).rejects.toMatchObject({ code: 'dependency-down' })
    await transport.close()
    await new Promise((resolve) => server.close(resolve))
  })

  test('where the service is not configured', () => {
    expect(() => transportTo(new Map(), 'order')).toThrow(Problem)
  })
})
