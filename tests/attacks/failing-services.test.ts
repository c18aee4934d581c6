/**
 * A service that is dead, frozen or lying takes nothing along: the door answers in time, what does
 * not need that service goes on, and afterwards every cent is where it was.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { getProfile } from '@cnop/contract/auth.ts'
import { getBalance } from '@cnop/contract/balance.ts'
import { getPortfolioInsight } from '@cnop/contract/insights.ts'
import { getAsset } from '@cnop/contract/inventory.ts'
import { listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, verifyLedger } from '@cnop/contract/portfolio.ts'
import type { Route, ServiceName } from '@cnop/contract/route.ts'
import { getPreferences, putWatchlist } from '@cnop/contract/user.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomer, type RawAnswer, rawCall } from '../customers.ts'
import { rightfulRequest } from '../rightful-requests.ts'
import { type RunningPlatform, startApart } from '../topologies.ts'
import { type Liar, QUICK_LIES, startLiar } from './liar.ts'

/** What the door allows a service, and a little for a machine that is busy. */
const ANSWER_MS_MAX = 14_000
const BREAKER_OPEN_SECONDS = 1
const RECOVER_MS_MAX = 15_000
const TEST_MS_MAX = 120_000

type Behind = Exclude<ServiceName, 'gateway'>

/** One that reads and one that changes, of each service. */
const ROUTES: Readonly<Record<Behind, readonly [Route, ...Route[]]>> = {
  auth: [getProfile, getBalance],
  user: [getPreferences, putWatchlist],
  inventory: [getAsset],
  order: [getBalance, listOrders],
  insights: [getPortfolioInsight],
}
const READ_BY_INSIGHTS: readonly Behind[] = ['order', 'inventory']
const SERVICES = Object.keys(ROUTES) as readonly Behind[]

let platform: RunningPlatform
let customer: Customer
let deposits = 0

beforeAll(async () => {
  platform = await startApart({
    env: {
      BREAKER_OPEN_SECONDS: String(BREAKER_OPEN_SECONDS),
      RATE_LIMIT_GATEWAY: '1000000',
      RATE_LIMIT_ORDER: '1000000',
    },
  })
  customer = await newCustomer(platform.url)
  await deposit()
})
afterAll(async () => {
  try {
    const { data: proof } = await customer.call(verifyLedger, {})
    expect(proof.checks.filter(({ ok }) => !ok)).toEqual([])
    const { current_balance } = await customer.call(getBalance, {})
    expect(current_balance, 'what was answered as done, and nothing else').toBe(`${deposits}.00`)
    expect(await auditOf(platform.dataDir)).toMatchObject({ clean: true })
  } finally {
    await platform.stop()
  }
})

async function deposit(): Promise<void> {
  await customer.deposit('1')
  deposits += 1
}

type Timed = RawAnswer & { readonly tookMs: number }

async function ask(route: Route, token: string | undefined = customer.token): Promise<Timed> {
  const { method, path, ...request } = rightfulRequest(route)
  const from = performance.now()
  const answer = await rawCall(platform.url, method, path, {
    ...request,
    ...(token === undefined || route.access === 'public' ? {} : { token }),
  })
  return { ...answer, tookMs: performance.now() - from }
}

function expectDown({ status, headers, body, tookMs }: Timed, what: string): void {
  const problem = JSON.parse(body)
  expect([status, problem.code], what).toEqual([503, 'dependency-down'])
  expect(Number(headers.get('retry-after')), what).toBeGreaterThan(0)
  expect(headers.get('content-security-policy'), what).toContain("default-src 'none'")
  expect(headers.has('x-ratelimit-remaining'), what).toBe(true)
  expect(body, what).not.toMatch(/teapot|SELECT|Phobos|It works|ECONN|undici|127\.0\.0\.1/)
  expect(tookMs, what).toBeLessThan(ANSWER_MS_MAX)
}

/** Asks what needs the service until it is answered again: the breaker has to let it. */
async function expectRecovered(service: Behind): Promise<void> {
  const [route] = ROUTES[service]
  await expect
    .poll(async () => (await ask(route)).status, { timeout: RECOVER_MS_MAX, interval: 200 })
    .toBe(200)
}

/** What does not need the service. Asked while it is away. */
async function expectOthersServed(away: readonly Behind[]): Promise<void> {
  for (const service of SERVICES.filter((name) => !away.includes(name))) {
    if (away.includes('auth') && service !== 'inventory') continue
    if (service === 'insights' && away.some((name) => READ_BY_INSIGHTS.includes(name))) continue
    const answer = await ask(ROUTES[service][0])
    expect(answer.status, `${service} while ${away} is away`).toBe(200)
    expect(answer.tookMs).toBeLessThan(2_000)
  }
  const page = await ask({ ...getAsset, path: '/capabilities' } as unknown as Route)
  expect(page.status).toBe(200)
}

/** Kept answers would hide that inventory is away. */
const forgotten = () => pause(1_100)

describe.each(SERVICES)('while %s', (service) => {
  it('is dead, the door says so at once, and then goes on', { timeout: TEST_MS_MAX }, async () => {
    await platform.kill(service)
    await forgotten()
    for (const route of ROUTES[service]) expectDown(await ask(route), route.name)
    await expectOthersServed([service])
    await platform.revive(service)
    await expectRecovered(service)
    await deposit()
  })

  it('answers garbage, the door passes none of it on', { timeout: TEST_MS_MAX }, async () => {
    await platform.kill(service)
    const liar = await startLiar(platform.urlOf(service))
    try {
      for (const lie of QUICK_LIES) {
        liar.tell(lie)
        await forgotten()
        await closedBreaker(liar, ROUTES[service][0])
        for (const route of ROUTES[service]) expectDown(await ask(route), `${route.name}, ${lie}`)
      }
      await expectOthersServed([service])
    } finally {
      await liar.close()
      await platform.revive(service)
    }
    await expectRecovered(service)
    await deposit()
  })
})

/** Asks until the question reaches the liar: then the breaker has let it through. */
async function closedBreaker(liar: Liar, route: Route): Promise<void> {
  const before = liar.told()
  const heard = async (): Promise<boolean> => {
    await ask(route)
    return liar.told() > before
  }
  await expect.poll(heard, { timeout: RECOVER_MS_MAX, interval: 200 }).toBe(true)
}

const BESIDE_AUTH: readonly Behind[] = ['user', 'inventory', 'order']

describe.each([[['auth']], [BESIDE_AUTH]] as [readonly Behind[]][])('while %s', (away) => {
  const asked = away.flatMap((service) => ROUTES[service])

  const expectAllDown = async (what: string): Promise<void> => {
    const answers = await Promise.all(asked.map((route) => ask(route)))
    for (const [index, answer] of answers.entries()) {
      expectDown(answer, `${asked[index]?.name}, ${what}`)
    }
  }

  it('is frozen, the door answers in time, and when it thaws all goes on', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await forgotten()
    for (const service of away) platform.freeze(service)
    try {
      await expectAllDown('frozen')
      await expectOthersServed(away)
    } finally {
      for (const service of away) platform.thaw(service)
    }
    for (const service of away) await expectRecovered(service)
    await deposit()
  })

  it('answers with a trickle, the door answers in time', { timeout: TEST_MS_MAX }, async () => {
    const liars = await Promise.all(
      away.map(async (service) => {
        await platform.kill(service)
        const liar = await startLiar(platform.urlOf(service))
        liar.tell('a trickle')
        return liar
      }),
    )
    try {
      await forgotten()
      await expectAllDown('a trickle')
    } finally {
      await Promise.all(liars.map((liar) => liar.close()))
      for (const service of away) await platform.revive(service)
    }
    for (const service of away) await expectRecovered(service)
    await deposit()
  })
})

describe('the breaker', () => {
  it('opens under load, answers at once, shows itself, and closes when the service is back', {
    timeout: TEST_MS_MAX,
  }, async () => {
    let over = false
    const seen: Timed[] = []
    const load = Array.from({ length: 8 }, async () => {
      while (!over) seen.push(await ask(getPortfolio))
    })
    await platform.kill('order')
    await expect.poll(() => seen.at(-1)?.status).toBe(503)
    await pause(500)
    const open = seen.slice(-50)
    const health = await fetch(`${platform.url}/health/ready`)
    const metrics = await (await fetch(`${platform.internalUrl}/metrics`)).text()
    await platform.revive('order')
    await expect.poll(() => seen.at(-1)?.status, { timeout: RECOVER_MS_MAX }).toBe(200)
    over = true
    await Promise.all(load)

    expect(health.status).toBe(503)
    expect(await health.json()).toMatchObject({
      checks: { order: expect.not.stringMatching(/^ready$/) },
    })
    expect(metrics).toMatch(/breaker.*order/)
    for (const answer of open) expectDown(answer, 'open')
    const median = open.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)[25] ?? 0
    expect(median, 'nobody waits for a service that is not asked').toBeLessThan(100)
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200, 503]))
    await deposit()
  })
})

describe('money', () => {
  it('moves once for one key, however often the order service dies under it', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const keys = Array.from({ length: 40 }, freshKey)
    const asking = keys.map(async (key, index) => {
      await pause(index * 40)
      for (;;) {
        const answer = await customer.raw('POST', '/balance/deposit', {
          body: '{"amount":"1"}',
          headers: { 'idempotency-key': key },
        })
        if (answer.status === 201) return
        expect(answer.status, answer.body).toBe(503)
        await pause(300)
      }
    })
    for (let death = 0; death < 3; death += 1) {
      await pause(300)
      await platform.kill('order')
      await platform.revive('order')
    }
    await Promise.all(asking)
    deposits += keys.length
    expect(await customer.call(getBalance, {})).toMatchObject({ current_balance: `${deposits}.00` })
  })
})
