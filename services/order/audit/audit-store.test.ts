import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { stateHash } from '@cnop/kit/store/state-hash.ts'
import { expect, it } from 'vitest'
import { transferKey } from '../cash/transfer-rows.ts'
import { balanceKey } from '../ledger/balance-rows.ts'
import { ALICE, BOB, rowsOf } from '../testing/stored-rows.ts'
import { createTestLedger, NOON } from '../testing/test-ledger.ts'
import { auditStore, describeAudit } from './audit-store.ts'

async function twoCustomers() {
  const ledger = createTestLedger()
  await ledger.deposit('1000')
  await ledger.deposit('2000', { userId: BOB })
  await ledger.place({ order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' })
  return ledger
}

const audit = ({ store }: { store: Parameters<typeof auditStore>[0]['store'] }) =>
  auditStore({ store, nowMs: NOON })

it('sound books are summed up, asset by asset, with the hash of all rows', async () => {
  const ledger = await twoCustomers()
  const told = await audit(ledger)
  expect(told).toMatchObject({ accounts: 2, events: 3 })
  expect(told.broken).toBeUndefined()
  expect(describeAudit(told).split('\n')).toEqual([
    'BTC: customers 0.01 (held 0), house -0.01, fees 0, outside 0',
    'USD: customers 2500 (held 0), house 500, fees 0, outside -3000',
    `OK 2 accounts, 3 events, state ${await stateHash(ledger.store)}`,
  ])
})

it('an empty store is sound', async () => {
  const told = await audit({ store: createMemoryStore({ now: () => NOON }) })
  expect(told).toMatchObject({ accounts: 0, events: 0 })
  expect(told.broken).toBeUndefined()
})

it('the first break ends the audit, and is named with its account', async () => {
  const ledger = await twoCustomers()
  const set = { a: 5n }
  await ledger.store.transact([{ kind: 'update', key: balanceKey(ALICE, 'BTC'), set }], {
    token: 't',
  })
  const told = await audit(ledger)
  expect(told.broken).toMatchObject({ where: `account ${ALICE}`, rule: 'L2' })
  expect(told.accounts).toBe(1)
  expect(describeAudit(told)).toMatch(
    /^BROKEN L2 in account 01J0{22}A: BTC \(1 accounts, 3 events|^BROKEN L2/,
  )
})

it('a partition of nobody is found', async () => {
  const ledger = await twoCustomers()
  const key = { pk: 'X#stranger', sk: 'row' }
  await ledger.store.transact([{ kind: 'put', key, row: { note: 'x' } }], { token: 't' })
  expect((await audit(ledger)).broken).toMatchObject({ where: 'X#stranger', rule: 'L6' })
})

it('what each customer’s books cannot show is found over all of them', async () => {
  const ledger = await twoCustomers()
  const transfer = [...(await rowsOf(ledger.store, BOB))].find(([sk]) => sk.startsWith('D#'))!
  const key = transferKey(BOB, transfer[0].slice(2))
  const { snapshot, query, partitions } = ledger.store
  // A store that tells the audit of the account one thing, and the house another.
  let reads = 0
  const store = {
    snapshot,
    partitions,
    query: async (...range: Parameters<typeof query>) => {
      const page = await query(...range)
      const rows = page.rows.map(({ sk, row }) => {
        if (sk !== key.sk) return { sk, row }
        reads += 1
        return { sk, row: { ...row, amount: 1n } }
      })
      return { ...page, rows }
    },
  }
  expect((await audit({ store })).broken).toMatchObject({ where: 'all accounts', rule: 'L5' })
  expect(reads).toBeGreaterThan(0)
})
