import { Readable } from 'node:stream'
import type { WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import { Problem, problemBody } from '@cnop/contract/problem.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTelemetry, type Telemetry } from '../telemetry.ts'
import { ConnectionLost, type Transport } from '../transport.ts'
import { type GuardedTransport, guardTransport } from './guarded-transport.ts'

const read: WireRequest = { service: 'order', method: 'GET', path: '/x', headers: {} }
const write: WireRequest = { ...read, method: 'POST' }

const good: WireAnswer = { status: 200, headers: {}, body: '{}' }
const down = (cause: unknown = 'deadline'): Problem => new Problem('dependency-down', { cause })
const lost = (): Problem => down(new ConnectionLost())
const refusalWith = (code: ConstructorParameters<typeof Problem>[0]): WireAnswer => {
  const problem = new Problem(code)
  const body = JSON.stringify(problemBody(problem, { instance: '/x', requestId: 'r' }))
  return { status: problem.status, headers: {}, body }
}

let answers: (WireAnswer | Problem)[]
let asked: WireRequest[]
let living: boolean
let looks: number
let nowMs: number
let telemetry: Telemetry
let transport: GuardedTransport

beforeEach(() => {
  answers = []
  asked = []
  living = false
  looks = 0
  nowMs = 0
  telemetry = createTelemetry({ processMetrics: false })
  const answer = async (): Promise<WireAnswer> => {
    const next = answers.shift() ?? good
    if (next instanceof Problem) throw next
    return next
  }
  const service: Transport = {
    async send(request) {
      if (request.path === '/health/live') {
        looks += 1
        if (!living) throw down()
        return good
      }
      asked.push(request)
      return answer()
    },
    async open(request) {
      asked.push(request)
      const { status, headers } = await answer()
      return { status, headers, body: Readable.from([]) }
    },
    close: async () => undefined,
  }
  transport = guardTransport(service, 'order', {
    service: 'gateway',
    rules: { failuresMax: 5, openMs: 60_000, successesMin: 3 },
    telemetry,
    now: () => nowMs,
    chance: () => 0,
    lookMs: 5,
  })
})
afterEach(() => transport.close())

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function ask(next: WireAnswer | Problem, request = write): Promise<string> {
  answers = [next]
  return transport.send(request).then(
    ({ status }) => String(status),
    (error: Problem) => error.code,
  )
}

async function fail(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await ask(down())
}

describe('a service', () => {
  test('that fails again and again is left alone, without waiting', async () => {
    await fail(5)
    const refused = await transport.send(read).catch((error: Problem) => error)
    expect(refused).toMatchObject({ code: 'dependency-down', retryAfterSeconds: 2 })
    expect([transport.breakerState, asked.length]).toEqual(['open', 5])
  })

  test.each([
    ['internal-error', 'open'],
    ['dependency-down', 'closed'],
    ['prices-stale', 'closed'],
    ['store-unavailable', 'closed'],
    ['contention', 'closed'],
    ['outcome-unknown', 'closed'],
    ['shutting-down', 'closed'],
    ['insufficient-funds', 'closed'],
    ['rate-limited', 'closed'],
  ] as const)('that answers %s five times is %s', async (code, state) => {
    for (let i = 0; i < 5; i += 1) await ask(refusalWith(code))
    expect(transport.breakerState).toBe(state)
  })

  test.each([
    ['a 503 of nobody', { status: 503, headers: {}, body: 'upstream' }],
    ['a 503 without a known name', { status: 503, headers: {}, body: '{"code":"x"}' }],
    ['a 503 with the name of another', { status: 503, headers: {}, body: '{"code":"bad-token"}' }],
    ['a 502', { status: 502, headers: {}, body: '' }],
  ])('that answers %s five times is left alone', async (_, answer) => {
    for (let i = 0; i < 5; i += 1) await ask(answer)
    expect(transport.breakerState).toBe('open')
  })

  test('is not blamed for customers who leave', async () => {
    const gone = { ...read, signal: AbortSignal.abort() }
    for (let i = 0; i < 9; i += 1) await ask(down(), gone)
    expect(transport.breakerState).toBe('closed')
  })

  test('that is back is asked again soon, and trusted after three answers', async () => {
    await fail(5)
    while (looks < 2) await pause(1)
    expect(transport.breakerState).toBe('open')
    living = true
    while (transport.breakerState === 'open') await pause(1)
    expect([await ask(good), transport.breakerState]).toEqual(['200', 'half-open'])
    expect([await ask(good), await ask(good), transport.breakerState]).toEqual([
      '200',
      '200',
      'closed',
    ])
    const seen = looks
    await pause(30)
    expect(looks).toBe(seen)
  })

  test('that shows life and fails is tried again later, and later each time', async () => {
    living = true
    await fail(5)
    for (const patienceMs of [1_000, 2_000, 4_000]) {
      while (transport.breakerState === 'open') await pause(1)
      await fail(1)
      nowMs += patienceMs - 1
      const seen = looks
      while (looks < seen + 3) await pause(1)
      const refused = await transport.send(read).catch((error: Problem) => error)
      expect(refused).toMatchObject({ code: 'dependency-down', retryAfterSeconds: 2 })
      nowMs += 1
    }
    while (transport.breakerState === 'open') await pause(1)
    expect([await ask(good), transport.breakerState]).toEqual(['200', 'half-open'])
  })

  test('is tried by one request at a time', async () => {
    await fail(5)
    nowMs += 60_000
    const tried = await Promise.all([ask(good), ask(good), ask(good)])
    expect(tried).toEqual(['200', 'dependency-down', 'dependency-down'])
  })

  test('that refuses a stream for want of something is not blamed, and one that fails is', async () => {
    for (let i = 0; i < 5; i += 1) {
      answers = [refusalWith('store-unavailable')]
      await transport.open(read)
    }
    expect(transport.breakerState).toBe('closed')
    for (let i = 0; i < 5; i += 1) {
      answers = [down()]
      await transport.open(read).catch(() => undefined)
    }
    expect(transport.breakerState).toBe('open')
  })

  test('has its state and its changes in the metrics', async () => {
    await fail(5)
    const metrics = await telemetry.registry.metrics()
    const peer = 'service="gateway",peer="order"'
    expect(metrics).toContain(`breaker_state{${peer},state="open"} 1`)
    expect(metrics).toContain(`breaker_state{${peer},state="closed"} 0`)
    expect(metrics).toContain(`breaker_transitions_total{${peer},state="open"} 1`)
  })
})

describe('a call whose connection broke', () => {
  test('is repeated once when it reads', async () => {
    answers = [lost()]
    expect(await transport.send(read)).toBe(good)
    expect(asked).toHaveLength(2)
    expect(await telemetry.registry.metrics()).toContain(
      'calls_repeated_total{service="gateway",peer="order"} 1',
    )
  })

  test('is repeated once and no more', async () => {
    answers = [lost(), lost(), good]
    await expect(transport.send(read)).rejects.toMatchObject({ code: 'dependency-down' })
    expect(asked).toHaveLength(2)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is not repeated when it is %s', async (method) => {
    answers = [lost()]
    await expect(transport.send({ ...read, method })).rejects.toMatchObject({
      code: 'dependency-down',
    })
    expect(asked).toHaveLength(1)
  })

  test.each([
    ['its time was over', down(), {}],
    ['its caller has left', lost(), { signal: AbortSignal.abort() }],
  ])('is not repeated when %s', async (_, failure, more) => {
    answers = [failure]
    await expect(transport.send({ ...read, ...more })).rejects.toBe(failure)
    expect(asked).toHaveLength(1)
  })

  test('is repeated only as far as the budget goes', async () => {
    for (let i = 0; i < 30; i += 1) {
      await ask(good)
      answers = [lost(), good]
      await transport.send(read).catch(() => undefined)
    }
    const repeats = asked.length - 60
    expect(repeats).toBeGreaterThan(4)
    expect(repeats).toBeLessThanOrEqual(7)
  })
})
