/**
 * Processes that want the same work, over a store that is slow and fails, with clocks that jump and
 * processes that stop in the middle: the effects form one line of epochs, whatever a seed brings.
 */
import { commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createFaultyStore } from '@cnop/kit/store/faulty-store.ts'
import { createLease } from '@cnop/kit/store/lease.ts'
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
    let tokens = 0
    let jumpedMs = 0
    let speed = 1
    const lease = createLease({
      store,
      name: 'work',
      owner,
      elapsedMs: () => (chaos ? time.now() * speed + jumpedMs : time.now()),
      termMs: TERM_MS,
      newToken: () => `${owner}-lease-${(tokens += 1)}`.padEnd(16, '.'),
    })
    const clock = { now: time.now, random: chance, pause: time.pause }
    while (time.now() < endMs) {
      if (chaos && chance() < 0.1) jumpedMs += (chance() - 0.3) * 20_000
      if (chaos && chance() < 0.05) speed = 0.5 + chance()
      try {
        const grip = await lease.hold()
        // Stopped in the middle, for longer than a term.
        if (chaos && chance() < 0.08) await time.pause(chance() * 4 * TERM_MS)
        if (grip !== undefined) {
          await commitDecision({
            store,
            keys: [COUNTER, grip.key],
            clock,
            deadline: time.now() + 5_000,
            decide: ([counter, held]) => {
              if (!grip.holds(held)) return { ops: [], outcome: undefined }
              const number = ((counter?.['number'] as bigint | undefined) ?? 0n) + 1n
              return {
                ops: [
                  grip.fence,
                  { kind: 'put', key: COUNTER, row: { number } },
                  {
                    kind: 'put',
                    key: effectKey(number),
                    row: { owner, epoch: grip.epoch, at: BigInt(time.now()) },
                  },
                ],
                outcome: undefined,
              }
            },
          })
        }
      } catch {
        // The store failed: the next turn decides from what it says then.
      }
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
    expect(new Set(calm.map(({ epoch }) => epoch)).size, `seed ${seed}: one holder in the end`).toBe(1)
    hands += owners.size
  }
  // The histories are worth something: the lease changed hands often.
  expect(hands).toBeGreaterThan(3 * SEEDS)
}, 120_000)
