/**
 * Who calls is said by the door alone. What a client says of itself is dropped there, and a service
 * that is asked directly believes nothing that the platform's secret has not signed a moment ago.
 */
import { getProfile } from '@cnop/contract/auth.ts'
import { getBalance } from '@cnop/contract/balance.ts'
import { getAsset } from '@cnop/contract/inventory.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import type { Route, ServiceName } from '@cnop/contract/route.ts'
import { checkSecondFactor } from '@cnop/contract/second-factor.ts'
import { listSecurityEvents, recordOperatorAct } from '@cnop/contract/security-log.ts'
import { listSessions, validateToken } from '@cnop/contract/session.ts'
import { getPreferences } from '@cnop/contract/user.ts'
import { CALLER_HEADER, type Caller, signCaller } from '@cnop/kit/caller.ts'
import { TIMEOUT_HEADER } from '@cnop/kit/deadline.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, newCustomer, rawCall } from '../customers.ts'
import { rightfulRequest } from '../rightful-requests.ts'
import { type RunningPlatform, startApart } from '../topologies.ts'

const MINUTE_MS = 60_000

let platform: RunningPlatform
let owner: Customer
let stranger: Customer

beforeAll(async () => {
  platform = await startApart()
  owner = await newCustomer(platform.url)
  stranger = await newCustomer(platform.url)
  await owner.deposit('1234.56')
})
afterAll(() => platform?.stop())

const ofOwner = (): Caller => ({
  kind: 'customer',
  userId: owner.userId,
  username: owner.username,
  sessionId: 'stolen',
  secondFactor: 'asked',
})
const OPERATOR: Caller = { kind: 'operator', name: 'mallory' }
const SYSTEM: Caller = { kind: 'system', name: 'gateway' }

const signedBy = (caller: Caller, secret: string, nowMs = Date.now()): string =>
  signCaller({ ...caller }, { secret, nowMs })

type Forged = readonly [title: string, header: (caller: Caller) => string | undefined]

const FORGED: readonly Forged[] = [
  ['no caller', () => undefined],
  ['an empty caller', () => ''],
  [
    'a caller that nothing signs',
    (caller) => Buffer.from(JSON.stringify({ ...caller, at: Date.now() })).toString('base64url'),
  ],
  [
    'a caller signed by another secret',
    (caller) => signedBy(caller, 'another secret of 32 characters or more'),
  ],
  ['a caller signed by no secret', (caller) => signedBy(caller, '')],
  [
    'a caller that was captured two minutes ago',
    (caller) => signedBy(caller, platform.callerSecret, Date.now() - 2 * MINUTE_MS),
  ],
  [
    'a caller of the time to come',
    (caller) => signedBy(caller, platform.callerSecret, Date.now() + 2 * MINUTE_MS),
  ],
  ['another caller under a good signature', (caller) => underAnothersSignature(caller)],
  [
    'a good caller without its signature',
    (caller) => `${signedBy(caller, platform.callerSecret).split('.')[0]}.`,
  ],
  [
    'a good caller with half its signature',
    (caller) => signedBy(caller, platform.callerSecret).slice(0, -20),
  ],
]

function underAnothersSignature(caller: Caller): string {
  const [, mac] = signedBy({ kind: 'anonymous' }, platform.callerSecret).split('.')
  return `${Buffer.from(JSON.stringify({ ...caller, at: Date.now() })).toString('base64url')}.${mac}`
}

type Asked = { status: number; code: string | undefined; body: string }

async function askService(route: Route, header: string | undefined): Promise<Asked> {
  const { method, path, body, headers } = rightfulRequestOf(route)
  const answer = await fetch(`${platform.urlOf(route.service)}${path}`, {
    method,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(header === undefined ? {} : { [CALLER_HEADER]: header }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await answer.text()
  return { status: answer.status, code: JSON.parse(text).code, body: text }
}

const INTERNAL_BODIES: Readonly<Record<string, unknown>> = {
  [validateToken.name]: { token: 'x' },
  [checkSecondFactor.name]: { user_id: 'x', purpose: 'x', address: '127.0.0.1', request_id: 'x' },
  [recordOperatorAct.name]: { operator: 'x', detail: 'x', outcome: 'done', request_id: 'x' },
}

function rightfulRequestOf(route: Route) {
  const body = INTERNAL_BODIES[route.name]
  if (body === undefined) return rightfulRequest(route)
  return { method: route.method, path: route.path, body: JSON.stringify(body), headers: {} }
}

const OWN_DOORS = (PUBLIC_ROUTES as readonly Route[]).filter(({ service }) => service !== 'gateway')
const BEHIND: readonly Route[] = [
  ...OWN_DOORS,
  validateToken,
  checkSecondFactor,
  recordOperatorAct,
  listSecurityEvents,
]

describe('a service that is asked directly', () => {
  it.each(FORGED)('believes %s nowhere', async (_, forge) => {
    for (const route of BEHIND) {
      const caller = { customer: ofOwner(), operator: OPERATOR, internal: SYSTEM }[
        route.access as string
      ]
      const answer = await askService(route, forge(caller ?? ofOwner()))
      expect([answer.status, answer.code], route.name).toEqual([401, 'bad-signature'])
      expect(answer.body).not.toContain(owner.userId)
    }
  })

  it('believes the platform, so that the refusals above are about the signature', async () => {
    const asked = await askService(getBalance, signedBy(ofOwner(), platform.callerSecret))
    expect(JSON.parse(asked.body)).toMatchObject({ current_balance: '1234.56' })
  })

  it.each<[ServiceName, Route]>([
    ['auth', getProfile],
    ['user', getPreferences],
    ['order', getBalance],
  ])('%s lets nobody in under a kind of caller that it does not serve', async (_service, route) => {
    for (const caller of [{ kind: 'anonymous' }, SYSTEM, OPERATOR] as const) {
      const answer = await askService(route, signedBy(caller, platform.callerSecret))
      expect(answer.status, caller.kind).toBe(401)
    }
  })

  it('serves nobody but another service, or the operator, on the routes behind the door', async () => {
    const callers = [{ kind: 'anonymous' }, ofOwner()] as const
    for (const route of [validateToken, checkSecondFactor, recordOperatorAct, listSecurityEvents]) {
      for (const caller of callers) {
        const answer = await askService(route, signedBy(caller, platform.callerSecret))
        expect([answer.status, answer.code], route.name).toEqual([401, 'bad-signature'])
      }
    }
  })

  it('holds a customer to the scopes of a key, whatever the door has let pass', async () => {
    const reader = { ...ofOwner(), scopes: ['read'] } as Caller
    for (const route of OWN_DOORS.filter(
      ({ access, scope }) => access === 'customer' && scope !== 'read',
    )) {
      const answer = await askService(route, signedBy(reader, platform.callerSecret))
      expect([answer.status, answer.code], route.name).toEqual([403, 'scope-missing'])
    }
  })

  it('asks for the second factor where the door has not', async () => {
    const { secondFactor: _, ...caller } = ofOwner() as Caller & { secondFactor?: 'asked' }
    const asking = OWN_DOORS.filter(({ secondFactor }) => secondFactor)
    expect(asking.length).toBeGreaterThan(3)
    for (const route of asking) {
      const answer = await askService(route, signedBy(caller as Caller, platform.callerSecret))
      expect([answer.status, answer.code], route.name).toEqual([401, 'second-factor-required'])
    }
  })
})

describe('the public door', () => {
  const forgedHeaders = () => ({
    [CALLER_HEADER]: signedBy(ofOwner(), platform.callerSecret),
    'X-CNOP-Caller': signedBy(ofOwner(), platform.callerSecret),
    'x-user-id': owner.userId,
    'x-forwarded-user': owner.username,
    'x-forwarded-for': '198.51.100.7',
    forwarded: 'for=198.51.100.7',
    'x-real-ip': '198.51.100.7',
    'x-original-url': '/internal/operator/users/admin',
    'x-http-method-override': 'DELETE',
  })

  it('drops even a caller that is well signed', async () => {
    const headers = forgedHeaders()
    const balance = await rawCall(platform.url, 'GET', getBalance.path, { headers })
    expect([balance.status, JSON.parse(balance.body).code]).toEqual([401, 'not-signed-in'])
    const own = await rawCall(platform.url, 'GET', getBalance.path, {
      headers,
      token: stranger.token,
    })
    expect(JSON.parse(own.body)).toMatchObject({ current_balance: '0.00' })
  })

  it('drops the time that a service should allow itself', async () => {
    for (const timeout of ['1', '-1', '1e9', 'NaN', '999999999']) {
      const answer = await rawCall(platform.url, 'GET', getBalance.path, {
        headers: { [TIMEOUT_HEADER]: timeout, 'x-request-timeout': timeout },
        token: owner.token,
      })
      expect(answer.status, timeout).toBe(200)
    }
  })

  it('takes the address of a client from the line, not from what it says', async () => {
    const asked = { headers: forgedHeaders(), token: owner.token }
    const answer = await rawCall(platform.url, 'GET', listSessions.path, asked)
    const addresses = JSON.parse(answer.body).data.map(
      ({ address }: { address: string }) => address,
    )
    expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']))
  })

  it('opens no route behind it, however its path is spelled', async () => {
    for (const path of [
      '/internal/auth/validate',
      '/../internal/auth/validate',
      '/%2e%2e/internal/auth/validate',
      '//internal/auth/validate',
      '/auth/..%2f..%2finternal/auth/validate',
      '/internal%2Fauth%2Fvalidate',
      '/inventory/assets/..%2f..%2finternal%2fquotes',
    ]) {
      const headers = { [CALLER_HEADER]: signedBy(SYSTEM, platform.callerSecret) }
      const answer = await rawCall(platform.url, 'GET', path, { headers, token: owner.token })
      expect([404, 405, 422], path).toContain(answer.status)
    }
    const asset = await rawCall(platform.url, 'GET', getAsset.path.replace(':asset_id', 'BTC'))
    expect(asset.status).toBe(200)
  })

  it.each(['../x', 'a b', 'x'.repeat(129), 'x\ty', '{}'])(
    'makes a request id of its own in place of “%s”',
    async (id) => {
      const answer = await rawCall(platform.url, 'GET', '/capabilities', {
        headers: { 'x-request-id': id },
      })
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9A-Za-z-]{20,40}$/)
    },
  )
})
