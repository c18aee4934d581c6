/** Processes are killed while customers trade: what was acknowledged is there, once, to the byte. */
import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomer, signedIn } from '../customers.ts'
import { type RunningPlatform, startApart, startTogether, temporaryDataDir } from '../topologies.ts'

const KILLS = 20
const CLIENTS = 6

type Asked = { readonly key: string; readonly path: string; readonly body: string }
type Acknowledged = Asked & { readonly status: number; readonly answer: string }

/** Asks without pause until told to stop; keeps what was answered and what was left open. */
async function trade(
  customer: Customer,
  seed: number,
  record: { acknowledged: Acknowledged[]; open: Asked[] },
  goOn: () => boolean,
): Promise<void> {
  for (let step = seed; goOn(); step += 1) {
    const asked = nextRequest(step)
    const answer = await post(customer, asked).catch(() => undefined)
    if (answer !== undefined && answer.status < 500) {
      record.acknowledged.push({ ...asked, status: answer.status, answer: answer.body })
    } else {
      record.open.push(asked)
      await pause(20)
    }
  }
}

function nextRequest(step: number): Asked {
  const key = freshKey()
  if (step % 4 === 0) return { key, path: '/balance/deposit', body: '{"amount":"3"}' }
  if (step % 4 === 1) return { key, path: '/balance/withdraw', body: '{"amount":"1"}' }
  const order = {
    order_type: 'market_buy',
    asset_id: step % 2 === 0 ? 'ETH' : 'SOL',
    notional: '1.50',
  }
  return { key, path: '/orders', body: JSON.stringify(order) }
}

const post = (customer: Customer, { path, body, key }: Asked) =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': key } })

/** The door leaves a service that was down alone until it sees that it is back. */
async function untilAnswered(customer: Customer): Promise<void> {
  for (;;) {
    const answer = await customer.raw('GET', '/balance').catch(() => undefined)
    if (answer?.status === 200) return
    await pause(50)
  }
}

const LIMITS = {
  RATE_LIMIT_ORDER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
  DEPOSIT_PER_DAY_USD: '1000000.00',
}

describe.each([
  ['all services in one process', startTogether, 'gateway', Math.ceil(KILLS / 2)],
  ['the order service in a process of its own', startApart, 'order', Math.floor(KILLS / 2)],
] as const)('%s, killed again and again', (_, start, victim, kills) => {
  let dataDir: string
  let platform: RunningPlatform

  beforeAll(async () => {
    dataDir = await temporaryDataDir()
    platform = await start({ dataDir, env: LIMITS })
  })
  afterAll(async () => {
    await platform.stop()
    await rm(dataDir, { recursive: true })
  })

  it(
    `loses and doubles nothing in ${kills} kills`,
    async () => {
      const customers = await Promise.all(
        Array.from({ length: CLIENTS }, () => newCustomer(platform.url)),
      )
      for (const customer of customers) await customer.deposit('500')
      const record = { acknowledged: [] as Acknowledged[], open: [] as Asked[] }
      const owner = new Map<string, Customer>()

      for (let kill = 0; kill < kills; kill += 1) {
        let trading = true
        const clients = customers.map(async (customer, index) => {
          const own = { acknowledged: [] as Acknowledged[], open: [] as Asked[] }
          await trade(customer, index + kill, own, () => trading)
          for (const asked of [...own.acknowledged, ...own.open]) owner.set(asked.key, customer)
          record.acknowledged.push(...own.acknowledged)
          record.open.push(...own.open)
        })
        await pause(150 + 37 * (kill % 5))
        await platform.kill(victim)
        trading = false
        await Promise.all(clients)
        await platform.revive(victim)
        await untilAnswered(customers[kill % CLIENTS] as Customer)
      }

      expect(record.acknowledged.length).toBeGreaterThan(kills * CLIENTS)
      expect(record.open.length).toBeGreaterThan(0)
      const again = new Map<string, Customer>()
      for (const customer of customers)
        again.set(customer.username, await signedIn(platform.url, customer))
      const repeat = (asked: Asked) =>
        post(again.get(owner.get(asked.key)?.username ?? '') as Customer, asked)

      for (const asked of record.acknowledged) {
        const replayed = await repeat(asked)
        expect({ status: replayed.status, body: replayed.body }).toEqual({
          status: asked.status,
          body: asked.answer,
        })
        expect(replayed.headers.get('idempotent-replayed')).toBe('true')
      }
      for (const asked of record.open) {
        const first = await repeat(asked)
        const second = await repeat(asked)
        expect({ status: second.status, body: second.body }).toEqual({
          status: first.status,
          body: first.body,
        })
      }
      expect(await auditOf(dataDir)).toMatchObject({ clean: true })
      expect(readdirSync(dataDir)).toContain('order.db')
    },
    kills * 20_000,
  )
})
