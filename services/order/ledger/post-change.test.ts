import { minOf } from '@cnop/contract/money.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderState } from '../orders/order-rows.ts'
import { IllegalTransition } from '../orders/order-states.ts'
import { AT, accountWith, balanceWith } from '../testing/circumstances.ts'
import { NO_POSTING } from '../testing/waiting-order.ts'
import type { Change } from './change.ts'
import { chainHash, genesisHash, parseEvent } from './journal-rows.ts'
import { type Draft, LedgerViolation, postChange, type Told } from './post-change.ts'

const ALICE = '01J0000000000000000000000A'

const draftWith = (columns: Partial<Draft> = {}): Draft => ({
  userId: ALICE,
  account: undefined,
  balances: new Map(),
  orders: new Map(),
  kept: new Map(),
  answers: new Map(),
  writes: new Map(),
  ...columns,
})

const TOLD: Told = {
  actor: { kind: 'customer' },
  requestId: 'request-1',
  key: 'key-1',
  fingerprint: 'print',
  at: AT,
  status: 201,
  body: '{"ok":true}',
}

const deposit = (amount: bigint, id = 'transfer-1'): Change => ({
  type: 'cash-deposited',
  postings: [{ ...NO_POSTING, asset: 'USD', scale: 2, a: amount, xE: -amount }],
  transfer: { id, kind: 'deposit', asset: 'USD', amount },
})

const ORDER: OrderState = {
  id: 'order-1',
  type: 'limit_buy',
  orderClass: 'simple',
  asset: 'BTC',
  scale: 8,
  timeInForce: 'gtc',
  quantity: 100n,
  filled: 0n,
  status: 'queued',
  total: 0n,
  fee: 0n,
  hold: 50n,
  createdAt: AT,
  updatedAt: AT,
}

const placed = (order: Partial<OrderState>): Change => ({
  type: 'order-placed',
  postings: [],
  order: { ...ORDER, ...order },
})

const withOrder = (order: Partial<OrderState> = {}): Draft =>
  draftWith({
    account: accountWith({ openOrders: 1n }),
    orders: new Map([['order-1', { ...ORDER, ...order, version: 1n, placedSeq: 3n, seq: 3n }]]),
  })

describe('the first change of an account', () => {
  it('opens it: head, event, balance, transfer and kept answer, and never over another', () => {
    const draft = draftWith()
    postChange(draft, deposit(500n), TOLD)
    expect([...draft.writes.keys()].sort()).toEqual([
      '@HEAD',
      'B#USD',
      'D#transfer-1',
      'E#0000000000000001',
      'I#key-1',
    ])
    const guarded = [...draft.writes].filter(([, op]) => 'when' in op)
    expect(guarded.map(([sk]) => sk).sort()).toEqual(['@HEAD', 'E#0000000000000001', 'I#key-1'])
    for (const [, op] of guarded) {
      expect(op).toMatchObject({ kind: 'put', when: { absent: true } })
    }
    expect(draft.account).toMatchObject({
      seq: 1n,
      status: 'active',
      cashTransactions: 1n,
      depositedToday: 500n,
      withdrawnToday: 0n,
      createdAt: AT,
    })
  })

  it('begins the chain with the customer’s own hash', () => {
    const draft = draftWith()
    postChange(draft, deposit(500n), TOLD)
    const event = draft.writes.get('E#0000000000000001')
    const bytes = event?.kind === 'put' ? String(event.row['bytes']) : ''
    expect(draft.account?.hash).toBe(chainHash(genesisHash(ALICE), bytes))
    expect(parseEvent(bytes)).toMatchObject({ seq: 1n, key: 'key-1', body: TOLD.body })
  })
})

describe('every other change', () => {
  it('moves the head by one from where it was read, and chains to it', () => {
    const draft = draftWith({ account: accountWith({ seq: 41n, hash: 'before' }) })
    postChange(draft, deposit(1n), TOLD)
    expect(draft.writes.get('@HEAD')).toMatchObject({ when: { equals: { seq: 41n } } })
    expect(draft.account?.seq).toBe(42n)
  })

  it('of a group is posted behind the one before, under the conditions of what was read', () => {
    const draft = draftWith({
      account: accountWith({ seq: 41n }),
      balances: new Map([['USD', balanceWith({ a: 5n, xE: -5n, ci: 5n, ver: 9n })]]),
    })
    postChange(draft, deposit(1n), TOLD)
    postChange(draft, deposit(2n, 'transfer-2'), { ...TOLD, key: 'key-2' })
    expect(draft.account?.seq).toBe(43n)
    expect(draft.writes.get('@HEAD')).toMatchObject({ when: { equals: { seq: 41n } } })
    expect(draft.writes.get('B#USD')).toMatchObject({
      row: { a: 8n, ver: 11n, seq: 43n },
    })
    expect([...draft.writes.keys()].filter((sk) => sk.startsWith('E#'))).toHaveLength(2)
  })

  it('remembers what the day began with, and forgets it the next day', () => {
    const balance = balanceWith({ a: 100n, xE: -100n, ci: 100n, day: '2026-02-28', flow: 70n })
    const draft = draftWith({
      account: accountWith({ day: '2026-02-28', depositedToday: 70n }),
      balances: new Map([['USD', balance]]),
    })
    postChange(draft, deposit(5n), TOLD)
    expect(draft.balances.get('USD')).toMatchObject({ day: '2026-03-01', open: 100n, flow: 5n })
    expect(draft.account).toMatchObject({ day: '2026-03-01', depositedToday: 5n })
    postChange(draft, deposit(3n, 'transfer-2'), { ...TOLD, key: 'key-2' })
    expect(draft.balances.get('USD')).toMatchObject({ open: 100n, flow: 8n })
    expect(draft.account).toMatchObject({ depositedToday: 8n })
  })

  it('adds what it has realized to what was, gains and losses', () => {
    const trade = (realized: bigint): Change => ({
      type: 'order-filled',
      postings: [{ ...NO_POSTING, asset: 'BTC', scale: 8, realized }],
    })
    const draft = draftWith({
      balances: new Map([['BTC', balanceWith({ asset: 'BTC', scale: 8, realized: 100n })]]),
    })
    postChange(draft, trade(25n), TOLD)
    expect(draft.balances.get('BTC')?.realized).toBe(125n)
    postChange(draft, trade(-200n), { ...TOLD, key: 'key-2' })
    expect(draft.balances.get('BTC')?.realized).toBe(-75n)
  })

  it('counts the fee of the house in the sum that is zero', () => {
    const draft = draftWith({ balances: new Map([['USD', balanceWith({ a: 60_000n })]]) })
    const paid = { ...NO_POSTING, asset: 'USD', scale: 2, a: -50_125n, xT: 50_000n, xF: 125n }
    postChange(draft, { type: 'order-filled', postings: [paid] }, TOLD)
    expect(draft.balances.get('USD')).toMatchObject({ a: 9_875n, co: 50_125n, xF: 125n })
  })

  it('remembers the reward of the day until the day is over', () => {
    const rewarded = (day: string) =>
      draftWith({ account: accountWith({ day, rewarded: 'small' }) })
    const today = rewarded('2026-03-01')
    postChange(today, deposit(5n), TOLD)
    expect(today.account?.rewarded).toBe('small')
    postChange(today, { ...deposit(5n), reward: 'red-pocket' }, { ...TOLD, key: 'key-2' })
    expect(today.account?.rewarded).toBe('red-pocket')
    const yesterday = rewarded('2026-02-28')
    postChange(yesterday, deposit(5n), TOLD)
    expect(yesterday.account?.rewarded).toBeUndefined()
  })

  it('under a key that was free again overwrites exactly the answer that was read', () => {
    const stale = { fingerprint: 'another print', expires: 1_700_000_000n, seq: 3n }
    const draft = draftWith({ kept: new Map([['key-1', stale]]) })
    postChange(draft, deposit(5n), TOLD)
    expect(draft.writes.get('I#key-1')).toMatchObject({
      row: { fingerprint: 'print', seq: 1n },
      when: { equals: { fingerprint: 'another print', expires: 1_700_000_000n } },
    })
  })

  it('counts open orders', () => {
    const draft = withOrder()
    postChange(draft, placed({ status: 'processing', filled: 10n, hold: 40n }), TOLD)
    expect(draft.account?.openOrders).toBe(1n)
    const cancelled = placed({ status: 'cancelled', filled: 10n, hold: 0n })
    postChange(draft, cancelled, { ...TOLD, key: 'key-2' })
    expect(draft.account?.openOrders).toBe(0n)
    expect(draft.orders.get('order-1')).toMatchObject({ version: 3n, placedSeq: 3n, seq: 9n })
  })
})

describe('what must never be is an error before it is a row', () => {
  const usd = (columns: object) => ({ ...NO_POSTING, asset: 'USD', scale: 2, ...columns })
  const rich = () => draftWith({ balances: new Map([['USD', balanceWith({ a: 100n, h: 10n })]]) })

  it.each<[string, () => Draft, Change, string]>([
    [
      'postings that do not sum to zero',
      rich,
      { type: 'cash-deposited', postings: [usd({ a: 1n })] },
      'L1 does not hold: the postings of USD do not sum to zero',
    ],
    [
      'a negative balance',
      rich,
      { type: 'cash-withdrawn', postings: [usd({ a: -101n, xE: 101n })] },
      'L4 does not hold: USD would be negative',
    ],
    [
      'a negative hold',
      rich,
      { type: 'order-cancelled', postings: [usd({ a: 11n, h: -11n })] },
      'L4 does not hold: USD would be negative',
    ],
    [
      'a negative cost',
      rich,
      { type: 'cash-deposited', postings: [usd({ cost: -1n })] },
      'L4 does not hold: the cost of USD would be negative',
    ],
    [
      'another scale',
      rich,
      { type: 'cash-deposited', postings: [usd({ scale: 3 })] },
      'L9 does not hold: the scale of USD',
    ],
    [
      'more filled than ordered',
      withOrder,
      placed({ filled: 101n, status: 'processing' }),
      'O2 does not hold: order order-1 is filled with 101',
    ],
    [
      'filled and not completed',
      withOrder,
      placed({ filled: 100n, status: 'processing' }),
      'O2 does not hold: order order-1 is processing',
    ],
    [
      'completed and not filled',
      withOrder,
      placed({ filled: 99n, status: 'completed' }),
      'O2 does not hold: order order-1 is completed',
    ],
    [
      'less filled than before',
      () => withOrder({ filled: 5n }),
      placed({ filled: 4n, status: 'processing' }),
      'O2 does not hold: order order-1 is filled with 4',
    ],
    [
      'a hold that grows',
      withOrder,
      placed({ hold: 51n, status: 'processing' }),
      'H3 does not hold: order order-1 would hold 51',
    ],
    [
      'a hold below nothing',
      withOrder,
      placed({ hold: -1n, status: 'processing' }),
      'H3 does not hold: order order-1 would hold -1',
    ],
    [
      'an ended order that holds',
      withOrder,
      placed({ hold: 1n, status: 'cancelled' }),
      'H2 does not hold: order order-1 is cancelled and holds',
    ],
  ])('%s', (_, draftOf, change, message) => {
    const draft = draftOf()
    const before = structuredClone({ ...draft })
    const post = () => postChange(draft, change, TOLD)
    expect(post).toThrow(LedgerViolation)
    expect(post).toThrow(expect.objectContaining({ name: 'LedgerViolation', message }))
    expect(draft).toEqual(before)
  })

  it('a step that the table of states does not have', () => {
    const draft = withOrder({ status: 'processing' })
    expect(() => postChange(draft, placed({ status: 'pending' }), TOLD)).toThrow(IllegalTransition)
    expect(draft.writes.size).toBe(0)
  })
})

it('whatever is posted, every balance sums to zero and is what came in less what went out', () => {
  const column = fc.bigInt({ min: -1_000n, max: 1_000n })
  const posting = fc.record({ a: column, h: column, xT: column, xF: column })
  fc.assert(
    fc.property(fc.array(posting, { minLength: 1, maxLength: 30 }), (drawn) => {
      const draft = draftWith()
      let posted = 0
      for (const { a, h, xT, xF } of drawn) {
        const balanced = {
          ...NO_POSTING,
          asset: 'BTC',
          scale: 8,
          a,
          h,
          xT,
          xF,
          xE: -(a + h + xT + xF),
        }
        const before = draft.balances.get('BTC')
        const had = before ?? balanceWith({ ver: 0n })
        try {
          postChange(draft, { type: 'balance-adjusted', postings: [balanced] }, TOLD)
          posted += 1
        } catch (error) {
          expect(error).toBeInstanceOf(LedgerViolation)
          expect(minOf(had.a + a, had.h + h)).toBeLessThan(0n)
          expect(draft.balances.get('BTC')).toBe(before)
          continue
        }
        const after = draft.balances.get('BTC')!
        expect(after.a + after.h + after.xT + after.xF + after.xE).toBe(0n)
        expect(after.a + after.h).toBe(after.ci - after.co)
        expect(after.ci).toBeGreaterThanOrEqual(had.ci)
        expect(after.co).toBeGreaterThanOrEqual(had.co)
        expect(after.a >= 0n && after.h >= 0n).toBe(true)
        expect(after.ver).toBe(had.ver + 1n)
      }
      expect(draft.account?.seq ?? 0n).toBe(BigInt(posted))
    }),
    { numRuns: 500 },
  )
})
