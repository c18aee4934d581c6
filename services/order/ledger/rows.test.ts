import { ORDER_CLASSES, ORDER_STATUSES, ORDER_TYPES, TIMES_IN_FORCE } from '@cnop/contract/order.ts'
import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import type { Row } from '@cnop/kit/store/store.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadTransfer, storeTransfer, TRANSFER_KINDS } from '../cash/transfer-rows.ts'
import { loadOrder, sideOf, storeOrder } from '../orders/order-rows.ts'
import {
  ACCOUNT_STATUSES,
  loadAccount,
  partitionOf,
  REWARD_KINDS,
  storeAccount,
  userIdOf,
} from './account-rows.ts'
import { loadBalance, storeBalance } from './balance-rows.ts'
import { loadKeptAnswer, storeKeptAnswer } from './idempotency-rows.ts'

const RUNS = { numRuns: 300 }
const units = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })
const count = fc.bigInt({ min: 0n, max: 10n ** 15n })
const word = fc.stringMatching(/^[A-Za-z0-9-]{1,40}$/)
const at = fc.constantFrom('2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z')
const scale = fc.nat(18)

const columns = {
  seq: count,
  hash: word,
  at,
  createdAt: at,
  status: fc.constantFrom(...ACCOUNT_STATUSES),
  openOrders: count,
  cashTransactions: count,
  day: word,
  depositedToday: units,
  withdrawnToday: units,
}
const account = fc.record(columns)
const rewarded = fc.record({ ...columns, rewarded: fc.constantFrom(...REWARD_KINDS) })

const balance = fc.record({
  scale,
  a: units,
  h: units,
  ci: units,
  co: units,
  xT: units,
  xF: units,
  xE: units,
  cost: units,
  realized: units,
  day: word,
  open: units,
  flow: units,
  ver: count,
  seq: count,
  createdAt: at,
  updatedAt: at,
})

const order = fc.record(
  {
    type: fc.constantFrom(...ORDER_TYPES),
    orderClass: fc.constantFrom(...ORDER_CLASSES),
    asset: word,
    scale,
    timeInForce: fc.constantFrom(...TIMES_IN_FORCE),
    quantity: units,
    filled: units,
    status: fc.constantFrom(...ORDER_STATUSES),
    total: units,
    fee: units,
    hold: units,
    version: count,
    placedSeq: count,
    seq: count,
    createdAt: at,
    updatedAt: at,
    clientOrderId: word,
    notional: units,
    worstPrice: units,
    price: units,
    stopPrice: units,
    statusReason: word,
    fill: fc.record({ price: units, tick: word, ageMs: fc.nat(), source: word }),
    replaces: word,
    replacedBy: word,
    completedAt: at,
  },
  {
    requiredKeys: [
      'type',
      'orderClass',
      'asset',
      'scale',
      'timeInForce',
      'quantity',
      'filled',
      'status',
      'total',
      'fee',
      'hold',
      'version',
      'placedSeq',
      'seq',
      'createdAt',
      'updatedAt',
    ],
  },
)

const transfer = fc.record({
  kind: fc.constantFrom(...TRANSFER_KINDS),
  asset: word,
  amount: units,
  state: fc.constant('completed' as const),
  seq: count,
  createdAt: at,
})

const keptAnswer = fc.oneof(
  fc.record({ fingerprint: word, expires: count, seq: count }),
  fc.record({ fingerprint: word, expires: count, status: fc.nat(599), body: fc.string() }),
)

/** Damages one column of a stored row: another type, or gone. */
function damaged(row: Row, draw: { column: number; gone: boolean }): { row: Row; column: string } {
  const names = Object.keys(row)
  const column = names[draw.column % names.length]!
  const { [column]: _gone, ...rest } = row
  return { column, row: draw.gone ? rest : { ...rest, [column]: true } }
}
const damage = fc.record({ column: fc.nat(99), gone: fc.boolean() })

describe('a stored row', () => {
  it('of the head comes back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(account, rewarded), (value) => {
        expect(loadAccount(storeAccount(value))).toEqual(value)
      }),
      RUNS,
    )
  })

  it('of a balance comes back as it was', () => {
    fc.assert(
      fc.property(balance, word, (value, asset) => {
        expect(loadBalance(asset, storeBalance({ ...value, asset }))).toEqual({ ...value, asset })
      }),
      RUNS,
    )
  })

  it('of an order comes back as it was, with what it does not have left out', () => {
    fc.assert(
      fc.property(order, word, (value, id) => {
        const row = storeOrder({ ...value, id })
        expect(loadOrder(id, row)).toEqual({ ...value, id })
        expect(Object.values(row)).not.toContain(undefined)
      }),
      RUNS,
    )
  })

  it('of a transfer comes back as it was', () => {
    fc.assert(
      fc.property(transfer, word, (value, id) => {
        expect(loadTransfer(id, storeTransfer({ ...value, id }))).toEqual({ ...value, id })
      }),
      RUNS,
    )
  })

  it('of a kept answer comes back as it was: its event, or its bytes', () => {
    fc.assert(
      fc.property(keptAnswer, (value) => {
        expect(loadKeptAnswer(storeKeptAnswer(value))).toEqual(value)
      }),
      RUNS,
    )
  })

  it('of the head or a balance with one damaged column is refused, never guessed', () => {
    fc.assert(
      fc.property(account, balance, damage, (head, one, draw) => {
        expect(() => loadAccount(damaged(storeAccount(head), draw).row)).toThrow(CorruptRow)
        const row = storeBalance({ ...one, asset: 'BTC' })
        expect(() => loadBalance('BTC', damaged(row, draw).row)).toThrow(CorruptRow)
      }),
      RUNS,
    )
  })

  it('of an order with a column of another type is refused', () => {
    fc.assert(
      fc.property(order, damage, (value, draw) => {
        const row = storeOrder({ ...value, id: 'one' })
        expect(() => loadOrder('one', damaged(row, { ...draw, gone: false }).row)).toThrow(
          CorruptRow,
        )
      }),
      RUNS,
    )
  })

  it('is in the partition of its customer, and says whose that is', () => {
    expect(userIdOf(partitionOf('01J0000000000000000000000A'))).toBe('01J0000000000000000000000A')
    expect(userIdOf('T#BTC')).toBeUndefined()
  })
})

it('every order type is a purchase by name or a sale', () => {
  expect(ORDER_TYPES.filter((type) => sideOf(type) === 'buy')).toEqual([
    'market_buy',
    'limit_buy',
    'stop_limit_buy',
  ])
})
