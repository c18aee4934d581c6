import { readdirSync } from 'node:fs'
import type { Route } from '@cnop/contract/route.ts'
import { CALLER_HEADER, type Caller, signCaller, verifyCaller } from '@cnop/kit/caller.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createInternalListener, OPERATOR_ROUTES } from './internal-listener.ts'
import { seenBy, startTinyPlatform, type TinyPlatform } from './testing/tiny-platform.ts'

let platform: TinyPlatform
let listener: Awaited<ReturnType<typeof createInternalListener>>

beforeEach(async () => {
  platform = await startTinyPlatform()
  listener = await createInternalListener(platform.parts)
})
afterEach(() => Promise.all([listener.close(), platform.close()]))

const operator: Caller = { kind: 'operator', name: 'root' }
const customer: Caller = { kind: 'customer', userId: 'U1', username: 'alice_1', sessionId: 'S1' }

const as = (caller: Caller) => ({
  [CALLER_HEADER]: signCaller(caller, {
    secret: platform.parts.callerSecret,
    nowMs: platform.clock.nowMs,
  }),
})

const halt = (headers: Record<string, string>, app = listener.app) =>
  app.inject({
    method: 'POST',
    url: '/internal/operator/assets/BTC/halt?x=1',
    headers: { 'content-type': 'application/json', ...headers },
    payload: '{"reason" : "a rumour"}',
  })

describe('the operator', () => {
  test('is let through with every word, signed anew', async () => {
    const answer = await halt({
      ...as(operator),
      'x-request-id': 'op-1',
      'idempotency-key': 'k'.repeat(16),
    })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { data: { asset_id: 'BTC', halted: true } },
    ])
    const [wire] = seenBy(platform, '/internal/operator')
    expect(wire).toMatchObject({
      service: 'inventory',
      path: '/internal/operator/assets/BTC/halt?x=1',
      body: '{"reason" : "a rumour"}',
    })
    expect(wire?.headers).toMatchObject({
      'x-request-id': 'op-1',
      'idempotency-key': 'k'.repeat(16),
    })
    const signing = { secret: platform.parts.callerSecret, nowMs: platform.clock.nowMs }
    expect(verifyCaller(wire?.headers[CALLER_HEADER], signing)).toEqual(operator)
  })

  test('is nobody else', async () => {
    const others = [
      {},
      { [CALLER_HEADER]: 'forged.forged' },
      as(customer),
      as({ kind: 'anonymous' }),
      as({ kind: 'system', name: 'order' }),
    ]
    for (const headers of others) expect((await halt(headers)).json().code).toBe('bad-signature')
    const recorded = as(operator)
    platform.clock.nowMs += 61_000
    expect((await halt(recorded)).json().code).toBe('bad-signature')
    expect(platform.seen).toEqual([])
  })

  test('is not heard at the public door', async () => {
    for (const base of ['', '/api/v1']) {
      const answer = await platform.gateway.app.inject({
        method: 'POST',
        url: `${base}/internal/operator/assets/BTC/halt`,
        headers: as(operator),
      })
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route-not-found'])
    }
    expect(platform.seen).toEqual([])
  })

  test('reads refusals under the path that was asked', async () => {
    const answer = await listener.app.inject({
      method: 'GET',
      url: '/internal/operator/users/alice_1',
      headers: as(operator),
    })
    expect(answer.json()).toMatchObject({
      code: 'route-not-found',
      instance: '/internal/operator/users/alice_1',
    })
  })
})

test('every operator route of the contract is served, and no other', async () => {
  const folder = new URL('../../contract/', import.meta.url)
  const files = readdirSync(folder).filter((file) => /^[a-z-]+\.ts$/.test(file))
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, folder).href) as Promise<Record<string, unknown>>),
  )
  const isRoute = (value: unknown): value is Route =>
    typeof value === 'object' && value !== null && 'access' in value && 'path' in value
  const routes = modules.flatMap((module) => Object.values(module)).filter(isRoute)
  const operated = routes.filter(({ access }) => access === 'operator').map(({ name }) => name)
  expect(OPERATOR_ROUTES.map(({ name }) => name).toSorted()).toEqual(operated.toSorted())
})

test('the metrics are there, and only inside', async () => {
  await platform.gateway.app.inject({ method: 'GET', url: '/api/v1/capabilities' })
  const metrics = await listener.app.inject({ method: 'GET', url: '/metrics' })
  expect(metrics.statusCode).toBe(200)
  expect(metrics.headers['content-type']).toBe(platform.telemetry.registry.contentType)
  expect(metrics.body).toContain(
    'http_requests_total{service="gateway",route="getCapabilities",status="200"} 1',
  )
  expect((await platform.gateway.app.inject({ method: 'GET', url: '/metrics' })).statusCode).toBe(
    404,
  )
})
