import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Transfer } from '../cash/transfer-rows.ts'
import type { Balance } from '../ledger/balance-rows.ts'
import type { JournalEvent } from '../ledger/journal-rows.ts'
import { live } from '../testing/random-history.ts'
import { ALICE, BOB } from '../testing/stored-rows.ts'
import { createTestLedger, NOON, type TestLedger } from '../testing/test-ledger.ts'
import { type AccountAudit, auditAccount } from './audit-account.ts'
import { createHouseBook, type HouseBook } from './house-book.ts'

type Heard = { events: JournalEvent[]; balances: Balance[]; transfers: Transfer[] }

/** What an audit tells the house of one customer. */
async function hear(ledger: TestLedger, userId: string): Promise<Heard & { audit: AccountAudit }> {
  const heard: Heard = { events: [], balances: [], transfers: [] }
  const audit = await auditAccount({
    store: ledger.store,
    userId,
    nowMs: NOON,
    listener: {
      event: (event) => heard.events.push(event),
      balance: (balance) => heard.balances.push(balance),
      transfer: (transfer) => heard.transfers.push(transfer),
    },
  })
  return { ...heard, audit }
}

function tell(house: HouseBook, { events, balances, transfers }: Heard): void {
  for (const event of events) house.event(event)
  for (const balance of balances) house.balance(balance)
  for (const transfer of transfers) house.transfer(transfer)
  house.endOfCustomer()
}

async function twoCustomers(): Promise<TestLedger> {
  const ledger = createTestLedger({ rules: { feeBasisPoints: 30n } })
  await ledger.deposit('5000')
  await ledger.deposit('3000', { userId: BOB })
  await ledger.place({ order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' })
  await ledger.place(
    { order_type: 'market_buy', asset_id: 'ETH', notional: '1000' },
    { userId: BOB },
  )
  await ledger.place(
    { order_type: 'market_sell', asset_id: 'ETH', notional: '300' },
    { userId: BOB },
  )
  await ledger.withdraw('100')
  await ledger.adjust({ asset_id: 'BTC', amount: '0.5', reason: 'a prize' })
  return ledger
}

it('the house has the other side of every trade and every fee', async () => {
  const ledger = await twoCustomers()
  const house = createHouseBook()
  for (const userId of [ALICE, BOB]) tell(house, await hear(ledger, userId))
  expect(house.verdict()).toBeUndefined()
  // 500 and 1,000 USD bought, 300 sold, and 0.3 % of each.
  expect(house.sums.get('USD')).toMatchObject({
    house: 120_000n,
    fees: 150n + 300n + 90n,
    outside: -790_000n,
  })
  expect(house.sums.get('BTC')).toMatchObject({ house: -1_000_000n, outside: -50_000_000n })
})

it('agrees with the balances after every history of many customers', async () => {
  const draws = fc.array(fc.nat({ max: 2 ** 30 }), { minLength: 10, maxLength: 50 })
  let partly = 0
  await fc.assert(
    fc.asyncProperty(draws, fc.nat(40), async (drawn, feeBasisPoints) => {
      const ledger = createTestLedger({ rules: { feeBasisPoints: BigInt(feeBasisPoints) } })
      const house = createHouseBook()
      await live(ledger, [0, ...drawn])
      const heard = await hear(ledger, ALICE)
      partly += heard.events.filter(({ body }) => body.includes('"processing"')).length
      tell(house, heard)
      expect(house.verdict()).toBeUndefined()
    }),
    { numRuns: 60 },
  )
  expect(partly).toBeGreaterThan(0)
})

describe('a house that does not agree is found', () => {
  const changed = <T extends object>(items: readonly T[], columns: (item: T) => Partial<T>): T[] =>
    items.map((item, index) => (index === 0 ? { ...item, ...columns(item) } : item))

  const changedCash = ({ balances }: Heard, columns: (cash: Balance) => Partial<Balance>) =>
    balances.map((one) => (one.asset === 'USD' ? { ...one, ...columns(one) } : one))

  it.each<[string, string, (heard: Heard) => Heard]>([
    [
      'L5',
      'money from nowhere',
      (heard) => ({ ...heard, balances: changedCash(heard, ({ a }) => ({ a: a + 1n })) }),
    ],
    [
      'L5',
      'a deposit that no transfer records',
      (heard) => ({ ...heard, transfers: heard.transfers.slice(1) }),
    ],
    [
      'L5',
      'a transfer of another amount',
      (heard) => ({
        ...heard,
        transfers: changed(heard.transfers, ({ amount }) => ({ amount: amount + 1n })),
      }),
    ],
    [
      'L7',
      'a trade that no order tells of',
      (heard) => ({ ...heard, events: heard.events.filter(({ type }) => type !== 'order-filled') }),
    ],
    [
      'L7',
      'a fee taken as a price',
      (heard) => ({
        ...heard,
        balances: changedCash(heard, ({ xT, xF }) => ({ xT: xT + 1n, xF: xF - 1n })),
      }),
    ],
  ])('%s: %s', async (rule, _, change) => {
    const ledger = await twoCustomers()
    const house = createHouseBook()
    const heard = await hear(ledger, ALICE)
    tell(house, { ...heard, ...change(heard) })
    expect(house.verdict()?.rule).toBe(rule)
  })

  it('an order that tells another quantity', async () => {
    const ledger = await twoCustomers()
    const heard = await hear(ledger, ALICE)
    const house = createHouseBook()
    const events = heard.events.map((event) => ({
      ...event,
      body: event.body.replace('"filled_quantity":"0.01"', '"filled_quantity":"0.02"'),
    }))
    tell(house, { ...heard, events })
    expect(house.verdict()).toMatchObject({ rule: 'L7', detail: expect.stringContaining('BTC') })
  })
})
