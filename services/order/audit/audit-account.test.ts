import type { OrderBody } from '@cnop/contract/order.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Row, Store } from '@cnop/kit/store/store.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partitionOf } from '../ledger/account-rows.ts'
import {
  chainHash,
  eventBytes,
  eventSortKey,
  genesisHash,
  type JournalEvent,
  type Line,
  loadEvent,
} from '../ledger/journal-rows.ts'
import { live } from '../testing/random-history.ts'
import { ALICE, BOB, rowsOf } from '../testing/stored-rows.ts'
import { createTestLedger, NOON, RED_POCKET, type TestLedger } from '../testing/test-ledger.ts'
import { auditAccount } from './audit-account.ts'
import { RULE_NAMES, type Rule } from './findings.ts'

const BUY: OrderBody = { order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' }

/**
 * 1 deposit · 2 purchase · 3 sale · 4 hold · 5 fill of a half · 6 cancel · 7 hold · 8 correction ·
 * 9 sale held · and a refusal.
 */
async function history(): Promise<TestLedger> {
  const ledger = createTestLedger({ rules: { feeBasisPoints: 10n } })
  const idIn = ({ body }: { body: string }): string => JSON.parse(body).data.order_id
  await ledger.deposit('5000', { key: 'the-key-of-the-deposit' })
  await ledger.place({ ...BUY, worst_price: '50000' })
  await ledger.place({ ...BUY, order_type: 'market_sell', quantity: '0.004' })
  const held = { type: 'limit_buy', asset: 'BTC', price: '40000', quantity: '0.01' } as const
  const first = await ledger.holdOrder(held)
  await ledger.fillPart({ orderId: idIn(first), asset: 'BTC', parts: 2n })
  await ledger.cancel(idIn(first))
  await ledger.holdOrder(held)
  await ledger.adjust({ asset_id: 'USD', amount: '-1', reason: 'a fee too few', corrects_event: 2 })
  await ledger.holdOrder({ ...held, type: 'limit_sell', quantity: '0.002' })
  await ledger.withdraw('5000')
  return ledger
}

type Rows = Map<string, Row>

/** A store with other rows than were written, and what the audit then finds broken. */
async function auditOf(rows: Rows, nowMs = NOON) {
  const store = createMemoryStore({ now: () => NOON })
  let token = 0
  for (const [sk, row] of rows) {
    token += 1
    await store.transact([{ kind: 'put', key: { pk: partitionOf(ALICE), sk }, row }], {
      token: String(token),
    })
  }
  return auditAccount({ store, userId: ALICE, nowMs })
}

const brokenIn = ({ checks }: { checks: readonly { rule: Rule; ok: boolean }[] }): Rule[] =>
  checks.filter(({ ok }) => !ok).map(({ rule }) => rule)

/** What is broken once one row holds something else. */
async function brokenBy(change: (rows: Rows) => void, nowMs?: number): Promise<Rule[]> {
  const { store } = await history()
  const rows: Rows = new Map(await rowsOf(store))
  change(rows)
  const broken = brokenIn(await auditOf(rows, nowMs))
  // An audit that ends early breaks every rule, which proves none of them.
  if (broken.length < RULE_NAMES.length) for (const rule of broken) seen.add(rule)
  return broken
}

const seen = new Set<Rule>()

const setIn =
  (sk: string, columns: Row) =>
  (rows: Rows): void => {
    const row = rows.get(sk)
    if (row === undefined) throw new Error(`No row ${sk}`)
    rows.set(sk, { ...row, ...columns })
  }

const addTo =
  (sk: string, columns: Record<string, bigint>) =>
  (rows: Rows): void => {
    const row = rows.get(sk)!
    const added = Object.entries(columns).map(([name, more]) => [
      name,
      (row[name] as bigint) + more,
    ])
    rows.set(sk, { ...row, ...Object.fromEntries(added) })
  }

/** Rewrites events and chains the journal anew, as somebody would who can write everything. */
const forge =
  (seq: bigint, change: (event: JournalEvent) => JournalEvent) =>
  (rows: Rows): void => {
    let hash = genesisHash(ALICE)
    for (const sk of [...rows.keys()].filter((key) => key.startsWith('E#')).sort()) {
      const event = loadEvent(rows.get(sk)!)
      const bytes = eventBytes(event.seq === seq ? change(event) : event)
      hash = chainHash(hash, bytes)
      rows.set(sk, { bytes, hash })
    }
    setIn('@HEAD', { hash })(rows)
  }

const forgeLine = (seq: bigint, asset: string, change: (line: Line) => Partial<Line>) =>
  forge(seq, (event) => ({
    ...event,
    lines: event.lines.map((line) => (line.asset === asset ? { ...line, ...change(line) } : line)),
  }))

const forgeOrder = (seq: bigint, columns: object) =>
  forge(seq, (event) => {
    const { data } = JSON.parse(event.body)
    return { ...event, body: JSON.stringify({ data: { ...data, ...columns } }) }
  })

const orderKeyOf = (rows: Rows, status: string): string =>
  [...rows].find(([sk, row]) => sk.startsWith('O#') && row['status'] === status)![0]

const keyOf = (rows: Rows, prefix: string): string =>
  [...rows.keys()].find((sk) => sk.startsWith(prefix))!

it('books that nobody touched are sound', async () => {
  const ledger = await history()
  const audit = await ledger.audit()
  expect(brokenIn(audit)).toEqual([])
  expect(audit).toMatchObject({ ok: true, events: 9 })
  expect(audit.headHash).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(audit.checks.map(({ rule }) => rule)).toEqual(RULE_NAMES)
  expect(audit.checks[0]?.name).toBe('E1: the journal counts 1, 2, 3 to its head')
})

it('a customer who has done nothing yet has sound books', async () => {
  const ledger = createTestLedger()
  expect(await ledger.audit()).toMatchObject({ ok: true, events: 0, headHash: '' })
  await ledger.withdraw('1')
  expect(await ledger.audit()).toMatchObject({ ok: true, events: 0 })
})

it('every history of real commands is sound', async () => {
  const draws = fc.array(fc.nat({ max: 2 ** 30 }), { minLength: 10, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(draws, fc.nat(40), async (drawn, feeBasisPoints) => {
      const ledger = createTestLedger({ rules: { feeBasisPoints: BigInt(feeBasisPoints) } })
      await live(ledger, [0, ...drawn])
      expect(brokenIn(await ledger.audit())).toEqual([])
    }),
    { numRuns: 60 },
  )
})

describe('a row that was changed is found', () => {
  const head = ['seq', 'openOrders', 'cashTransactions', 'depositedToday', 'withdrawnToday']
  it.each(head)('in the head, %s', async (column) => {
    expect(await brokenBy(addTo('@HEAD', { [column]: 1n }))).toContain(
      column === 'seq' ? 'E1' : 'L6',
    )
  })

  it.each([
    ['status', 'frozen'],
    ['at', '2026'],
    ['createdAt', '2026'],
    ['day', '2026'],
  ])('in the head, %s', async (column, value) => {
    expect(await brokenBy(setIn('@HEAD', { [column]: value }))).toEqual(['L6'])
  })

  it('in the head, the hash', async () => {
    expect(await brokenBy(setIn('@HEAD', { hash: 'x'.repeat(43) }))).toContain('E2')
  })

  const columns = ['cost', 'realized', 'open', 'flow', 'ver', 'seq', 'scale']
  it.each(columns)('in a balance, %s', async (column) => {
    expect(await brokenBy(addTo('B#BTC', { [column]: 1n }))).toEqual(['L6'])
  })

  it.each([
    ['createdAt', '2026'],
    ['updatedAt', '2026'],
    ['day', '2026'],
  ])('in a balance, %s', async (column, value) => {
    expect(await brokenBy(setIn('B#BTC', { [column]: value }))).toEqual(['L6'])
  })

  it('in a balance, an amount', async () => {
    expect(await brokenBy(addTo('B#USD', { a: 1n }))).toEqual(['L2', 'L3', 'L6'])
    expect(await brokenBy(addTo('B#USD', { a: 1n, xE: -1n }))).toEqual(['L3', 'L6'])
    expect(await brokenBy(addTo('B#USD', { a: 1n, xE: -1n, ci: 1n }))).toEqual(['L6'])
    expect(await brokenBy(addTo('B#USD', { a: -900_000n, h: 900_000n }))).toEqual([
      'L4',
      'L6',
      'H1',
    ])
  })

  it('in an open order, its hold', async () => {
    expect(await brokenBy((rows) => addTo(orderKeyOf(rows, 'queued'), { hold: 1n })(rows))).toEqual(
      ['L6', 'H1'],
    )
  })

  it('in an ended order, any column', async () => {
    const { store } = await history()
    const rows = await rowsOf(store)
    const sk = orderKeyOf(new Map(rows), 'completed')
    for (const [column, value] of Object.entries(rows.get(sk)!)) {
      if (typeof value === 'bigint') {
        const broken = await brokenBy((changed) =>
          addTo(orderKeyOf(changed, 'completed'), { [column]: 1n })(changed),
        )
        expect(broken, column).toContain('L6')
      }
    }
  })

  it('in a transfer', async () => {
    expect(await brokenBy((rows) => addTo(keyOf(rows, 'D#'), { amount: 1n })(rows))).toEqual(['L6'])
  })

  it('in a kept answer', async () => {
    const sk = 'I#the-key-of-the-deposit'
    expect(await brokenBy(addTo(sk, { seq: 1n }))).toEqual(['L6', 'I1'])
    expect(await brokenBy(setIn(sk, { fingerprint: 'another' }))).toEqual(['L6'])
    expect(await brokenBy(addTo(sk, { expires: 1n }))).toEqual(['L6'])
  })

  it('in a column of another type', async () => {
    expect(await brokenBy(setIn('B#BTC', { a: 'many' }))).toContain('L6')
    expect(await brokenBy(setIn('@HEAD', { seq: 'many' }))).toContain('L6')
  })
})

describe('a row too few or too many is found', () => {
  it.each([
    ['balance', 'B#BTC'],
    ['transfer', 'D#'],
    ['order', 'O#'],
    ['kept answer', 'I#the-key-of-the-deposit'],
  ])('a %s that is gone', async (_, prefix) => {
    expect(await brokenBy((rows) => rows.delete(keyOf(rows, prefix)))).toContain('L6')
  })

  it('an open order that is gone', async () => {
    expect(await brokenBy((rows) => rows.delete(orderKeyOf(rows, 'queued')))).toEqual(['L6', 'H1'])
  })

  it('the head that is gone', async () => {
    expect(await brokenBy((rows) => rows.delete('@HEAD'))).toContain('E1')
  })

  it.each([
    ['balance', 'B#', 'B#ETH'],
    ['order', 'O#', 'O#another'],
    ['transfer', 'D#', 'D#another'],
    ['kept answer', 'I#the', 'I#another'],
  ])('a %s that no event tells of', async (_, prefix, sk) => {
    const broken = await brokenBy((rows) => rows.set(sk, rows.get(keyOf(rows, prefix))!))
    expect(broken).toContain('L6')
  })

  it('an order that names an event to come', async () => {
    const broken = await brokenBy((rows) => {
      rows.set('O#another', { ...rows.get(keyOf(rows, 'O#'))!, placedSeq: 99n })
    })
    expect(broken).toEqual(['L6'])
  })

  it.each(['@', '@HEAE', 'B', 'B$', 'C#', 'D$', 'E$', 'F', 'J#', 'O$', 'Z#', '!'])(
    'a row of no kind, %s',
    async (sk) => {
      expect(await brokenBy((rows) => rows.set(sk, { note: 'x' }))).toContain('L6')
    },
  )

  it('a refusal is no row too many', async () => {
    const { store } = await history()
    const refusals = [...(await rowsOf(store))].filter(([, row]) => row['body'] !== undefined)
    expect(refusals).toHaveLength(1)
  })
})

describe('a journal that was changed is found', () => {
  const last = eventSortKey(9n)

  it('by one byte of an event', async () => {
    const broken = await brokenBy((rows) => {
      const { bytes, hash } = rows.get(eventSortKey(3n))!
      rows.set(eventSortKey(3n), {
        bytes: String(bytes).replace('request-', 'request_'),
        hash: hash!,
      })
    })
    expect(broken).toEqual(['E2'])
  })

  it('by an event that cannot be read', async () => {
    const audit = await (async () => {
      const { store } = await history()
      const rows: Rows = new Map(await rowsOf(store))
      setIn(eventSortKey(3n), { bytes: 'nonsense' })(rows)
      return auditOf(rows)
    })()
    expect(audit.ok).toBe(false)
    // Nothing is vouched for that could not be checked to the end.
    expect(brokenIn(audit)).toEqual(RULE_NAMES)
  })

  it.each([
    ['the first', eventSortKey(1n)],
    ['one within', eventSortKey(4n)],
    ['the last', last],
  ])('by an event that is gone: %s', async (_, sk) => {
    expect(await brokenBy((rows) => rows.delete(sk))).toContain('E1')
  })

  it('by an event behind the head', async () => {
    const broken = await brokenBy((rows) => rows.set(eventSortKey(10n), rows.get(last)!))
    expect(broken).toContain('E1')
  })

  it('by two events that changed places', async () => {
    const broken = await brokenBy((rows) => {
      const third = rows.get(eventSortKey(3n))!
      rows.set(eventSortKey(3n), rows.get(eventSortKey(4n))!)
      rows.set(eventSortKey(4n), third)
    })
    expect(broken).toEqual(expect.arrayContaining(['E1', 'E2']))
  })

  it('by the journal of another customer', async () => {
    const { store } = await history()
    const audit = await (async () => {
      const other = createMemoryStore({ now: () => NOON })
      let token = 0
      for (const [sk, row] of await rowsOf(store)) {
        token += 1
        await other.transact([{ kind: 'put', key: { pk: partitionOf(BOB), sk }, row }], {
          token: String(token),
        })
      }
      return auditAccount({ store: other, userId: BOB, nowMs: NOON })
    })()
    expect(brokenIn(audit)).toEqual(['E2'])
  })
})

describe('a journal that was forged, chain and all, breaks the rule that it breaks', () => {
  it.each<[Rule, string, (rows: Rows) => void]>([
    ['E1', 'an event that calls itself another', forge(3n, (event) => ({ ...event, seq: 7n }))],
    [
      'E1',
      'time that runs backwards',
      forge(3n, (event) => ({ ...event, at: '2020-01-01T00:00:00.000Z' })),
    ],
    ['L1', 'money that appears', forgeLine(3n, 'USD', ({ a }) => ({ a: a + 1n }))],
    [
      'L1',
      'two lines of one asset',
      forge(3n, (event) => ({ ...event, lines: [...event.lines, event.lines[0]!] })),
    ],
    [
      'L4',
      'a balance below nothing',
      forgeLine(2n, 'USD', ({ a, xE }) => ({ a: a - 900_000n, xE: xE + 900_000n })),
    ],
    [
      'L6',
      'a balance told that is another',
      forgeLine(3n, 'USD', ({ after }) => ({ after: { ...after, a: 5n } })),
    ],
    [
      'L6',
      'an amount that was another',
      forgeLine(1n, 'USD', ({ a, xE }) => ({ a: a + 1n, xE: xE - 1n })),
    ],
    ['L8', 'a correction of what is to come', forge(8n, (event) => ({ ...event, corrects: 8n }))],
    ['L9', 'another scale', forgeLine(3n, 'BTC', () => ({ scale: 7 }))],
    [
      'L10',
      'a price rounded for the buyer',
      forgeOrder(2n, {
        fill: { price: '50000.99', quote: 't', quote_age_ms: 1, source: 's', model: 'quote' },
      }),
    ],
    [
      'L10',
      'a price rounded twice',
      forgeOrder(2n, {
        fill: { price: '49999.00', quote: 't', quote_age_ms: 1, source: 's', model: 'quote' },
      }),
    ],
    [
      'H1',
      'a hold of another size',
      (rows) => {
        forgeOrder(7n, { held_amount: '1.00' })(rows)
        setIn(orderKeyOf(rows, 'queued'), { hold: 100n })(rows)
      },
    ],
    ['H2', 'an ended order that holds', forgeOrder(6n, { held_amount: '1.00' })],
    ['H3', 'a hold that grows', forgeOrder(5n, { held_amount: '9999.00' })],
    ['O1', 'an order that begins cancelled', forgeOrder(7n, { status: 'cancelled' })],
    ['O1', 'an order that goes back', forgeOrder(5n, { status: 'pending' })],
    ['O2', 'completed and not filled', forgeOrder(2n, { filled_quantity: '0.009' })],
    ['O2', 'filled and not completed', forgeOrder(5n, { filled_quantity: '0.01' })],
    ['O6', 'terms that change', forgeOrder(5n, { price: '41000.00' })],
    [
      'O6',
      'a price worse than accepted',
      forge(2n, (event) => ({ ...event, worstPrice: '49999.00' })),
    ],
    [
      'O7',
      'an order placed twice',
      (rows) => {
        const again = JSON.parse(loadEvent(rows.get(eventSortKey(2n))!).body).data.order_id
        forgeOrder(3n, { order_id: again })(rows)
      },
    ],
    ['F1', 'a fill that was not posted', forgeOrder(2n, { total_amount: '400.00' })],
    ['F1', 'a fee that was not posted', forgeOrder(2n, { fee: '0.00' })],
    ['F3', 'a stale quote', forge(2n, (event) => ({ ...event, quoteLifeMs: 250 }))],
    ['F3', 'no quote', forgeOrder(2n, { fill: undefined })],
    ['I1', 'a key used twice', forge(2n, (event) => ({ ...event, key: 'the-key-of-the-deposit' }))],
  ])('%s: %s', async (rule, _, change) => {
    expect(await brokenBy(change)).toContain(rule)
  })
})

describe('an answer that has expired', () => {
  const DAYS_31 = 31 * 24 * 3600 * 1000

  it('may be gone', async () => {
    const gone = (rows: Rows): void => void rows.delete('I#the-key-of-the-deposit')
    expect(await brokenBy(gone, NOON + DAYS_31)).toEqual([])
    expect(await brokenBy(gone, NOON)).toEqual(['L6', 'I1'])
  })
})

describe('an account in use meanwhile', () => {
  /** Every read of the audit gives the customer time for another command. */
  function busy(
    ledger: TestLedger,
    act: () => Promise<unknown>,
    timesMax: number,
  ): Pick<Store, 'snapshot' | 'query'> {
    let times = 0
    const meanwhile = async (): Promise<void> => {
      times += 1
      if (times <= timesMax) await act()
    }
    return {
      snapshot: async (keys) => {
        const rows = await ledger.store.snapshot(keys)
        await meanwhile()
        return rows
      },
      query: async (pk, range) => {
        const page = await ledger.store.query(pk, range)
        await meanwhile()
        return page
      },
    }
  }

  it('is sound, however often it changes while it is read', async () => {
    const ledger = await history()
    const store = busy(ledger, () => ledger.place({ ...BUY, quantity: '0.0001' }), 25)
    const audit = await auditAccount({ store, userId: ALICE, nowMs: NOON })
    expect(brokenIn(audit)).toEqual([])
    expect(audit.events).toBeGreaterThan(9)
  })

  it('that never holds still is not vouched for', async () => {
    const ledger = await history()
    const store = busy(
      ledger,
      () => ledger.adjust({ asset_id: 'USD', amount: '0.01', reason: 'busy' }),
      10_000,
    )
    const audit = await auditAccount({ store, userId: ALICE, nowMs: NOON })
    expect(audit.ok).toBe(false)
    expect(audit.checks.find(({ rule }) => rule === 'L6')?.detail).toBe(
      'the account changed all the time',
    )
  })
})

it('a journal of many pages is followed to its end', async () => {
  const ledger = createTestLedger({ rules: { withdrawPerDayMax: 10n ** 9n } })
  await ledger.deposit('10000')
  for (let round = 0; round < 12; round += 1) {
    await Promise.all(Array.from({ length: 100 }, () => ledger.withdraw('0.01')))
  }
  expect(await ledger.audit()).toMatchObject({ ok: true, events: 1_201 })
})

describe('a reward too many is found', () => {
  /** 10 small reward · 11 red pocket. */
  async function brokenRewards(change: (rows: Rows) => void): Promise<Rule[]> {
    const ledger = await history()
    await ledger.claim('any phrase')
    await ledger.claim(RED_POCKET)
    const rows: Rows = new Map(await rowsOf(ledger.store))
    change(rows)
    const broken = brokenIn(await auditOf(rows))
    for (const rule of broken) seen.add(rule)
    return broken
  }
  const answered = (seq: bigint, columns: object) =>
    forge(seq, (event) => ({
      ...event,
      body: JSON.stringify({ ...JSON.parse(event.body), ...columns }),
    }))

  it('not in a day of one small reward and then the red pocket', async () => {
    expect(await brokenRewards(() => undefined)).toEqual([])
  })

  it('a second small one', async () => {
    expect(await brokenRewards(answered(11n, { got_red_pocket: false }))).toEqual(['L6', 'R1'])
  })

  it('one after the red pocket', async () => {
    expect(await brokenRewards(answered(10n, { got_red_pocket: true }))).toEqual(['R1'])
  })

  it('one that paid something else than it says', async () => {
    expect(await brokenRewards(answered(11n, { amount: '88.87' }))).toEqual(['R1'])
  })

  it('in the head, the reward of the day', async () => {
    expect(await brokenRewards(setIn('@HEAD', { rewarded: 'small' }))).toEqual(['L6'])
  })
})

it('every rule has been seen broken by what was changed here', () => {
  expect([...seen].sort()).toEqual([...RULE_NAMES].sort())
})
