/**
 * Any process of a platform of two of each is killed while customers trade at both doors: what was
 * acknowledged is there, once, to the byte; streams resume; the others go on meanwhile.
 */
import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceName } from '@cnop/contract/route.ts'
import { REDIS_SERVER } from '@cnop/kit/redis/testing/redis-server.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, customerOf, freshKey, newCustomer, signedIn } from '../customers.ts'
import { follow, listen } from '../event-client.ts'
import { type ScaledPlatform, startScaled } from '../scaled-topology.ts'
import { temporaryDataDir } from '../topologies.ts'

const CLIENTS = 4
const VICTIMS: readonly (readonly [ServiceName, number])[] = [
  ['order', 0],
  ['inventory', 0],
  ['order', 1],
  ['gateway', 1],
  ['inventory', 1],
  ['auth', 0],
  ['user', 0],
  ['gateway', 0],
]

const LIMITS = {
  RATE_LIMIT_ORDER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
  DEPOSIT_PER_DAY_USD: '1000000.00',
}

type Asked = { readonly key: string; readonly path: string; readonly body: string }
type Answered = Asked & { readonly status: number; readonly answer: string }

const post = (customer: Customer, { path, body, key }: Asked) =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': key } })

function nextRequest(step: number): Asked {
  const key = freshKey()
  if (step % 3 === 0) return { key, path: '/balance/deposit', body: '{"amount":"3"}' }
  if (step % 3 === 1) return { key, path: '/balance/withdraw', body: '{"amount":"1"}' }
  const order = { order_type: 'market_buy', asset_id: 'ETH', notional: '1.50' }
  return { key, path: '/orders', body: JSON.stringify(order) }
}

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

  /** Trades until told to stop, at one door after the other. */
  async function trade(
    customer: Customer,
    record: { answered: Answered[]; open: Asked[] },
    goOn: () => boolean,
  ): Promise<void> {
    for (let step = 0; goOn(); step += 1) {
      const asked = nextRequest(step)
      const answer = await post(atDoor(customer, step), asked).catch(() => undefined)
      if (answer !== undefined && answer.status < 500)
        record.answered.push({ ...asked, status: answer.status, answer: answer.body })
      else {
        record.open.push(asked)
        await pause(20)
      }
    }
  }

  it('lets a token that ended at one door into no other a second later', async () => {
    const customer = await newCustomer(platform.url)
    const elsewhere = atDoor(customer, 1)
    expect((await elsewhere.raw('GET', '/balance')).status).toBe(200)
    expect((await customer.raw('POST', '/auth/logout')).status).toBe(200)
    await pause(1_000)
    expect((await elsewhere.raw('GET', '/balance')).status).toBe(401)
  })

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
      trade(customer, records[i] as { answered: Answered[]; open: Asked[] }, () => trading),
    )
    for (const [service, replica] of VICTIMS) {
      await pause(300)
      await platform.kill(service, replica)
      await pause(1_500)
      await platform.revive(service, replica)
      await pause(1_500)
    }
    trading = false
    await Promise.all(clients)

    for (const [i, customer] of customers.entries()) {
      const again = await signedIn(platform.url, customer)
      const { answered, open } = records[i] as { answered: Answered[]; open: Asked[] }
      expect(answered.length).toBeGreaterThan(10)
      for (const asked of answered) {
        const replayed = await post(again, asked)
        expect({ status: replayed.status, body: replayed.body }).toEqual({
          status: asked.status,
          body: asked.answer,
        })
        expect(replayed.headers.get('idempotent-replayed')).toBe('true')
      }
      for (const asked of open) {
        const first = await post(again, asked)
        expect(await post(again, asked)).toMatchObject({ status: first.status, body: first.body })
      }
    }
    for (const [i, follower] of followers.entries()) {
      const { answered, open } = records[i] as { answered: Answered[]; open: Asked[] }
      const done = answered.filter(({ status }) => status < 400).length
      await follower.reach(done)
      await follower.stop()
      const ids = [...new Set(follower.heard.flatMap(({ id }) => id ?? []))]
      expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => n + 1))
      expect(ids.length).toBeLessThanOrEqual(done + open.length)
    }
    expect(await auditOf(dataDir)).toMatchObject({ clean: true })
  }, 400_000)
})
