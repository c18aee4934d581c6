/**
 * Processes that want the same work, over a store that is slow and fails, with clocks that jump and
 * processes that stop in the middle: the effects form one line of epochs, whatever a seed brings.
 */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createFaultyStore } from '@cnop/kit/store/faulty-store.ts'
import { createLease, type Grip } from '@cnop/kit/store/lease.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Key, Store } from '@cnop/kit/store/store.ts'
import { expect, test } from 'vitest'
import { createVirtualTime } from './virtual-time.ts'

const SEEDS = 100
const WORKERS = 3
const TERM_MS = 3_000
const STEP_MS = 700
const CHAOS_MS = 60_000
const CALM_MS = 20_000

const COUNTER: Key = { pk: 'work', sk: 'COUNTER' }
const effectKey = (number: bigint): Key => ({
  pk: 'work',
  sk: `EFFECT#${String(number).padStart(8, '0')}`,
})
const RATES = { lostRequest: 0.02, lostReply: 0.02, conflict: 0.02, throttled: 0.02, crash: 0 }

type Effect = { readonly owner: string; readonly epoch: bigint; readonly atMs: number }

/** A clock that is set, or runs at another speed. */
function disturb(ticking: { jumpedMs: number; speed: number }, chance: () => number): void {
  if (chance() < 0.1) ticking.jumpedMs += (chance() - 0.3) * 20_000
  if (chance() < 0.05) ticking.speed = 0.5 + chance()
}

/** The next number, by who may. */
function commitEffect(
  store: Store,
  by: CommitClock & { readonly grip: Grip; readonly owner: string },
): Promise<void> {
  const { grip, owner } = by
  return commitDecision({
    store,
    keys: [COUNTER, grip.key],
    clock: by,
    deadline: by.now() + 5_000,
    decide: ([row, held]) => {
      if (!grip.holds(held)) return { ops: [], outcome: undefined }
      const number = ((row?.['number'] as bigint | undefined) ?? 0n) + 1n
      const effect = { owner, epoch: grip.epoch, at: BigInt(by.now()) }
      return {
        ops: [
          grip.fence,
          { kind: 'put', key: COUNTER, row: { number } },
          { kind: 'put', key: effectKey(number), row: effect },
        ],
        outcome: undefined,
      }
    },
  })
}

async function simulate(seed: number) {
  const chance = createChance(seed)
  const time = createVirtualTime(1_000_000)
  const truth = createMemoryStore({ now: time.now })
  let chaos = true
  const flaky = (): Store =>
    createDawdlingStore({
      store: createFaultyStore({
        store: truth,
        chance: () => (chaos ? chance() : 0.999),
        rates: RATES,
        onCrash: () => undefined,
      }),
      chance,
      pause: time.pause,
      pauseMsMax: 400,
    })
  const endMs = time.now() + CHAOS_MS + CALM_MS

  async function work(owner: string): Promise<void> {
    const store = flaky()
    const ticking = { jumpedMs: 0, speed: 1 }
    const lease = createLease({
      store,
      name: 'work',
      owner,
      elapsedMs: () => (chaos ? time.now() * ticking.speed + ticking.jumpedMs : time.now()),
      termMs: TERM_MS,
    })
    const clock = { now: time.now, random: chance, pause: time.pause }
    while (time.now() < endMs) {
      if (chaos) disturb(ticking, chance)
      // A store that failed: the next turn decides from what it says then.
      const grip = await lease.hold().catch(() => undefined)
      // Stopped in the middle, for longer than a term.
      if (chaos && chance() < 0.08) await time.pause(chance() * 4 * TERM_MS)
      if (grip !== undefined)
        await commitEffect(store, { ...clock, grip, owner }).catch(() => undefined)
      await time.pause(STEP_MS * (0.5 + chance()))
    }
  }

  const calm = time.pause(CHAOS_MS).then(() => {
    chaos = false
  })
  const workers = Array.from({ length: WORKERS }, (_, i) => work(`worker-${i}`))
  await time.run(Promise.all([calm, ...workers]))
  const page = await truth.query('work', { from: 'EFFECT#', to: 'EFFECT#~', limit: 1_000 })
  const effects = page.rows.map(
    ({ row }): Effect => ({
      owner: row['owner'] as string,
      epoch: row['epoch'] as bigint,
      atMs: Number(row['at']),
    }),
  )
  const [counter] = await truth.snapshot([COUNTER])
  return { effects, counter: counter?.['number'] as bigint, calmFromMs: 1_000_000 + CHAOS_MS }
}

test(`effects follow each other epoch by epoch, in ${SEEDS} histories`, async () => {
  let hands = 0
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { effects, counter, calmFromMs } = await simulate(seed)
    const owners = new Map<bigint, string>()
    let last = 0n
    for (const { owner, epoch } of effects) {
      expect(epoch >= last, `seed ${seed}: epoch ${epoch} after ${last}`).toBe(true)
      expect(owners.get(epoch) ?? owner, `seed ${seed}: one owner of epoch ${epoch}`).toBe(owner)
      owners.set(epoch, owner)
      last = epoch
    }
    expect(BigInt(effects.length), `seed ${seed}: none lost, none twice`).toBe(counter)
    const calm = effects.filter(({ atMs }) => atMs > calmFromMs + 3 * TERM_MS)
    expect(
      new Set(calm.map(({ epoch }) => epoch)).size,
      `seed ${seed}: one holder in the end`,
    ).toBe(1)
    hands += owners.size
  }
  // The histories are worth something: the lease changed hands often.
  expect(hands).toBeGreaterThan(3 * SEEDS)
}, 120_000)
