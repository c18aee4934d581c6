/**
 * Any process of a platform of two of each is killed while customers trade at both doors: what was
 * acknowledged is there, once, to the byte; streams resume; the others go on meanwhile.
 */
import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceName } from '@cnop/contract/route.ts'
import { login } from '@cnop/contract/session.ts'
import { REDIS_SERVER, type RedisServer } from '@cnop/kit/redis/testing/redis-server.ts'
import { SESSIONS_MAX } from '@cnop/services/auth/sessions/decide-session.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import {
  askRefresh,
  type Customer,
  customerOf,
  freshKey,
  newCustomer,
  PASSWORD,
  rawCall,
  sessionIn,
  signedIn,
  signIn,
} from '../customers.ts'
import { follow, listen } from '../event-client.ts'
import { runOperator } from '../operators.ts'
import { type ScaledPlatform, startScaled } from '../scaled-topology.ts'
import { temporaryDataDir } from '../topologies.ts'

const CLIENTS = 4
/** Of one customer, when answers are asked for again. */
const AT_ONCE = 8
const VICTIMS: readonly (readonly [ServiceName, number])[] = [
  ['order', 0],
  ['inventory', 0],
  ['order', 1],
  ['gateway', 1],
  ['inventory', 1],
  ['auth', 0],
  ['user', 0],
  ['insights', 0],
  ['gateway', 0],
]

const DEPOSITS = 10
const GUESSES = 12
const SHARED_AGAIN_MS_MAX = 60_000
const RECOVERY_MS_MAX = 60_000
/** A door asks about a stream every five seconds by itself: what ends it sooner is a hint. */
const SOON_MS = 3_000

const LIMITS = {
  RATE_LIMIT_ORDER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
  SIGN_IN_FAILURES_PER_ADDRESS: '1000',
  DEPOSIT_PER_DAY_USD: '1000000.00',
}

type Asked = { readonly key: string; readonly path: string; readonly body: string }
type Answered = Asked & {
  readonly status: number
  readonly answer: string
  readonly askedAtMs: number
  readonly answeredAtMs: number
}
type Follower = ReturnType<typeof follow>
type Trades = { readonly answered: Answered[]; readonly open: Asked[] }

const post = (customer: Customer, { path, body, key }: Asked) =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': key } })

function nextRequest(step: number): Asked {
  const key = freshKey()
  if (step % 3 === 0) return { key, path: '/balance/deposit', body: '{"amount":"3"}' }
  if (step % 3 === 1) return { key, path: '/balance/withdraw', body: '{"amount":"1"}' }
  const order = { order_type: 'market_buy', asset_id: 'ETH', notional: '1.50' }
  return { key, path: '/orders', body: JSON.stringify(order) }
}

/** Asked after the kill, and answered. */
const goesOn = (answered: readonly Answered[], killedAtMs: number): boolean =>
  answered.some(({ askedAtMs }) => askedAtMs > killedAtMs)

/** How long the customer that waited longest was without an answer. */
function tellRecovery(killed: string, records: readonly Trades[], killedAtMs: number): void {
  const first = records.map(
    ({ answered }) =>
      answered.find(({ askedAtMs }) => askedAtMs > killedAtMs)?.answeredAtMs ?? Number.NaN,
  )
  const lateMs = Math.round(Math.max(...first) - killedAtMs)
  process.stderr.write(`${killed} killed: every customer was answered again after ${lateMs} ms\n`)
}

/** How sessions end that no customer ends by hand; what must come before is done first. */
const ENDINGS: readonly (readonly [
  string,
  (customer: Customer, platform: ScaledPlatform) => Promise<() => Promise<unknown>>,
])[] = [
  [
    'the next sign-in of its browser',
    async ({ username, cookie }, { url }) =>
      () =>
        signIn(url, { username, password: PASSWORD }, { cookie }),
  ],
  [
    'a sign-in beyond the most that there may be',
    async (customer, { url }) => {
      for (let sessions = 1; sessions < SESSIONS_MAX; sessions += 1) await signedIn(url, customer)
      return () => signedIn(url, customer)
    },
  ],
  [
    'the return of a retired refresh token',
    async ({ cookie }, { url }) => {
      const { cookie: second } = sessionIn(await askRefresh(url, cookie))
      await askRefresh(url, second)
      return () => askRefresh(url, cookie)
    },
  ],
  [
    'a sign-out by the operator',
    async ({ username }, platform) =>
      () =>
        runOperator(platform, ['sign-out', username, '--reason', 'a test']),
  ],
]

describe.skipIf(REDIS_SERVER === undefined)('two of each', () => {
  let dataDir: string
  let platform: ScaledPlatform

  beforeAll(async () => {
    dataDir = await temporaryDataDir()
    platform = await startScaled({ dataDir, env: LIMITS })
  }, 400_000)
  afterAll(async () => {
    await platform.stop()
    await rm(dataDir, { recursive: true })
  })

  /** The same session at every door in turn. */
  const atDoor = (customer: Customer, door: number): Customer =>
    customerOf(platform.doors[door % platform.doors.length] as string, customer, customer)

  /** Whoever guesses is held up, whether or not the processes can count together. */
  async function statusesOfGuesses({ username }: Customer): Promise<number[]> {
    const body = JSON.stringify({ username, password: 'this is not the password' })
    const statuses: number[] = []
    for (let i = 0; i < GUESSES; i += 1)
      statuses.push((await rawCall(platform.url, login.method, login.path, { body })).status)
    return statuses
  }

  /** What the links of the first door say of Redis. */
  async function redisSeen(): Promise<string[]> {
    const metrics = await (await fetch(`${platform.internalUrl}/metrics`)).text()
    return [
      ...new Set([...metrics.matchAll(/^\S*redis_up\{[^}]*\} (\d)/gm)].map(([, up]) => up ?? '')),
    ]
  }

  /** Trades until told to stop, at one door after the other. */
  async function trade(customer: Customer, record: Trades, goOn: () => boolean): Promise<void> {
    for (let step = 0; goOn(); step += 1) {
      const asked = nextRequest(step)
      const askedAtMs = performance.now()
      const answer = await post(atDoor(customer, step), asked).catch(() => undefined)
      const answeredAtMs = performance.now()
      if (answer !== undefined && answer.status < 500) {
        const { status, body } = answer
        record.answered.push({ ...asked, askedAtMs, answeredAtMs, status, answer: body })
      } else {
        record.open.push(asked)
        await pause(20)
      }
    }
  }

  it('lets a token that ended at one door into no other, nor a stream go on there, a second later', async () => {
    const customer = await newCustomer(platform.url)
    const elsewhere = atDoor(customer, 1)
    expect((await elsewhere.raw('GET', '/balance')).status).toBe(200)
    const [, door = ''] = platform.doors
    const stream = await listen(door, { channels: 'balances', token: customer.token })
    expect((await customer.raw('POST', '/auth/logout')).status).toBe(200)
    const over = await Promise.race([stream.ended.then(() => true), pause(1_000, false)])
    expect(over).toBe(true)
    expect((await elsewhere.raw('GET', '/balance')).status).toBe(401)
  })

  it.each(ENDINGS)(
    'ends the streams of a session at every door soon after %s',
    async (_, ready) => {
      const customer = await newCustomer(platform.url)
      const end = await ready(customer, platform)
      const streams = await Promise.all(
        platform.doors.map((url) => listen(url, { channels: 'balances', token: customer.token })),
      )
      expect(streams.map(({ status }) => status)).toEqual(platform.doors.map(() => 200))
      await end()
      const over = await Promise.race([
        Promise.all(streams.map(({ ended }) => ended)).then(() => true),
        pause(SOON_MS, false),
      ])
      expect(over).toBe(true)
    },
    60_000,
  )

  it('tells a stream at one door what was committed through the other', async () => {
    const customer = await newCustomer(platform.url)
    const streams = await Promise.all(
      platform.doors.map((url) => listen(url, { channels: 'balances', token: customer.token })),
    )
    for (let i = 0; i < 6; i += 1) await atDoor(customer, i).deposit('1')
    for (const stream of streams) {
      await stream.until((heard) => heard.at(-1)?.id === 6)
      expect(stream.heard.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
      await stream.close()
    }
  })

  it('shows the same prices at both doors', async () => {
    const [first, second] = await Promise.all(
      platform.doors.map((url) => listen(url, { channels: 'prices' })),
    )
    await first?.until((heard) => heard.length >= 4)
    await second?.until((heard) => heard.length >= 4)
    const pricesAt = (stream: typeof first) =>
      new Map(stream?.heard.map(({ data }) => [(data as { as_of: string }).as_of, data]))
    const [left, right] = [pricesAt(first), pricesAt(second)]
    const both = [...left.keys()].filter((at) => right.has(at))
    expect(both.length).toBeGreaterThanOrEqual(2)
    for (const at of both) expect(left.get(at)).toEqual(right.get(at))
    await first?.close()
    await second?.close()
  })

  it.each([
    ['frozen', (redis: RedisServer) => redis.freeze(), (redis: RedisServer) => redis.thaw()],
    ['killed', (redis: RedisServer) => redis.kill(), (redis: RedisServer) => redis.start()],
  ])(
    'trades on while Redis is %s, limits guesses alone, and shares again',
    async (_, lose, regain) => {
      const customer = await newCustomer(platform.url)
      const streams = await Promise.all(
        platform.doors.map((url) => listen(url, { channels: 'balances', token: customer.token })),
      )
      await customer.deposit('1')
      await lose(platform.redis)
      try {
        for (let i = 0; i < DEPOSITS; i += 1) await atDoor(customer, i).deposit('1')
        for (const stream of streams) {
          await stream.until((heard) => heard.at(-1)?.id === DEPOSITS + 1)
          expect(new Set(stream.heard.map(({ id }) => id)).size).toBe(DEPOSITS + 1)
        }
        expect(await statusesOfGuesses(customer)).toContain(403)
      } finally {
        await regain(platform.redis)
      }
      await expect.poll(redisSeen, { timeout: SHARED_AGAIN_MS_MAX, interval: 200 }).toEqual(['1'])
      await atDoor(customer, 1).deposit('1')
      for (const stream of streams) {
        await stream.until((heard) => heard.at(-1)?.id === DEPOSITS + 2)
        await stream.close()
      }
      expect(await auditOf(dataDir)).toMatchObject({ clean: true })
    },
    200_000,
  )

  it(`loses and doubles nothing when each of ${VICTIMS.length} processes is killed`, async () => {
    const customers = await Promise.all(
      Array.from({ length: CLIENTS }, () => newCustomer(platform.url)),
    )
    const records = customers.map(() => ({ answered: [] as Answered[], open: [] as Asked[] }))
    const followers = customers.map((customer, i) =>
      follow(platform.doors[i % 2] as string, customer.token, () => Number.POSITIVE_INFINITY),
    )
    let trading = true
    const clients = customers.map((customer, i) =>
      trade(customer, records[i] as Trades, () => trading),
    )
    for (const [service, replica] of VICTIMS) {
      await pause(300)
      const killedAtMs = performance.now()
      await platform.kill(service, replica)
      await pause(500)
      const recovered = () => records.every(({ answered }) => goesOn(answered, killedAtMs))
      if (service !== 'auth')
        await expect.poll(recovered, { timeout: RECOVERY_MS_MAX, interval: 20 }).toBe(true)
      tellRecovery(`${service}/${replica + 1}`, records, killedAtMs)
      await platform.revive(service, replica)
      await pause(500)
    }
    trading = false
    await Promise.all(clients)
    await Promise.all(
      customers.map(async (customer, i) => {
        const record = records[i] as Trades
        await expectSameAnswers(await signedIn(platform.url, customer), record)
        await expectWholeStream(followers[i] as Follower, record)
      }),
    )
    expect(await auditOf(dataDir)).toMatchObject({ clean: true })
  }, 400_000)
})

/** What was answered is answered the same again; what was not is done once. */
async function expectSameAnswers(customer: Customer, { answered, open }: Trades): Promise<void> {
  expect(answered.length).toBeGreaterThan(10)
  const left = answered.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const asked of left) {
        const { status, body, headers } = await post(customer, asked)
        expect({ status, body }).toEqual({ status: asked.status, body: asked.answer })
        expect(headers.get('idempotent-replayed')).toBe('true')
      }
    }),
  )
  for (const asked of open) {
    const first = await post(customer, asked)
    expect(await post(customer, asked)).toMatchObject({ status: first.status, body: first.body })
  }
}

async function expectWholeStream(follower: Follower, { answered, open }: Trades): Promise<void> {
  const done = answered.filter(({ status }) => status < 400).length
  await follower.reach(done)
  await follower.stop()
  const ids = [...new Set(follower.heard.flatMap(({ id }) => id ?? []))]
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => n + 1))
  expect(ids.length).toBeLessThanOrEqual(done + open.length)
}
