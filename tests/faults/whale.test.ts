/**
 * One customer with a fifth of all commands, and several order processes on a store that cancels
 * what overlaps: how often commits are in each other's way. Time is virtual, so the figures are of
 * the seed and of nothing else.
 */
import { createConflictingStore } from '@cnop/kit/store/conflicting-store.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { type Op, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { auditAccount } from '@cnop/services/order/audit/audit-account.ts'
import { createTestLedger, NOON } from '@cnop/services/order/testing/test-ledger.ts'
import { expect, test } from 'vitest'
import { createVirtualTime } from './virtual-time.ts'

const SEED = 6
const COMMANDS = 1_000
const COMMANDS_PER_SECOND = 300
const WHALE = '01J0000000000000000000000W'
const WHALE_SHARE = 0.2
const OTHERS = 200
/** A call takes up to twice this: 5 ms in the middle, as DynamoDB does within its region. */
const HALF_CALL_MS_MAX = 5

type Counts = { tried: number; conflicts: number; conditions: number; torn: number }

async function load(processes: number) {
  const time = createVirtualTime(NOON)
  const chance = createChance(SEED)
  const pause = (ms: number): Promise<void> => time.pause(ms)
  const inner = createMemoryStore({ now: time.now })
  const counts = { whale: countsOfNone(), others: countsOfNone() }
  const store = counting(
    createConflictingStore(
      createDawdlingStore({ store: inner, chance, pause, pauseMsMax: HALF_CALL_MS_MAX }),
    ),
    counts,
  )
  const ledgers = Array.from({ length: processes }, (_, index) =>
    createTestLedger({
      store,
      idPrefix: `01${'ABCD'[index]}`,
      rules: { depositPerDayMax: 10n ** 12n },
      clock: { now: time.now, random: chance, pause },
    }),
  )
  const command = async (): Promise<{ whale: boolean; status: number; tookMs: number }> => {
    await pause((chance() * COMMANDS * 1000) / COMMANDS_PER_SECOND)
    const whale = chance() < WHALE_SHARE
    const other = `01J${String(Math.floor(chance() * OTHERS)).padStart(23, '0')}`
    const userId = whale ? WHALE : other
    const startedMs = time.now()
    const ledger = ledgers[Math.floor(chance() * processes)] as (typeof ledgers)[number]
    const { status } = await ledger.deposit('1', { userId })
    return { whale, status, tookMs: time.now() - startedMs }
  }
  const answers = await time.run(
    Promise.all(Array.from({ length: COMMANDS }, async () => command())),
  )
  const audit = await auditAccount({ store: inner, userId: WHALE, nowMs: time.now() })
  return { answers, counts, audit }
}

const countsOfNone = (): Counts => ({ tried: 0, conflicts: 0, conditions: 0, torn: 0 })

function counting(store: Store, counts: { whale: Counts; others: Counts }): Store {
  const of = (pk: string): Counts => (pk.endsWith(WHALE) ? counts.whale : counts.others)
  return {
    ...store,
    async snapshot(keys) {
      try {
        return await store.snapshot(keys)
      } catch (fault) {
        of(keys[0]?.pk ?? '').torn += 1
        throw fault
      }
    },
    async transact(ops, options) {
      const [first] = ops as readonly [Op, ...Op[]]
      const counted = of(first.key.pk)
      counted.tried += 1
      try {
        await store.transact(ops, options)
      } catch (fault) {
        if (fault instanceof StoreFault && fault.code === 'conflict') counted.conflicts += 1
        else counted.conditions += 1
        throw fault
      }
    },
  }
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? 0

test.each([1, 2, 4])(
  'a whale hinders itself and nobody else, on %i processes',
  async (processes) => {
    const { answers, counts, audit } = await load(processes)
    const whales = answers.filter(({ whale }) => whale)
    const others = answers.filter(({ whale }) => !whale)
    const lost = (of: Counts, commits: number): string =>
      `${of.conflicts} conflicts, ${of.conditions} conditions, ${of.torn} snapshots refused in ${commits} commits`
    const took = (of: typeof answers): string => {
      const times = of.map(({ tookMs }) => tookMs)
      return `p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`
    }
    process.stdout.write(
      `${processes} processes: whale ${lost(counts.whale, whales.length)}, ${took(whales)}; ` +
        `others ${lost(counts.others, others.length)}, ${took(others)}\n`,
    )

    expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 201))
    expect(audit).toMatchObject({ ok: true, events: whales.length })
    const { conflicts, conditions, torn } = counts.others
    expect(conflicts + conditions + torn).toBeLessThan(others.length * 0.05)
    if (processes === 1)
      expect(counts.whale).toMatchObject({ conflicts: 0, conditions: 0, torn: 0 })
    else expect(counts.whale.conflicts + counts.whale.torn).toBeGreaterThan(0)
  },
)
