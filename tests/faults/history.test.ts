/** Clients ask at the same time over HTTP: what they saw is held against the journal and the model. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { ORDER_RULES_DEFAULT } from '@cnop/services/order/order-rules.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomer } from '../customers.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import { type RunningPlatform, temporaryDataDir } from '../topologies.ts'
import type { Wish } from './account-model.ts'
import { type JournalEntry, journalOf, judgeHistory, type Operation } from './history.ts'

const CUSTOMERS = 2
const CLIENTS = 4
const STEPS = 18
const LIMITS = {
  feeBasisPoints: 25n,
  orderMin: ORDER_RULES_DEFAULT.orderMin,
  orderMax: ORDER_RULES_DEFAULT.orderMax,
  depositMax: 2_000_00n,
  withdrawMax: 500_00n,
}
const ENV = {
  RATE_LIMIT_ORDER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
  FEE_BASIS_POINTS: '25',
  DEPOSIT_PER_DAY_USD: '2000.00',
  WITHDRAW_PER_DAY_USD: '500.00',
}

const usd = (cents: bigint): string => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`

/** Small steps round what there is, so that clients stand in each other's way. */
function drawnWish(chance: () => number): Wish {
  const cents = (most: number): bigint => BigInt(100 + Math.floor(chance() * most))
  const draw = chance()
  if (draw < 0.3) return { kind: 'deposit', amount: cents(30_000) }
  if (draw < 0.5) return { kind: 'withdraw', amount: cents(10_000) }
  const asset = chance() < 0.5 ? 'ETH' : 'SOL'
  if (draw < 0.8) return { kind: 'buy', asset, size: { notional: cents(60_000) } }
  return { kind: 'sell', asset, size: { notional: cents(20_000) } }
}

function requestOf(wish: Wish): { path: string; body: string } {
  if (wish.kind === 'deposit' || wish.kind === 'withdraw')
    return { path: `/balance/${wish.kind}`, body: JSON.stringify({ amount: usd(wish.amount) }) }
  if (wish.kind !== 'buy' && wish.kind !== 'sell') throw new Error('No client asks for this')
  const notional = 'notional' in wish.size ? usd(wish.size.notional) : '0'
  const order = { order_type: `market_${wish.kind}`, asset_id: wish.asset, notional }
  return { path: '/orders', body: JSON.stringify(order) }
}

/** Every third request is asked twice at once, under one key. */
async function runClient(customer: Customer, seed: number): Promise<Operation[]> {
  const chance = createChance(seed)
  const seen: Operation[] = []
  for (let step = 0; step < STEPS; step += 1) {
    const wish = drawnWish(chance)
    const key = freshKey()
    const times = step % 3 === 0 ? 2 : 1
    const attempts = Array.from({ length: times }, () => attempt(customer, key, wish))
    seen.push(...(await Promise.all(attempts)))
  }
  return seen
}

async function attempt(customer: Customer, key: string, wish: Wish): Promise<Operation> {
  const { path, body } = requestOf(wish)
  const invokedAt = performance.now()
  const told = await customer
    .raw('POST', path, { body, headers: { 'idempotency-key': key } })
    .catch(() => undefined)
  const known = told !== undefined && told.status < 500
  const answer = known ? { status: told.status, body: told.body } : undefined
  return { key, wish, invokedAt, endedAt: performance.now(), answer }
}

describe.each(WITH_SCALED)('clients of one account at once, %s', (_, start) => {
  let platform: RunningPlatform
  let dataDir: string
  const histories: { operations: Operation[]; journal: readonly JournalEntry[] }[] = []

  beforeAll(async () => {
    dataDir = await temporaryDataDir()
    platform = await start({ dataDir, env: ENV })
    const customers = await Promise.all(
      Array.from({ length: CUSTOMERS }, () => newCustomer(platform.url)),
    )
    const seen = await Promise.all(
      customers.map((customer, index) =>
        Promise.all(
          Array.from({ length: CLIENTS }, (__, client) => runClient(customer, 10 * index + client)),
        ),
      ),
    )
    await platform.stop()
    const store = openSqliteReader({ file: join(dataDir, 'order.db') })
    for (const [index, customer] of customers.entries()) {
      const journal = await journalOf(store, customer.userId)
      histories.push({ operations: seen[index]?.flat() ?? [], journal })
    }
    await store.close()
  }, 300_000)
  afterAll(() => rm(dataDir, { recursive: true }))

  it('see what one after another would have seen, in the order of the journal', async () => {
    const judged = new Map<string, number>()
    for (const { operations, journal } of histories) {
      const verdict = judgeHistory(operations, journal, LIMITS)
      expect(verdict.misfits).toEqual([])
      for (const [how, times] of verdict.judged) judged.set(how, (judged.get(how) ?? 0) + times)
    }
    for (const how of ['ok', 'insufficient-funds', 'insufficient-holdings', 'daily-limit-exceeded'])
      expect(judged.get(how) ?? 0, how).toBeGreaterThan(3)
    expect(await auditOf(dataDir)).toMatchObject({ clean: true })
  })

  it.each<[string, (history: History) => History]>([
    [
      'an event that nobody asked for',
      ({ operations, journal }) => ({
        journal,
        operations: withoutKey(operations, journal[3]?.key),
      }),
    ],
    [
      'an answer without an event',
      ({ operations, journal }) => ({ operations, journal: journal.toSpliced(3, 1) }),
    ],
    [
      'a change that happened twice',
      ({ operations, journal }) => ({
        operations,
        journal: journal.toSpliced(4, 0, ...journal.slice(3, 4)),
      }),
    ],
    [
      'two events that changed places',
      ({ operations, journal }) => ({
        operations,
        journal: [...journal.slice(0, 2), ...journal.slice(-1), ...journal.slice(2, -1)],
      }),
    ],
    [
      'a refusal that was never right',
      ({ operations, journal }) => ({ journal, operations: [...operations, refused(journal)] }),
    ],
  ])('a history with %s would not pass', (__, spoiled) => {
    const [history] = histories
    const { operations, journal } = spoiled(history ?? { operations: [], journal: [] })
    expect(judgeHistory(operations, journal, LIMITS).misfits).not.toEqual([])
  })
})

type History = { operations: readonly Operation[]; journal: readonly JournalEntry[] }

const withoutKey = (operations: readonly Operation[], key: string | undefined) =>
  operations.filter((one) => one.key !== key)

/** Of a cent, behind everything. */
const refused = (journal: readonly JournalEntry[]): Operation => ({
  key: `refused-${journal.length}`,
  wish: { kind: 'sell', asset: 'DOGE', size: { quantity: 0n } },
  invokedAt: Number.MAX_SAFE_INTEGER - 1,
  endedAt: Number.MAX_SAFE_INTEGER,
  answer: { status: 422, body: '{"code":"insufficient-holdings"}' },
})
