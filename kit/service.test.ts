import { text } from 'node:stream/consumers'
import { Problem, type ProblemBody } from '@cnop/contract/problem.ts'
import { closed, DecimalInput, dataOf, defineRoute, type Route } from '@cnop/contract/route.ts'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Call, StoredAnswer } from './answer-call.ts'
import { CALLER_HEADER, type Caller, signCaller } from './caller.ts'
import { type EventStream, eventFrame } from './event-stream.ts'
import { createLog } from './log.ts'
import { createService, customerOf, type Service, serve, serveStream } from './service.ts'
import { createTelemetry } from './telemetry.ts'

const secret = 'a secret of the tests, of 32 characters or more'
const nowMs = Date.UTC(2026, 0, 1)

const route = <R extends Partial<Route>>(name: string, access: Route['access'], more?: R) =>
  defineRoute({
    name,
    service: 'order',
    method: 'GET',
    path: `/${name}`,
    access,
    summary: name,
    answer: dataOf(Type.String()),
    ...more,
  })

const pay = defineRoute({
  name: 'pay',
  service: 'order',
  method: 'POST',
  path: '/accounts/:user_id/pay',
  access: 'customer',
  summary: 'Pay',
  params: Type.Object({ user_id: Type.String({ pattern: '^[A-Z0-9]{2}$' }) }),
  query: Type.Object({ times: Type.Optional(Type.Integer({ minimum: 1 })) }),
  body: closed({ amount: DecimalInput }),
  answer: Type.Object({ message: Type.String() }),
  status: 201,
  idempotent: true,
})

const watch = route('watch', 'customer', { media: 'text/event-stream' })
const picture = defineRoute({
  ...route('picture', 'public'),
  answer: Type.String(),
  media: 'image/svg+xml',
})

const customer: Caller = { kind: 'customer', userId: 'U1', username: 'alice_1', sessionId: 'S1' }
const system: Caller = { kind: 'system', name: 'gateway' }
const operator: Caller = { kind: 'operator', name: 'root' }
const anonymous: Caller = { kind: 'anonymous' }

const as = (caller: Caller) => ({ [CALLER_HEADER]: signCaller(caller, { secret, nowMs }) })

let service: Service
let calls: Call<typeof pay>[]
let answer: () => { message: string } | StoredAnswer
let streams: EventStream[]
const telemetry = createTelemetry({ processMetrics: false })

beforeEach(async () => {
  calls = []
  streams = []
  answer = () => ({ message: 'paid' })
  service = await createService({
    name: 'order',
    endpoints: [
      serve(pay, async (call) => {
        calls.push(call)
        return answer()
      }),
      serve(route('open', 'public'), async ({ caller }) => ({ data: caller.kind })),
      serve(route('either', 'either'), async ({ caller }) => ({ data: caller.kind })),
      serve(route('inside', 'internal'), async ({ caller }) => ({ data: caller.kind })),
      serve(route('operate', 'operator'), async ({ caller }) => ({ data: caller.kind })),
      serve(picture, async () => '<svg/>'),
      serveStream(watch, async (call, stream) => {
        streams.push(stream)
        stream.send(eventFrame({ event: 'hello', data: customerOf(call).username, id: '1' }))
      }),
    ],
    callerSecret: secret,
    log: createLog({ level: 'silent', service: 'order' }),
    telemetry,
    now: () => nowMs,
    checkAnswers: true,
  })
})
afterEach(() => service.close())

const send = (request: {
  method?: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  payload?: string
}) => service.app.inject({ method: 'GET', ...request })

const sendPay = (more: { url?: string; headers?: Record<string, string>; payload?: string } = {}) =>
  send({
    method: 'POST',
    url: more.url ?? '/accounts/A1/pay',
    payload: more.payload ?? '{"amount":1.50}',
    headers: { 'content-type': 'application/json', ...as(customer), ...more.headers },
  })

describe('a handler', () => {
  test('sees everything checked, and nothing of HTTP', async () => {
    const headers = {
      'x-request-id': 'r-1',
      'x-timeout-ms': '1234',
      'idempotency-key': 'k'.repeat(16),
    }
    const given = await sendPay({ url: '/accounts/A1/pay?times=2&other=x', headers })
    expect([given.statusCode, given.json()]).toEqual([201, { message: 'paid' }])
    expect(given.headers['x-request-id']).toBe('r-1')
    expect(calls[0]).toMatchObject({
      params: { user_id: 'A1' },
      query: { times: 2 },
      body: { amount: '1.50' },
      caller: customer,
      requestId: 'r-1',
      idempotencyKey: 'k'.repeat(16),
      deadline: nowMs + 1234,
    })
  })

  test.each([
    ['a parameter', { url: '/accounts/a!/pay' }, 'user_id'],
    ['a query', { url: '/accounts/A1/pay?times=0' }, 'times'],
    ['a body', { payload: '{"amount":"x"}' }, 'amount'],
    ['no body', { payload: '' }, 'body'],
    ['a short key', { headers: { 'idempotency-key': 'k'.repeat(15) } }, 'Idempotency-Key'],
    ['a long key', { headers: { 'idempotency-key': 'k'.repeat(256) } }, 'Idempotency-Key'],
    [
      'a key with spaces',
      { headers: { 'idempotency-key': 'k k k k k k k k k' } },
      'Idempotency-Key',
    ],
  ])('is not called with %s that does not fit', async (_, request, field) => {
    const refused = await sendPay(request)
    expect(refused.statusCode).toBe(422)
    expect(refused.json<ProblemBody>().errors?.[0]?.field).toBe(field)
    expect(calls).toEqual([])
  })

  test('may answer bytes that were kept, refusals too', async () => {
    const body = '{"message": "as  it was"}'
    answer = () => new StoredAnswer({ status: 201, body, replayed: true })
    const replay = await sendPay()
    expect([replay.statusCode, replay.body]).toEqual([201, body])
    expect(replay.headers['idempotent-replayed']).toBe('true')

    answer = () =>
      new StoredAnswer({ status: 422, body: '{"code":"insufficient-funds"}', replayed: false })
    const refusal = await sendPay()
    expect([refusal.statusCode, refusal.body]).toEqual([422, '{"code":"insufficient-funds"}'])
    expect(refusal.headers['content-type']).toContain('application/problem+json')
    expect(refusal.headers['idempotent-replayed']).toBeUndefined()
  })

  test('that answers outside its schema is a defect', async () => {
    answer = () => ({ said: 'paid' }) as unknown as { message: string }
    expect((await sendPay()).json().code).toBe('internal-error')
    answer = () => new StoredAnswer({ status: 201, body: '{}', replayed: false })
    expect((await sendPay()).json().code).toBe('internal-error')
  })

  test('that throws a problem answers it', async () => {
    answer = () => {
      throw new Problem('insufficient-funds', { detail: 'You have 1.00.' })
    }
    expect((await sendPay()).json()).toMatchObject({
      code: 'insufficient-funds',
      detail: 'You have 1.00.',
    })
  })

  test('may answer a picture', async () => {
    const given = await send({ url: '/picture', headers: as(anonymous) })
    expect([given.headers['content-type'], given.body]).toEqual(['image/svg+xml', '<svg/>'])
  })
})

describe('a caller', () => {
  test.each([
    ['/open', { anonymous: 200, customer: 200, system: 200, operator: 200 }],
    ['/either', { anonymous: 200, customer: 200, system: 200, operator: 200 }],
    ['/inside', { anonymous: 401, customer: 401, system: 200, operator: 401 }],
    ['/operate', { anonymous: 401, customer: 401, system: 401, operator: 200 }],
  ])('is admitted to %s by its kind', async (url, expected) => {
    for (const caller of [anonymous, customer, system, operator])
      expect([caller.kind, (await send({ url, headers: as(caller) })).statusCode]).toEqual([
        caller.kind,
        expected[caller.kind],
      ])
  })

  test('who is not signed in is told so', async () => {
    for (const caller of [anonymous, system, operator])
      expect((await sendPay({ headers: as(caller) })).json().code).toBe('not-signed-in')
  })

  test.each(['', 'forged.forged', as(customer)[CALLER_HEADER]?.slice(0, -4) ?? ''])(
    'who is not signed by the platform is refused everywhere (%#)',
    async (header) => {
      for (const url of ['/open', '/either', '/inside', '/operate'])
        expect((await send({ url, headers: { [CALLER_HEADER]: header } })).json().code).toBe(
          'bad-signature',
        )
      expect((await send({ url: '/open' })).json().code).toBe('bad-signature')
    },
  )

  test('signed long ago is refused', async () => {
    const header = signCaller(customer, { secret, nowMs: nowMs - 61_000 })
    expect((await sendPay({ headers: { [CALLER_HEADER]: header } })).json().code).toBe(
      'bad-signature',
    )
  })
})

describe('a stream', () => {
  const open = async (caller: Caller) =>
    service.app.inject({ method: 'GET', url: '/watch', headers: as(caller), payloadAsStream: true })

  test('goes on until the service closes', async () => {
    const given = await open(customer)
    expect(given.statusCode).toBe(200)
    const body = text(given.stream())
    streams[0]?.send(eventFrame({ event: 'more', data: '2' }))
    await service.close()
    expect(await body).toContain('id: 1\nevent: hello\ndata: alice_1\n\nevent: more\ndata: 2\n\n')
  })

  test('is refused like any call before it begins', async () => {
    const given = await open(anonymous)
    expect(given.statusCode).toBe(401)
    expect(JSON.parse(await text(given.stream()))).toMatchObject({ code: 'not-signed-in' })
  })

  test('whose client leaves is closed', async () => {
    const given = await open(customer)
    const ended = new Promise<void>((resolve) => streams[0]?.onClose(resolve))
    given.raw.res.destroy()
    await ended
    expect(given.stream().destroyed).toBe(true)
  })
})

test('every answer is counted by route and status', async () => {
  await telemetry.registry.resetMetrics()
  await sendPay()
  await sendPay({ payload: '{}' })
  await sendPay({ payload: '{}' })
  const { body, headers } = await send({ url: '/internal/metrics' })
  expect(headers['content-type']).toContain('text/plain')
  expect(body).toContain('http_requests_total{service="order",route="pay",status="201"} 1\n')
  expect(body).toContain('http_requests_total{service="order",route="pay",status="422"} 2\n')
  expect(body).toContain('http_request_duration_seconds_count{service="order",route="pay"} 3\n')
})
