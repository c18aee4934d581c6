import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Row, Store } from '@cnop/kit/store/store.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitionOf } from '../ledger/account-rows.ts'
import { live } from '../testing/random-history.ts'
import { ALICE, rowsOf } from '../testing/stored-rows.ts'
import { createTestLedger, NOON } from '../testing/test-ledger.ts'
import { auditAccount } from './audit-account.ts'
import { repairAccount } from './repair-account.ts'

type Rows = ReadonlyMap<string, Row>

const isRefusal = (sk: string, row: Row): boolean => sk.startsWith('I#') && row['seq'] === undefined
const withoutRefusals = (rows: Rows): Record<string, Row> =>
  Object.fromEntries([...rows].filter(([sk, row]) => !isRefusal(sk, row)))

/** A store that remembers what the partition held after each commit. */
function rememberingStore(): { store: Store; states: Rows[] } {
  const inner = createMemoryStore({ now: () => NOON })
  const states: Rows[] = []
  const store: Store = {
    ...inner,
    async transact(ops, options) {
      await inner.transact(ops, options)
      states.push(await rowsOf(inner))
    },
  }
  return { store, states }
}

/** Each row as it was after one of the last commits, each of its own: what half a commit leaves. */
function torn(states: readonly Rows[], depth: number, chance: () => number): Rows {
  const recent = states.slice(-depth)
  const keys = new Set(recent.flatMap((state) => [...state.keys()]))
  const rows = new Map<string, Row>()
  for (const sk of keys) {
    const row = recent[Math.floor(chance() * recent.length)]?.get(sk)
    if (row !== undefined) rows.set(sk, row)
  }
  return rows
}

async function storeOf(rows: Rows): Promise<Store> {
  const store = createMemoryStore({ now: () => NOON })
  for (const [sk, row] of rows) {
    await store.transact([{ kind: 'put', key: { pk: partitionOf(ALICE), sk }, row }], { token: sk })
  }
  return store
}

test('a copy that holds halves of commits becomes the account as it was after a whole event', async () => {
  const draws = fc.array(fc.nat({ max: 2 ** 30 }), { minLength: 10, maxLength: 40 })
  const seen = { torn: 0, lost: 0, written: 0 }
  await fc.assert(
    fc.asyncProperty(
      draws,
      fc.integer({ min: 2, max: 6 }),
      fc.nat(),
      async (drawn, depth, seed) => {
        const { store, states } = rememberingStore()
        await live(createTestLedger({ store }), [0, ...drawn])
        let state = seed
        const chance = () => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
          return state / 0x8000_0000
        }
        const copy = await storeOf(torn(states, depth, chance))
        // History may have been written to by a clock that stands hours after noon.
        const nowMs = NOON + 24 * 3_600_000
        const before = await auditAccount({ store: copy, userId: ALICE, nowMs })
        const repaired = await repairAccount({ store: copy, userId: ALICE, nowMs })
        const rows = await rowsOf(copy)

        expect((await auditAccount({ store: copy, userId: ALICE, nowMs })).ok).toBe(true)
        const wholeStates = states.map(withoutRefusals)
        expect(wholeStates).toContainEqual(withoutRefusals(rows))
        const again = await repairAccount({ store: copy, userId: ALICE, nowMs })
        expect([again.written, again.removed]).toStrictEqual([[], []])
        if (!before.ok) seen.torn += 1
        seen.lost += repaired.lost.length
        seen.written += repaired.written.length
      },
    ),
    { numRuns: 80 },
  )
  // The copies were worth repairing.
  expect(seen.torn).toBeGreaterThan(30)
  expect(seen.lost).toBeGreaterThan(2)
  expect(seen.written).toBeGreaterThan(30)
})

test('what is whole is not touched, and what has expired stays gone', async () => {
  const ledger = createTestLedger()
  await live(ledger, [0, 7, 1, 3, 12, 9])
  const whole = await rowsOf(ledger.store)
  const nowMs = NOON + 40 * 24 * 3_600_000
  const copy = await storeOf(new Map([...whole].filter(([sk]) => !sk.startsWith('I#'))))
  const { written, removed } = await repairAccount({ store: copy, userId: ALICE, nowMs })
  expect([written, removed]).toStrictEqual([[], []])
})

test('an event that is not what was chained ends what is whole', async () => {
  const ledger = createTestLedger()
  for (const amount of ['1', '2', '3']) await ledger.deposit(amount)
  const rows = new Map(await rowsOf(ledger.store))
  const sk = 'E#0000000000000002'
  const stored = rows.get(sk) as Row
  rows.set(sk, { ...stored, bytes: String(stored['bytes']).replace('request-', 'request_') })
  expect(rows.get(sk)).not.toStrictEqual(stored)
  const copy = await storeOf(rows)
  const { events, lost } = await repairAccount({ store: copy, userId: ALICE, nowMs: NOON })
  expect([events, lost]).toStrictEqual([1, [sk, 'E#0000000000000003']])
  expect((await auditAccount({ store: copy, userId: ALICE, nowMs: NOON })).ok).toBe(true)
})
