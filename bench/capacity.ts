/**
 * P10: what an order costs on DynamoDB. Reads are what DynamoDB Local says it has consumed. Writes
 * are counted by the service's rule, two units for each begun kilobyte of each row, because Local
 * rounds the sum of the rows instead, and so says a third. The figures are of the work and not of
 * the machine: one round is enough.
 */
import type { DynamoFigures } from '@cnop/kit/store/dynamo-calls.ts'
import { openDynamoStore } from '@cnop/kit/store/dynamo-store.ts'
import { createTable } from '@cnop/kit/store/dynamo-table.ts'
import { itemBytes } from '@cnop/kit/store/row-rules.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { dynamodbLocalLacks, startDynamodbLocal } from '@cnop/kit/store/testing/dynamodb-local.ts'
import { createTestLedger, type TestLedger } from '@cnop/services/order/testing/test-ledger.ts'
import type { Row } from './measure.ts'
import { notRun } from './options.ts'

/** US dollars for a million units on demand, us-east-1, standard table class, since November 2024. */
const PRICE = { write: 0.625, read: 0.125 }
const WRITE_UNITS_MAX = { order: 12, cancel: 10 }

const BEYOND_CASH = { order_type: 'market_buy', asset_id: 'BTC', quantity: '0.199' } as const
const PATIENT = { timeoutMs: 30_000, attemptsMax: 3 }

type Spent = { rows: number; write: number; read: number }

export async function benchCapacity(): Promise<readonly Row[]> {
  const work = 'capacity of an order on DynamoDB'
  const lacks = dynamodbLocalLacks()
  if (lacks !== undefined) return [notRun('P10', work, lacks)]
  const local = await startDynamodbLocal()
  const place = {
    region: 'eu-central-1',
    endpoint: local.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  const kind = { table: 'capacity', expiresIn: undefined }
  await createTable(place, kind, { protect: false })
  const spent: Spent = { rows: 0, write: 0, read: 0 }
  const figures: DynamoFigures = {
    onConsumed(_, unit, units) {
      if (unit === 'read') spent.read += units
    },
    onCall: () => undefined,
    onThrottled: () => undefined,
    onRepeated: () => undefined,
  }
  const store = await openDynamoStore({ ...place, table: kind.table, figures, bounds: PATIENT })
  try {
    return await measured(createTestLedger({ store: countingRows(store, spent) }), spent)
  } finally {
    await store.close()
    await local.stop()
  }
}

const countingRows = (store: Store, spent: Spent): Store => ({
  ...store,
  async transact(ops, options) {
    await store.transact(ops, options)
    const { read } = spent
    const rows = await store.snapshot(ops.map(({ key }) => key))
    // What looking costs is not part of the order.
    spent.read = read
    spent.rows += ops.length
    for (const [index, { key }] of ops.entries()) {
      spent.write += 2 * Math.max(1, Math.ceil(itemBytes(key, rows[index] ?? {}) / 1024))
    }
  },
})

/** Of an account that has traded before: a first purchase of an asset costs what any later does. */
async function measured(ledger: TestLedger, spent: Spent): Promise<readonly Row[]> {
  const buy = () =>
    ledger.place({
      order_type: 'market_buy',
      asset_id: 'BTC',
      quantity: '0.01',
      worst_price: '50500',
    })
  const sell = () => ledger.place({ order_type: 'market_sell', asset_id: 'BTC', quantity: '0.001' })
  const terms = { type: 'limit_buy', asset: 'BTC', price: '40000', quantity: '0.01' } as const
  await ledger.deposit('9000')
  await buy()
  const held = JSON.parse((await ledger.holdOrder(terms)).body) as { data: { order_id: string } }
  const kinds = [
    ['a market purchase', buy, WRITE_UNITS_MAX.order],
    ['a market sale', sell, WRITE_UNITS_MAX.order],
    ['a limit order placed', () => ledger.holdOrder(terms), WRITE_UNITS_MAX.order],
    ['a limit order cancelled', () => ledger.cancel(held.data.order_id), WRITE_UNITS_MAX.cancel],
    ['a deposit', () => ledger.deposit('1'), WRITE_UNITS_MAX.order],
    ['a refusal', () => ledger.place({ ...BEYOND_CASH }), WRITE_UNITS_MAX.order],
  ] as const
  const rows: Row[] = []
  for (const [work, act, unitsMax] of kinds) {
    Object.assign(spent, { rows: 0, write: 0, read: 0 })
    await act()
    const { rows: count, write, read } = spent
    const dollars = write * PRICE.write + read * PRICE.read
    rows.push({
      id: 'P10',
      work,
      product: `${count} rows, ${write} write units, ${read} read units, ${dollars.toFixed(2)} USD a million`,
      baseline: `${unitsMax} write units`,
      ratio: write / unitsMax,
      toReach: '<= 1',
      reached: write <= unitsMax,
    })
  }
  return rows
}
