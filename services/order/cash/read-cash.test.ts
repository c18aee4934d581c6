import { TRANSACTION_TYPES } from '@cnop/contract/balance.ts'
import { expect, test } from 'vitest'
import { headKey } from '../ledger/account-rows.ts'
import { balanceKey, CASH } from '../ledger/balance-rows.ts'
import { eventKey, type JournalEvent, parseEvent } from '../ledger/journal-rows.ts'
import { countingReads } from '../testing/counting-store.ts'
import { createSamplePlatform, type SamplePlatform } from '../testing/sample-account.ts'
import { cashTransactionOf } from './cash-transaction.ts'
import { readCashBalance } from './read-cash-balance.ts'
import { readCashTransactions } from './read-cash-transactions.ts'
import { readDailyLimits } from './read-daily-limits.ts'

const START = '2026-03-01T10:00:00.000Z'

function platformAt(at: string): SamplePlatform {
  const platform = createSamplePlatform({ at })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '50000.00' })
  return platform
}

type Query = Parameters<typeof readCashTransactions>[0]['query']

const transactions = ({ store }: Pick<SamplePlatform, 'store'>, query: Query = {}) =>
  readCashTransactions({ store, userId: 'ada', query })

async function everyPage(platform: Pick<SamplePlatform, 'store'>, query: Query) {
  const pages: Awaited<ReturnType<typeof transactions>>[] = []
  let cursor: string | undefined
  do {
    const page = await transactions(platform, { ...query, ...(cursor ? { cursor } : {}) })
    expect(page.has_more).toBe(page.next_cursor !== undefined)
    pages.push(page)
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return pages
}

test('a customer without an account has no cash, as of now', async () => {
  const { store } = platformAt(START)
  const balance = await readCashBalance({ store, userId: 'ada', nowMs: Date.parse(START) })
  expect(balance).toEqual({
    current_balance: '0.00',
    available_balance: '0.00',
    held_balance: '0.00',
    currency: 'USD',
    updated_at: START,
  })
})

test('cash is what is available and what is held', async () => {
  const { store, account, setTime } = platformAt(START)
  const ada = account('ada')
  await ada.deposit('1000.5')
  await ada.withdraw('0.25')
  setTime('2026-03-02T11:00:00.000Z')
  await ada.hold({ type: 'limit_buy', asset: 'BTC', quantity: '0.01', price: '10000' })
  expect(await readCashBalance({ store, userId: 'ada', nowMs: 0 })).toEqual({
    current_balance: '1000.25',
    available_balance: '900.25',
    held_balance: '100.00',
    currency: 'USD',
    updated_at: '2026-03-02T11:00:00.000Z',
  })
})

test('an account that never had cash has none since it began', async () => {
  const { store, account, setTime } = platformAt(START)
  await account('ada').deposit('1')
  await store.transact([{ kind: 'delete', key: balanceKey('ada', CASH) }], { token: 'no cash' })
  setTime('2026-03-02T11:00:00.000Z')
  const balance = await readCashBalance({ store, userId: 'ada', nowMs: Date.now() })
  expect(balance.updated_at).toBe(START)
})

test('limits are what the UTC day has left, and all of it again on the next day', async () => {
  const { store, account, setTime, now } = platformAt('2026-03-01T23:59:59.999Z')
  const rules = { depositPerDayMax: 10_000_00n, withdrawPerDayMax: 5_000_00n }
  const limits = async () =>
    (await readDailyLimits({ store, userId: 'ada', rules, nowMs: now() })).data
  const untouched = {
    deposit: { limit: '10000.00', used: '0.00', remaining: '10000.00' },
    withdraw: { limit: '5000.00', used: '0.00', remaining: '5000.00' },
    currency: 'USD',
  }
  expect(await limits()).toEqual({ ...untouched, resets_at: '2026-03-02T00:00:00.000Z' })

  await account('ada').deposit('2500.10')
  await account('ada').withdraw('0.99')
  expect(await limits()).toEqual({
    deposit: { limit: '10000.00', used: '2500.10', remaining: '7499.90' },
    withdraw: { limit: '5000.00', used: '0.99', remaining: '4999.01' },
    currency: 'USD',
    resets_at: '2026-03-02T00:00:00.000Z',
  })

  setTime('2026-03-02T00:00:00.000Z')
  expect(await limits()).toEqual({ ...untouched, resets_at: '2026-03-03T00:00:00.000Z' })
})

test('a limit lowered below what was used leaves nothing', async () => {
  const { store, account, now } = platformAt(START)
  await account('ada').deposit('500')
  const rules = { depositPerDayMax: 100_00n, withdrawPerDayMax: 100_00n }
  const { data } = await readDailyLimits({ store, userId: 'ada', rules, nowMs: now() })
  expect(data.deposit).toEqual({ limit: '100.00', used: '500.00', remaining: '0.00' })
})

test('every movement of cash is told newest first, with its sign and what it belongs to', async () => {
  const platform = platformAt(START)
  const ada = platform.account('ada')
  const deposited = JSON.parse((await ada.deposit('1000')).body) as { transaction_id: string }
  const bought = await ada.buy('BTC', '0.01')
  const sold = await ada.sell('BTC', '0.004')
  await ada.adjust('BTC', '1')
  await ada.withdraw('20.5')
  await ada.adjust(CASH, '-3')
  await ada.freeze()
  const page = await transactions(platform)
  expect(page.transactions.map((told) => [told.transaction_type, told.amount])).toEqual([
    ['system_adjustment', '-3.00'],
    ['withdraw', '-20.50'],
    ['order_sale', '200.00'],
    ['order_payment', '-500.00'],
    ['deposit', '1000.00'],
  ])
  expect(page.transactions[4]).toEqual({
    transaction_id: deposited.transaction_id,
    transaction_type: 'deposit',
    amount: '1000.00',
    status: 'completed',
    created_at: START,
    reference_id: deposited.transaction_id,
  })
  expect(page.transactions[3]).toMatchObject({
    transaction_id: `${bought}-2`,
    reference_id: bought,
  })
  expect(page.transactions[2]?.reference_id).toBe(sold)
  expect(page).toMatchObject({ total_count: 5, has_more: false })
})

test('a waiting order is told as what it holds, what it takes of that, and what it gives back', async () => {
  const platform = platformAt(START)
  const ada = platform.account('ada')
  await ada.deposit('1000')
  const orderId = await ada.hold({
    type: 'limit_buy',
    asset: 'BTC',
    quantity: '0.01',
    price: '40000',
  })
  await ada.fill({ orderId, asset: 'BTC', parts: 2n })
  await ada.cancel(orderId)
  const told = (await transactions(platform)).transactions.slice(0, 3)
  expect(told.map((each) => [each.transaction_type, each.amount])).toEqual([
    ['order_release', '200.00'],
    ['order_payment', '0.00'],
    ['order_hold', '-400.00'],
  ])
  expect(new Set(told.map((each) => each.transaction_id)).size).toBe(3)
  expect(new Set(told.map((each) => each.reference_id))).toEqual(new Set([orderId]))
})

/** A thousand events: deposits, withdrawals, trades, and corrections of an asset that move no cash. */
async function longHistory() {
  const platform = platformAt(START)
  const ada = platform.account('ada')
  await ada.deposit('100000')
  for (let event = 2; event <= 1_000; event += 1) {
    platform.setTime(new Date(Date.parse(START) + 60_000 * (event >> 1)).toISOString())
    if (event % 10 === 0) await ada.withdraw('1')
    else if (event % 10 === 5) await ada.adjust('BTC', '0.001')
    else if (event % 50 === 7) await ada.buy('BTC', '0.0001')
    else await ada.deposit(`${event}.01`)
  }
  const events: JournalEvent[] = []
  for (let seq = 1_000n; seq >= 1n; seq -= 1n) {
    const [row] = await platform.store.snapshot([eventKey('ada', seq)])
    events.push(parseEvent(String(row?.['bytes'])))
  }
  const all = events.flatMap((event) => cashTransactionOf(event) ?? [])
  return { platform, all }
}

const timeOf = (minutes: number): string =>
  new Date(Date.parse(START) + 60_000 * minutes).toISOString()

test('the pages of a long history, under any filter, put together are one pass', async () => {
  const { platform, all } = await longHistory()
  expect(all.length).toBe(900)
  const filters: Query[] = [
    {},
    { limit: 100 },
    { limit: 7 },
    ...TRANSACTION_TYPES.map((type) => ({ type, limit: 20 })),
    { from: timeOf(100) },
    { to: timeOf(100) },
    { from: timeOf(100), to: timeOf(100) },
    { from: timeOf(99.5), to: timeOf(300.5), type: 'withdraw' },
    { from: timeOf(300), to: timeOf(100) },
    { from: timeOf(-10), to: timeOf(-5) },
    { from: timeOf(1_000) },
    { from: '2026-03-01T13:40:00.000+02:00', to: '2026-03-01T12:00:00Z' },
  ]
  for (const query of filters) {
    const { type, from, to } = query
    const expected = all.filter(
      (told) =>
        (type === undefined || told.transaction_type === type) &&
        (from === undefined || Date.parse(told.created_at) >= Date.parse(from)) &&
        (to === undefined || Date.parse(told.created_at) <= Date.parse(to)),
    )
    const pages = await everyPage(platform, query)
    expect(
      pages.flatMap((page) => page.transactions),
      JSON.stringify(query),
    ).toEqual(expected)
  }
})

test('the count is of everything, and absent where it would have to be counted', async () => {
  const { platform, all } = await longHistory()
  expect((await transactions(platform, { limit: 1 })).total_count).toBe(all.length)
  const [head] = await platform.store.snapshot([headKey('ada')])
  expect(head?.['cashTransactions']).toBe(BigInt(all.length))
  for (const query of [{ type: 'deposit' }, { from: START }, { to: START }] as const) {
    expect(await transactions(platform, query)).not.toHaveProperty('total_count')
  }
  expect(await readCashTransactions({ ...platform, userId: 'nobody', query: {} })).toEqual({
    transactions: [],
    total_count: 0,
    has_more: false,
  })
})

test('the last page of a long history costs no more than the first', async () => {
  const { platform } = await longHistory()
  const { store, reads, rowsRead, reset } = countingReads(platform.store)
  const first = await transactions({ store }, { limit: 20 })
  const cost = [reads(), rowsRead()]
  expect(first.transactions).toHaveLength(20)
  reset()
  const last = await transactions({ store }, { limit: 20, cursor: '25' })
  expect(last.transactions).toHaveLength(20)
  expect(reads()).toBeLessThanOrEqual(cost[0] ?? 0)
  expect(rowsRead()).toBeLessThanOrEqual(cost[1] ?? 0)
})

test.each([
  { query: { cursor: 'yesterday' }, field: 'cursor' },
  { query: { cursor: '12345678901234567' }, field: 'cursor' },
  { query: { from: '2026-12-31T23:59:60Z' }, field: 'from' },
  { query: { to: '2026-12-31T23:59:60Z' }, field: 'to' },
])('$query is refused by the name of its field', async ({ query, field }) => {
  await expect(transactions(platformAt(START), query)).rejects.toMatchObject({
    code: 'invalid-input',
    errors: [{ field }],
  })
})
