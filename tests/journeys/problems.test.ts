/** Every refusal of the closed list is answered by some route, and no route answers another. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createApiKey, revokeApiKey } from '@cnop/contract/api-key.ts'
import { findUser, register } from '@cnop/contract/auth.ts'
import {
  deposit,
  getAssetBalance,
  getBalance,
  setAccountStatus,
  withdraw,
} from '@cnop/contract/balance.ts'
import { type CallInput, call, requestOf } from '@cnop/contract/call.ts'
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import { getAsset, haltAsset, listAssets, releaseAsset } from '@cnop/contract/inventory.ts'
import { cancelOrder, getOrder, placeOrder } from '@cnop/contract/order.ts'
import { verifyEmail } from '@cnop/contract/password.ts'
import {
  PROBLEM_CODES,
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  type ProblemCode,
} from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { claimReward } from '@cnop/contract/reward.ts'
import type { BodyOf, Route } from '@cnop/contract/route.ts'
import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { endSession, login, refresh } from '@cnop/contract/session.ts'
import { getPreferences } from '@cnop/contract/user.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createFaultyStore, type FaultRates } from '@cnop/kit/store/faulty-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { problemsOf } from '@cnop/services/gateway/description/route-problems.ts'
import { createScriptedFeed } from '@cnop/services/inventory/testing/scripted-feed.ts'
import { CALLER_SECRET, startInventory } from '@cnop/services/inventory/testing/test-inventory.ts'
import { headKey } from '@cnop/services/order/ledger/account-rows.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticatorFor } from '../authenticator.ts'
import {
  type Customer,
  freshKey,
  type KeyTerms,
  newApiKey,
  newCustomer,
  newPerson,
  PASSWORD,
  type RawAnswer,
  rawCall,
} from '../customers.ts'
import { askWhileEnding } from '../late-request.ts'
import { asOperator } from '../operators.ts'
import { type OrderInProcess, startOrderInProcess, USER_ID } from '../order-in-process.ts'
import { askRaw, requestText } from '../raw-http.ts'
import { type RunningPlatform, startApart, startTogether } from '../topologies.ts'

/** An answer, wherever it came from; `route` is absent where the door knew none. */
type Raised = {
  readonly route?: Route
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

const USER_REQUESTS_A_MINUTE = 300
const REQUESTS_AT_ONCE = 8

let platform: RunningPlatform
let customer: Customer

beforeAll(async () => {
  platform = await startApart({
    env: {
      RATE_LIMIT_USER: String(USER_REQUESTS_A_MINUTE),
      CONCURRENT_PER_CUSTOMER: String(REQUESTS_AT_ONCE),
    },
  })
  customer = await newCustomer(platform.url)
  await customer.deposit('1000')
})
afterAll(() => platform?.stop())

/** Over HTTP, at the public door. */
async function ask<R extends Route>(
  route: R,
  input: CallInput<R>,
  who: Customer | { token?: string } = customer,
): Promise<Raised> {
  const { method, path, headers, body } = requestOf(route, input)
  const answer = await rawCall(platform.url, method, path, {
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
    ...(who.token === undefined ? {} : { token: who.token }),
  })
  return { route, ...answer, headers: Object.fromEntries(answer.headers) }
}

const order = (change: object, who = customer): Promise<Raised> =>
  ask(
    placeOrder,
    {
      body: { order_type: 'market_buy', asset_id: 'BTC', notional: '10', ...change },
      idempotencyKey: freshKey(),
    },
    who,
  )

const reason = { reason: 'a test of refusals' }
/** In this process: the real service over a store in the state that the refusal is about. */
async function inProcess(
  store: Store,
  work: (order: OrderInProcess) => Promise<Raised>,
): Promise<Raised> {
  const service = await startOrderInProcess({ store, callerSecret: CALLER_SECRET })
  try {
    return await work(service)
  } finally {
    await service.close()
    await store.close()
  }
}

const depositCent = async (service: OrderInProcess, waitMs?: number): Promise<Raised> => {
  const input = { body: { amount: '0.01' }, idempotencyKey: freshKey() }
  return { route: deposit, ...(await service.ask(deposit, input, waitMs)) }
}

const NO_FAULTS: FaultRates = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }

const faulty = (rates: Partial<FaultRates>, draws: readonly number[]): Store => {
  let drawn = 0
  return createFaultyStore({
    store: createMemoryStore({ now: Date.now }),
    chance: () => draws[drawn++ % draws.length] ?? 0,
    rates: { ...NO_FAULTS, ...rates },
    onCrash: () => undefined,
  })
}

const rawAnswer = (text: string): Promise<Raised> => askRaw(platform.url, text)

const post = (body: string, headers: Record<string, string> = {}): Promise<Raised> =>
  customer
    .raw('POST', deposit.path, { body, headers: { 'idempotency-key': freshKey(), ...headers } })
    .then((answer) => ({ route: deposit, ...answer, headers: Object.fromEntries(answer.headers) }))

/** The first refusal, or the last answer of so many. */
async function untilRefused(attemptsMax: number, act: () => Promise<Raised>): Promise<Raised> {
  for (let attempt = 1; attempt < attemptsMax; attempt += 1) {
    const answer = await act()
    if (answer.status >= 400) return answer
  }
  return act()
}

/** How each is raised. */
const RAISE: Readonly<Record<ProblemCode, () => Promise<Raised>>> = {
  'malformed-json': () => post('{"amount":'),
  'malformed-request': () => rawAnswer('GET / HTTP/1.1\r\nno header at all\r\n\r\n'),
  'not-signed-in': () => ask(getBalance, {}, {}),
  'bad-token': () => ask(getBalance, {}, { token: `${customer.token}x` }),
  'wrong-credentials': () =>
    ask(login, { body: { username: customer.username, password: 'not the password' } }, {}),
  'second-factor-required': async () => withdrawal(await guarded()),
  'wrong-second-factor': async () => withdrawal(await guarded(), { 'x-second-factor': '000000' }),
  'sign-in-blocked': () =>
    untilCode('sign-in-blocked', () =>
      ask(login, { body: { username: 'nobody_at_all', password: PASSWORD } }, {}),
    ),
  'scope-missing': () => withKey({}, (key) => ask(getBalance, {}, key)),
  'address-not-allowed': () =>
    withKey({ addresses: ['203.0.113.7'] }, (key) => ask(getBalance, {}, key)),
  'cross-site-request': () =>
    ask(refresh, { headers: { cookie: customer.cookie, origin: 'https://evil.example' } }, {}),
  'bad-signature': () =>
    asOperator(platform, async ({ unsigned }) => {
      const wire = requestOf(findUser, { params: { username: customer.username } })
      return { route: findUser, ...(await unsigned(wire)) }
    }),
  'route-not-found': () => nowhere('GET', '/nowhere'),
  'asset-not-found': () => ask(getAsset, { params: { asset_id: 'NOSUCH' } }),
  'order-not-found': () => ask(getOrder, { params: { order_id: 'NOSUCH' } }),
  'balance-not-found': () => ask(getAssetBalance, { params: { asset_id: 'ADA' } }),
  'user-not-found': () =>
    asOperator(platform, async ({ send }) => {
      const wire = requestOf(findUser, { params: { username: 'nobody_here' } })
      return { route: findUser, ...(await send(wire)) }
    }),
  'session-not-found': () => ask(endSession, { params: { session_id: 'NOSUCH' } }),
  'key-not-found': () => ask(revokeApiKey, { params: { key_id: 'NOSUCH' } }),
  'method-not-allowed': () => nowhere('PATCH', deposit.path),
  'username-taken': () =>
    ask(register, { body: { ...newPerson(), username: customer.username.toUpperCase() } }, {}),
  'email-taken': () =>
    ask(register, { body: { ...newPerson(), email: `${customer.username}@example.org` } }, {}),
  'second-factor-on': async () =>
    ask(beginSecondFactor, { body: { password: PASSWORD } }, await guarded()),
  'second-factor-off': () => ask(confirmSecondFactor, { body: { code: '000000' } }),
  async 'too-many-keys'() {
    const hoarder = await newCustomer(platform.url)
    const body: BodyOf<typeof createApiKey> = {
      name: 'one of many',
      scopes: ['read'],
      password: PASSWORD,
    }
    return untilRefused(API_KEYS_TRIED, () => ask(createApiKey, { body }, hoarder))
  },
  async 'order-not-open'() {
    const bought = await order({})
    const { order_id } = JSON.parse(bought.body).data
    return ask(cancelOrder, { params: { order_id }, idempotencyKey: freshKey() })
  },
  async 'account-frozen'() {
    const frozen = await newCustomer(platform.url)
    await frozen.deposit('10')
    await asOperator(platform, ({ send }) =>
      call(send, setAccountStatus, {
        params: { user_id: frozen.userId },
        body: { status: 'frozen', ...reason },
        idempotencyKey: freshKey(),
      }),
    )
    return ask(withdraw, { body: { amount: '1' }, idempotencyKey: freshKey() }, frozen)
  },
  'asset-halted': () =>
    asOperator(platform, async ({ send }) => {
      const asset = { params: { asset_id: 'ADA' }, body: reason }
      await call(send, haltAsset, asset)
      const refused = await order({ asset_id: 'ADA' })
      await call(send, releaseAsset, asset)
      return refused
    }),
  'body-too-large': () => post(`{"amount":"${'1'.repeat(70_000)}"}`),
  'url-too-long': () => ask(listAssets, { query: { search: 'x'.repeat(10_000) } }, {}),
  'unsupported-media-type': () => post('amount=5', { 'content-type': 'text/plain' }),
  'invalid-input': () => post('{"amount":"5","bonus":"5"}'),
  'link-not-valid': () => ask(verifyEmail, { body: { token: 'n'.repeat(43) } }, {}),
  'insufficient-funds': () => order({ notional: '9999' }),
  'insufficient-holdings': () =>
    order({ order_type: 'market_sell', notional: undefined, quantity: '0.1' }),
  'daily-limit-exceeded': () => post('{"amount":"9000.01"}'),
  async 'reward-claimed'() {
    const claim = () =>
      ask(claimReward, { body: { phrase: 'a phrase' }, idempotencyKey: freshKey() })
    await claim()
    return claim()
  },
  'order-too-small': () => order({ notional: '0.99' }),
  'order-too-large': () => order({ notional: '10000.01' }),
  'price-moved': () => order({ worst_price: '0.01' }),
  async 'idempotency-key-reused'() {
    const key = { 'idempotency-key': freshKey() }
    await post('{"amount":"1"}', key)
    return post('{"amount":"2"}', key)
  },
  async 'rate-limited'() {
    const hasty = await newCustomer(platform.url)
    return untilRefused(2 * USER_REQUESTS_A_MINUTE, () => ask(getPreferences, {}, hasty))
  },
  'too-busy': () => inProcess(slowStore(), everythingAtOnce),
  'too-many-at-once': oneTooMany,
  'headers-too-large': () =>
    rawAnswer(requestText('GET', '/', { headers: { cookie: 'c'.repeat(20_000) } })),
  async 'internal-error'() {
    const store = createMemoryStore({ now: Date.now })
    const noAccount = { kind: 'put', key: headKey(USER_ID), row: { seq: 'none' } } as const
    await store.transact([noAccount], { token: 'a row that is no account' })
    return inProcess(store, (service) => depositCent(service))
  },
  async 'dependency-down'() {
    await platform.kill('inventory')
    const refused = await order({})
    await platform.revive('inventory')
    return refused
  },
  overloaded: askAFullDoor,
  'prices-stale': orderAtAnOldPrice,
  'store-unavailable': depositOnAFullDisk,
  // Where the snapshot arrives and the commit does not, three times each time.
  'outcome-unknown': () =>
    inProcess(faulty({ lostRequest: 0.5 }, [0.9, 0.1, 0.1, 0.1]), (service) =>
      depositCent(service, 200),
    ),
  contention: () =>
    inProcess(faulty({ conflict: 0.5 }, [0.9, 0.1]), (service) => depositCent(service, 200)),
  'shutting-down': askAPlatformThatEnds,
}

/** More than an account may have. */
const API_KEYS_TRIED = 60

/** A customer with money and a second factor. */
async function guarded(): Promise<Customer> {
  const owner = await newCustomer(platform.url)
  await owner.deposit('10')
  const { data } = await owner.call(beginSecondFactor, { body: { password: PASSWORD } })
  await owner.call(confirmSecondFactor, { body: { code: authenticatorFor(data.uri).code() } })
  return owner
}

const withdrawal = (owner: Customer, headers: Record<string, string> = {}): Promise<Raised> =>
  ask(withdraw, { body: { amount: '1' }, idempotencyKey: freshKey(), headers }, owner)

async function withKey(
  terms: KeyTerms,
  act: (key: { token: string }) => Promise<Raised>,
): Promise<Raised> {
  const { secret } = await newApiKey(customer, ['trade'], terms)
  return act({ token: secret })
}

async function untilCode(code: ProblemCode, act: () => Promise<Raised>): Promise<Raised> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const answer = await act()
    if (JSON.parse(answer.body).code === code) return answer
  }
  return act()
}

/** While nothing is answered, as many as may be are under way. */
async function oneTooMany(): Promise<Raised> {
  const hasty = await newCustomer(platform.url)
  platform.freeze('order')
  const first = Promise.withResolvers<Raised>()
  const answers = Array.from({ length: REQUESTS_AT_ONCE + 1 }, async () => {
    const answer = await ask(getBalance, {}, hasty)
    first.resolve(answer)
  })
  const refused = await first.promise
  platform.thaw('order')
  await Promise.all(answers)
  return refused
}

/** A password takes its time, and there is room for one. */
async function askAFullDoor(): Promise<Raised> {
  const full = await startTogether({ env: { REQUESTS_AT_ONCE: '1' } })
  try {
    const body = JSON.stringify({ username: 'nobody_here', password: PASSWORD })
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => rawCall(full.url, login.method, login.path, { body })),
    )
    const refused = answers.find(({ status }) => status === 503) ?? (answers[0] as RawAnswer)
    return { route: login, ...refused, headers: Object.fromEntries(refused.headers) }
  } finally {
    await full.stop()
  }
}

async function nowhere(method: string, path: string): Promise<Raised> {
  const { status, headers, body } = await customer.raw(method, path)
  return { status, headers: Object.fromEntries(headers), body }
}

function slowStore(): Store {
  return createDawdlingStore({
    store: createMemoryStore({ now: Date.now }),
    chance: () => 1,
    pause: async (ms) => void (await pause(ms)),
    pauseMsMax: 5,
  })
}

/** More at once for one account than may wait; gives one of those that could not. */
async function everythingAtOnce(service: OrderInProcess): Promise<Raised> {
  const answers = await Promise.all(Array.from({ length: 700 }, () => depositCent(service)))
  return answers.find(({ status }) => status >= 400) ?? (answers[0] as Raised)
}

async function orderAtAnOldPrice(): Promise<Raised> {
  const feed = createScriptedFeed()
  feed.say({ BTC: '50000' })
  const { service: inventory, clock, close } = await startInventory({ feed })
  feed.answer(async () => new Map())
  await clock.advance(60_000)
  const store = createMemoryStore({ now: clock.now })
  const office = { store, callerSecret: CALLER_SECRET, now: clock.now, inventory }
  const service = await startOrderInProcess(office)
  const body = { order_type: 'market_buy', asset_id: 'BTC', notional: '10' } as const
  const refused = await service.ask(placeOrder, { body, idempotencyKey: freshKey() })
  await service.close()
  await close()
  return { route: placeOrder, ...refused }
}

async function depositOnAFullDisk(): Promise<Raised> {
  const folder = mkdtempSync(join(tmpdir(), 'cnop-full-'))
  const onFatal = (error: unknown): never => {
    throw error
  }
  const file = join(folder, 'order.db')
  const store = openSqliteStore({ file, now: Date.now, onFatal, bytesMax: 160 * 1024 })
  try {
    return await inProcess(store, (service) => untilRefused(500, () => depositCent(service)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function askAPlatformThatEnds(): Promise<Raised> {
  const ending = await startTogether()
  let ended: Promise<void> | undefined
  try {
    const { late } = await askWhileEnding(ending.url, () => {
      ended = ending.stop()
    })
    return { route: getCapabilities, ...late }
  } finally {
    await (ended ?? ending.stop())
  }
}

/** What the door answers where it knows no method, and the operator’s door to strangers. */
const OF_NO_PUBLIC_ROUTE: readonly ProblemCode[] = [
  'method-not-allowed',
  'bad-signature',
  'user-not-found',
]

describe('the closed list of refusals', () => {
  it('has a way to raise each', () => {
    expect(Object.keys(RAISE).toSorted()).toEqual([...PROBLEM_CODES].toSorted())
  })

  it('has none that no route would answer', () => {
    const answered = new Set((PUBLIC_ROUTES as readonly Route[]).flatMap(problemsOf))
    const unused = PROBLEM_CODES.filter((code) => !answered.has(code))
    expect(unused.toSorted()).toEqual([...OF_NO_PUBLIC_ROUTE].toSorted())
  })

  it.each(PROBLEM_CODES)('%s is answered', async (code) => {
    const { route, status, headers, body } = await RAISE[code]()
    const problem = JSON.parse(body)
    expect(problem).toMatchObject({
      code,
      status: PROBLEMS[code].status,
      title: PROBLEMS[code].title,
      type: `/docs#problem-${code}`,
      instance: expect.stringMatching(/^\//),
      request_id: headers['x-request-id'],
    })
    expect(status).toBe(PROBLEMS[code].status)
    expect(headers['content-type']?.split(';')[0]).toBe(PROBLEM_MEDIA_TYPE)
    if (status === 429 || status === 503) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    if (status === 401) expect(headers['www-authenticate']).toMatch(/^Bearer/)
    if (route?.access === 'public' || route?.access === 'customer')
      expect(problemsOf(route)).toContain(code)
  })
})
