import { findUser } from '@cnop/contract/auth.ts'
import { setAccountStatus } from '@cnop/contract/balance.ts'
import { haltAsset, listHalts } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { BodyOf, ServiceName } from '@cnop/contract/route.ts'
import { recordOperatorAct, resetSecondFactor } from '@cnop/contract/security-log.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import { CALLER_HEADER, signCaller } from '@cnop/kit/caller.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, type Endpoint, type Service, serve } from '@cnop/kit/service.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, type Transport } from '@cnop/kit/transport.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createInternalListener } from './internal-listener.ts'

const SECRET = 'a secret of the tests, of 32 characters or more'
const ADA = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
/** Nobody has this id, but somebody has it for a name. */
const NAMED_LIKE_AN_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAW'
const now = () => Date.now()

let kept: BodyOf<typeof recordOperatorAct>[]
let frozen: string[]
let lines: Record<string, unknown>[]
let authFails: boolean
let services: Service[]
let listener: Awaited<ReturnType<typeof createInternalListener>>

const authEndpoints: readonly Endpoint[] = [
  serve(findUser, async ({ params: { username } }) => {
    const userId = username === NAMED_LIKE_AN_ID ? ADA : username
    if (userId !== ADA) throw new Problem('user-not-found')
    return { data: { user_id: userId, username: 'ada_lovelace', email: 'ada@example.org' } }
  }),
  serve(recordOperatorAct, async ({ body, caller }) => {
    if (authFails || caller.kind !== 'system') throw new Error('a defect')
    kept.push(body)
    return { data: { recorded: true } }
  }),
  serve(resetSecondFactor, async () => ({ data: { user_id: ADA, username: 'ada_lovelace' } })),
]

const orderEndpoints: readonly Endpoint[] = [
  serve(setAccountStatus, async ({ params: { user_id }, body: { status } }) => {
    frozen.push(user_id)
    return { data: { user_id, status } }
  }),
]

const inventoryEndpoints: readonly Endpoint[] = [
  serve(listHalts, async () => ({ data: [], has_more: false })),
  serve(haltAsset, async ({ params: { asset_id } }) => {
    if (asset_id === 'NONE') throw new Problem('asset-not-found')
    return { data: { asset_id, halted: true } }
  }),
]

beforeEach(async () => {
  kept = []
  frozen = []
  lines = []
  authFails = false
  const write = (line: string): void => void lines.push(JSON.parse(line))
  const destination = { write } as unknown as NodeJS.WritableStream
  const parts = {
    callerSecret: SECRET,
    log: createLog({ level: 'silent', service: 'test' }),
    telemetry: createTelemetry({ processMetrics: false }),
    now,
    checkAnswers: true,
  }
  services = await Promise.all([
    createService({ ...parts, name: 'auth', endpoints: authEndpoints }),
    createService({ ...parts, name: 'order', endpoints: orderEndpoints }),
    createService({ ...parts, name: 'inventory', endpoints: inventoryEndpoints }),
  ])
  const transports = new Map<ServiceName, Transport>(
    services.map((service) => [service.name, localTransport(service)]),
  )
  const log = createLog({ level: 'error', service: 'gateway', destination })
  const bus = createMemoryBus((error) => {
    throw error
  })
  listener = await createInternalListener({ ...parts, transports, log, bus })
})
afterEach(async () => {
  await listener.close()
  await Promise.all(services.map((service) => service.close()))
})

const ask = (method: 'GET' | 'POST', url: string, body?: unknown) =>
  listener.app.inject({
    method,
    url,
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'op-1',
      'idempotency-key': 'a-key-of-this-test',
      [CALLER_HEADER]: signCaller(
        { kind: 'operator', name: 'grace' },
        { secret: SECRET, nowMs: now() },
      ),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })

const freeze = (userId: string) =>
  ask('POST', `/internal/operator/accounts/${userId}/status`, {
    status: 'frozen',
    reason: 'a suspicion',
  })

test('an act is kept with who, what, to whom, why and how it ended', async () => {
  expect((await freeze(ADA)).statusCode).toBe(200)
  expect(kept).toEqual([
    {
      operator: 'grace',
      detail: `setAccountStatus ${ADA}: a suspicion`,
      outcome: 'done',
      user_id: ADA,
      request_id: 'op-1',
    },
  ])
})

test('the user of an act is kept also where only the answer tells who it is', async () => {
  const reason = { reason: 'a lost phone' }
  await ask('POST', '/internal/operator/users/ada@example.org/second-factor', reason)
  expect(kept).toMatchObject([
    { detail: 'resetSecondFactor ada@example.org: a lost phone', user_id: ADA },
  ])
})

test('an act that is refused is kept with its code', async () => {
  const answer = await ask('POST', '/internal/operator/assets/NONE/halt', { reason: 'a rumour' })
  expect(answer.json().code).toBe('asset-not-found')
  expect(kept).toMatchObject([
    { detail: 'haltAsset NONE, asset-not-found: a rumour', outcome: 'refused' },
  ])
})

test.each([
  ['nobody', '01ARZ3NDEKTSV4RRFFQ69G5FAX'],
  ['nobody, though somebody is called like it', NAMED_LIKE_AN_ID],
])('an account of %s cannot be frozen, and the attempt is kept', async (_, userId) => {
  expect((await freeze(userId)).json()).toMatchObject({ code: 'user-not-found', status: 404 })
  expect(frozen).toEqual([])
  expect(kept).toMatchObject([{ outcome: 'refused', user_id: userId }])
})

test('reading is not kept', async () => {
  expect((await ask('GET', '/internal/operator/halts')).statusCode).toBe(200)
  expect((await ask('GET', `/internal/operator/users/${ADA}`)).statusCode).toBe(200)
  expect(kept).toEqual([])
})

test('an act that cannot be kept stands, and the log has what was to be kept', async () => {
  authFails = true
  expect((await freeze(ADA)).statusCode).toBe(200)
  expect(frozen).toEqual([ADA])
  expect(lines).toMatchObject([
    {
      level: 'error',
      msg: 'an act of an operator is not in the security log',
      operator: 'grace',
      detail: `setAccountStatus ${ADA}: a suspicion`,
      outcome: 'done',
      user_id: ADA,
      request_id: 'op-1',
    },
  ])
})

test('a reason of any length is kept within what the log takes', async () => {
  await ask('POST', '/internal/operator/assets/BTC/halt', { reason: 'x'.repeat(10_000) })
  expect(kept).toHaveLength(1)
  expect(kept[0]?.detail).toHaveLength(300)
})
