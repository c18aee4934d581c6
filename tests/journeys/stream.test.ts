/** The event stream: prices for anyone, the own journal for its owner, without gap or double. */

import { type CashBalance, getBalance } from '@cnop/contract/balance.ts'
import { listOrders, type Order } from '@cnop/contract/order.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { logout } from '@cnop/contract/session.ts'
import { BalancesFrame, OrdersFrame, PricesFrame } from '@cnop/contract/stream.ts'
import { bodyReader } from '@cnop/kit/json-body.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomer, signedIn } from '../customers.ts'
import { type EventClient, follow, type Heard, listen } from '../event-client.ts'
import { connectRaw, requestText } from '../raw-http.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import type { RunningPlatform } from '../topologies.ts'

const SECOND_MS = 1_000
const OWN = 'orders,balances'

/** The data of the events of one channel, which fit its schema. */
function toldOf<Data>(event: string, schema: Parameters<typeof bodyReader>[0]) {
  const read = bodyReader(schema)
  return (heard: readonly Heard[]): Data[] => {
    const frames = heard.filter((one) => one.event === event).map(({ data }) => data as Data)
    for (const frame of frames) read(JSON.stringify(frame))
    return frames
  }
}

const pricesIn = toldOf<{ as_of: string; prices: Record<string, string> }>('prices', PricesFrame)
const ordersIn = toldOf<Order>('orders', OrdersFrame)
const balancesIn = toldOf<{ cash?: CashBalance }>('balances', BalancesFrame)

const idsOf = (heard: readonly Heard[]): number[] =>
  heard.flatMap(({ id }) => (id === undefined ? [] : [id]))

/** Every second one tick; a machine that is very busy may let one or two of them go. */
function expectTicking(heard: readonly Heard[]): void {
  const times = pricesIn(heard).map(({ as_of }) => Date.parse(as_of))
  const steps = times.slice(1).map((time, index) => time - times[index]!)
  expect(steps.length).toBeGreaterThan(1)
  expect(steps.every((step) => step > 0 && step % SECOND_MS === 0)).toBe(true)
  expect(Math.max(...steps)).toBeLessThanOrEqual(3 * SECOND_MS)
}

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

const eventsOf = async (customer: Customer): Promise<number> =>
  (await customer.call(verifyLedger, {})).data.events

const BUY = { order_type: 'market_buy', asset_id: 'ETH', notional: '3' } as const
const SELL = { order_type: 'market_sell', asset_id: 'ETH', notional: '1' } as const

/** Moves the journal on by so many events, a deposit first; gives the orders among them. */
async function trade(customer: Customer, events: number): Promise<Order[]> {
  const orders: Order[] = []
  await customer.deposit('500')
  for (let event = 2; event <= events; event += 1) {
    if (event % 4 === 0) await customer.withdraw('0.5')
    else orders.push(await customer.order(event % 3 === 0 ? SELL : BUY))
  }
  return orders
}

/** Asks until it is answered, under one key, as a careful client does. */
async function surely(work: (key: string) => Promise<unknown>): Promise<void> {
  const key = freshKey()
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const done = await work(key).then(
      () => true,
      () => false,
    )
    if (done) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('No answer came')
}

describe.each(WITH_SCALED)('the stream, %s', (_, start) => {
  let platform: RunningPlatform
  const open: EventClient[] = []

  beforeAll(async () => {
    platform = await start()
  })
  afterAll(async () => {
    for (const client of open) await client.close()
    const audit = await auditOf(platform.dataDir)
    await platform.stop()
    expect(audit).toMatchObject({ clean: true })
  })

  const hear = async (...args: [Parameters<typeof listen>[1]?]): Promise<EventClient> => {
    const client = await listen(platform.url, ...args)
    open.push(client)
    return client
  }

  it('tells prices to anyone: the last tick at once, then each second', async () => {
    const first = await hear()
    expect(first.status).toBe(200)
    expect(first.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const atOnce = await vi.waitUntil(
      async () => {
        const { length } = first.heard
        const known = (await first.until((heard) => heard.length > length)).at(-1)
        const second = await hear({ channels: 'prices' })
        const [tick] = await second.until((heard) => heard.length > 0)
        return JSON.stringify(tick) === JSON.stringify(known) && tick
      },
      { timeout: 10_000 },
    )
    const [market] = pricesIn([atOnce])
    expect(Object.keys(market!.prices).length).toBeGreaterThanOrEqual(100)
    await first.until((heard) => heard.length >= 4)
    expect(new Set(first.heard.map(({ event }) => event))).toEqual(new Set(['prices']))
    expect(idsOf(first.heard)).toEqual([])
    expectTicking(first.heard)
  })

  it('opens no private channel without a good token', async () => {
    for (const channels of ['orders', 'balances', 'prices,orders']) {
      expect((await hear({ channels })).status).toBe(401)
      expect((await hear({ channels, token: 'x' })).status).toBe(401)
    }
    expect((await hear({ token: 'x' })).status).toBe(401)
  })

  it('tells the caller’s orders and balances in order, as the journal counts them', async () => {
    const customer = await newCustomer(platform.url)
    const client = await hear({ channels: OWN, token: customer.token })
    const orders = await trade(customer, 8)
    await client.until((heard) => idsOf(heard).at(-1) === 8)
    expect(idsOf(client.heard)).toEqual(upTo(8))
    expect(ordersIn(client.heard)).toEqual(orders)
    const balances = balancesIn(client.heard)
    expect(balances).toHaveLength(8)
    const { updated_at: __, ...cash } = await customer.call(getBalance, {})
    expect(balances.at(-1)?.cash).toMatchObject(cash)
    const bought = client.heard.filter(({ data }) => (data as Order).order_type === 'market_buy')
    for (const { id } of bought) {
      const before = client.heard[client.heard.findIndex((one) => one.id === id) - 1]
      expect(before).toMatchObject({ event: 'balances', id: undefined })
    }
  })

  it('tells everything there is to those who may hear it when no channel is named', async () => {
    const customer = await newCustomer(platform.url)
    const client = await hear({ token: customer.token, after: 0 })
    await trade(customer, 2)
    await client.until((heard) => new Set(heard.map(({ event }) => event)).size === 3)
  })

  it('resumes behind every position without gap or double', async () => {
    const customer = await newCustomer(platform.url)
    await trade(customer, 9)
    for (const after of [0, ...upTo(8)]) {
      const client = await hear({ channels: OWN, token: customer.token, after })
      await client.until((heard) => idsOf(heard).at(-1) === 9)
      expect(idsOf(client.heard)).toEqual(upTo(9, after + 1))
      await client.close()
    }
    const ahead = await hear({ channels: OWN, token: customer.token, after: 9 })
    await customer.withdraw('0.01')
    await ahead.until((heard) => heard.length > 0)
    expect(idsOf(ahead.heard)).toEqual([10])
  })

  it.each([1, 2, 3])('loses and doubles nothing on a line cut at random, seed %i', async (seed) => {
    const chance = createChance(seed)
    const customer = await newCustomer(platform.url)
    const follower = follow(platform.url, customer.token, () => Math.floor(chance() * 4_000))
    const orders = await trade(customer, 40)
    await follower.reach(40)
    await follower.stop()
    expect(follower.connections()).toBeGreaterThan(5)
    expect(idsOf(follower.heard)).toEqual(upTo(40))
    expect(ordersIn(follower.heard)).toEqual(orders)
  })

  it('tells a stranger nothing', async () => {
    const owner = await newCustomer(platform.url)
    const stranger = await newCustomer(platform.url)
    const own = await hear({ channels: OWN, token: owner.token })
    const strange = await hear({ channels: OWN, token: stranger.token, after: 0 })
    await trade(owner, 6)
    await own.until((heard) => idsOf(heard).at(-1) === 6)
    await stranger.deposit('1')
    await strange.until((heard) => heard.length > 0)
    expect(idsOf(strange.heard)).toEqual([1])
  })

  it('ends with its session, and with no other', async () => {
    const customer = await newCustomer(platform.url)
    const elsewhere = await signedIn(platform.url, customer)
    const ending = await hear({ token: customer.token })
    const staying = await hear({ channels: OWN, token: elsewhere.token })
    await customer.call(logout, {})
    await ending.ended
    expect((await hear({ token: customer.token })).status).toBe(401)
    await elsewhere.deposit('5')
    await staying.until((heard) => idsOf(heard).at(-1) === 1)
  })

  it('lets no client that never reads slow the others', async () => {
    const customer = await newCustomer(platform.url)
    const path = '/api/v1/stream'
    const headers = { authorization: `Bearer ${customer.token}`, 'last-event-id': '0' }
    const deaf = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const connection = await connectRaw(platform.url)
        connection.socket.pause()
        connection.write(requestText('GET', path, { headers }))
        return connection
      }),
    )
    const client = await hear({ token: customer.token })
    await client.until((heard) => heard.length > 0)
    const since = client.heard.length
    await trade(customer, 60)
    await client.until((heard) => idsOf(heard).at(-1) === 60)
    await client.until((heard) => pricesIn(heard.slice(since)).length >= 3)
    expectTicking(client.heard)
    for (const { socket } of deaf) socket.destroy()
  })

  it('goes on where it was after the order service was killed', async () => {
    const customer = await newCustomer(platform.url)
    const follower = follow(platform.url, customer.token, () => Number.POSITIVE_INFINITY)
    await trade(customer, 10)
    await follower.reach(10)
    const trading = (async () => {
      for (let order = 0; order < 20; order += 1)
        await surely((key) => customer.order(BUY, key).then(() => undefined))
    })()
    const replicas = [...(platform.doors ?? [platform.url]).keys()]
    await Promise.all(replicas.map((replica) => platform.kill('order', replica)))
    await Promise.all(replicas.map((replica) => platform.revive('order', replica)))
    await trading
    const last = await eventsOf(customer)
    await follower.reach(last)
    await follower.stop()
    expect(follower.connections()).toBeGreaterThan(1)
    expect(last).toBe(30)
    expect(idsOf(follower.heard)).toEqual(upTo(last))
    const { data: orders } = await customer.call(listOrders, { query: { limit: 100 } })
    expect(ordersIn(follower.heard)).toEqual(orders.toReversed())
  })
})
