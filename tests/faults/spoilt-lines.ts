/**
 * Customers trade while the line between two services is spoilt: every answer comes in time and is
 * definite or says that nobody knows; once the line is mended everything is answered again, and what
 * was open settles as what it was.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceName } from '@cnop/contract/route.ts'
import { booksOf } from '../audits.ts'
import {
  type Customer,
  customerOf,
  freshKey,
  newApiKey,
  newCustomers,
  type RawAnswer,
} from '../customers.ts'
import { type RunningPlatform, startApart } from '../topologies.ts'
import { type LineFault, startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export type SpoiltLine = 'door to order' | 'door to auth' | 'order to inventory'

export type Scenario = { readonly line: SpoiltLine; readonly fault: LineFault }

/** What the door allows a service, with its grace, and a little for a machine that is busy. */
const ANSWER_MS_MAX = 14_000
const RECOVER_MS_MAX = 10_000
const CUSTOMERS = 4
const REQUESTS = 3

export type SpoiltPlatform = {
  readonly platform: RunningPlatform
  readonly customers: readonly Customer[]
  run(scenario: Scenario): Promise<ScenarioFigures>
  close(): Promise<void>
}

export type ScenarioFigures = {
  readonly definite: number
  readonly unknown: number
  readonly slowestMs: number
  readonly recoveredMs: number
  /** The breaker of the door was open meanwhile. */
  readonly opened: boolean
}

export async function startSpoiltPlatform(): Promise<SpoiltPlatform> {
  const lines = new Map<string, TcpProxy>()
  const platform = await startApart({
    env: { RATE_LIMIT_ORDER: '1000000', RATE_LIMIT_GATEWAY: '1000000' },
    async lineTo(called: ServiceName, url: string, caller: ServiceName) {
      const proxy = await startTcpProxy(url)
      lines.set(`${caller === 'gateway' ? 'door' : caller} to ${called}`, proxy)
      return proxy.url
    },
  })
  const people = await newCustomers(platform.url, CUSTOMERS)
  for (const customer of people) await customer.deposit('500')
  const customers = await Promise.all(people.map((person) => byKey(platform.url, person)))
  return {
    platform,
    customers,
    run(scenario) {
      const line = lines.get(scenario.line)
      if (line === undefined) throw new Error(`There is no line from ${scenario.line}`)
      return runScenario({ platform, customers, line }, scenario)
    },
    async close() {
      await platform.stop()
      for (const line of lines.values()) await line.close()
    },
  }
}

/** By an API key, because a long run outlives every token. */
async function byKey(url: string, customer: Customer): Promise<Customer> {
  const { secret } = await newApiKey(customer, ['read', 'trade'])
  return customerOf(url, customer, { ...customer, token: secret })
}

type Site = Pick<SpoiltPlatform, 'platform' | 'customers'> & { readonly line: TcpProxy }

type Asked = {
  readonly customer: Customer
  readonly key: string
  readonly path: string
  readonly body: string
}

async function runScenario(site: Site, { line, fault }: Scenario): Promise<ScenarioFigures> {
  const { platform, customers } = site
  const before = await booksOf(platform.dataDir)
  await site.line.spoil(fault)
  const asked: Asked[] = []
  const answers: (RawAnswer & { readonly tookMs: number })[] = []
  await Promise.all(
    customers.map(async (customer) => {
      for (let request = 0; request < REQUESTS; request += 1) {
        const one = { customer, key: freshKey(), ...requestOf(request) }
        asked.push(one)
        answers.push(await timed(one))
      }
    }),
  )
  const opened = await breakerOpened(platform, line)
  await site.line.mend()
  const recoveredMs = await untilRecovered(site)
  for (const answer of answers) expectHonest(answer)
  const effects = await settle(asked, answers)
  const after = await booksOf(platform.dataDir)
  assert.equal(after.broken, undefined)
  // Each key has had its one effect, those of the wait for recovery too, and there is no other.
  assert.equal(after.events - before.events, effects + customers.length)
  return {
    definite: answers.filter(({ status }) => status < 500).length,
    unknown: answers.filter(({ status }) => status === 503).length,
    slowestMs: Math.max(...answers.map(({ tookMs }) => tookMs)),
    recoveredMs,
    opened,
  }
}

function requestOf(request: number): Pick<Asked, 'path' | 'body'> {
  if (request % 3 === 0) return { path: '/balance/deposit', body: '{"amount":"2"}' }
  const body = JSON.stringify({ order_type: 'market_buy', asset_id: 'ETH', notional: '1.50' })
  return { path: '/orders', body }
}

const post = ({ customer, path, body, key }: Asked): Promise<RawAnswer> =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': key } })

async function timed(asked: Asked): Promise<RawAnswer & { readonly tookMs: number }> {
  const from = performance.now()
  const answer = await post(asked)
  return { ...answer, tookMs: performance.now() - from }
}

/** Done, refused for a reason, or nobody knows and when to ask again: never a failure that is none. */
function expectHonest(answer: RawAnswer & { readonly tookMs: number }): void {
  assert.ok(answer.tookMs < ANSWER_MS_MAX, `answered after ${answer.tookMs} ms`)
  if (answer.status === 201) return
  assert.equal(answer.status, 503, answer.body)
  assert.ok(Number(answer.headers.get('retry-after')) > 0)
  assert.match(
    JSON.parse(answer.body).code,
    /^(outcome-unknown|dependency-down|contention|prices-.*)$/,
  )
}

/** One order of each customer, which needs every line there is. */
async function untilRecovered({ customers }: Site): Promise<number> {
  const from = performance.now()
  for (const customer of customers) {
    const asked = { customer, key: freshKey(), ...requestOf(1) }
    while ((await post(asked)).status !== 201) {
      assert.ok(performance.now() - from < RECOVER_MS_MAX, 'answered again in time')
      await pause(100)
    }
  }
  return performance.now() - from
}

/** Asked again, a key gets one answer for ever, the one it had where it had one. Resolves with the effects. */
async function settle(asked: readonly Asked[], answers: readonly RawAnswer[]): Promise<number> {
  assert.equal(answers.length, asked.length)
  const known = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body))
  let effects = 0
  for (const one of asked) {
    const first = await post(one)
    const second = await post(one)
    assert.equal(first.status, 201, first.body)
    assert.deepEqual([second.status, second.body], [first.status, first.body])
    known.delete(first.body)
    effects += 1
  }
  assert.deepEqual([...known], [], 'answers that no key replays')
  return effects
}

async function breakerOpened({ internalUrl }: RunningPlatform, line: SpoiltLine): Promise<boolean> {
  const peer = line.split(' ').at(-1)
  const metrics = await (await fetch(`${internalUrl}/metrics`)).text()
  const state = new RegExp(`breaker_state\\{[^}]*peer="${peer}",state="closed"[^}]*\\} 0`)
  return state.test(metrics)
}
