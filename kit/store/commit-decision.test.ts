import { describe, expect, it } from 'vitest'
import { commitDecision, systemCommitClock } from './commit-decision.ts'
import { createFaultyStore } from './faulty-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { createChance } from './seeded-chance.ts'
import { type Op, type Row, type Store, StoreFault } from './store.ts'

const KEY = { pk: 'setting', sk: 'theme' }
const NO_FAULTS = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }

const put = (row: Row): Op[] => [{ kind: 'put', key: KEY, row }]

const commit = <T>(
  store: Store,
  decide: (row: Row | undefined) => { ops: Op[]; outcome: T },
  forMs = 2_000,
) =>
  commitDecision({
    store,
    keys: [KEY],
    decide: ([row]) => decide(row),
    deadline: Date.now() + forMs,
    clock: systemCommitClock,
  })

const count = (row: Row | undefined) => {
  const next = ((row?.['count'] as bigint | undefined) ?? 0n) + 1n
  const when = row === undefined ? { absent: true as const } : { equals: { count: next - 1n } }
  return { ops: [{ kind: 'put' as const, key: KEY, row: { count: next }, when }], outcome: next }
}

/** Tries in a time that only pauses move, with every draw the same, where each write meets the fault. */
async function tried({
  fault,
  deadline,
  draw = 0.5,
}: {
  fault: StoreFault
  deadline: number
  draw?: number
}) {
  const pauses: number[] = []
  let nowMs = 0
  const clock = {
    now: () => nowMs,
    random: () => draw,
    pause: async (ms: number) => {
      pauses.push(ms)
      nowMs += ms
    },
  }
  const store: Store = {
    ...createMemoryStore({ now: clock.now }),
    transact: async () => {
      throw fault
    },
  }
  const decide = () => count(undefined)
  const thrown = await commitDecision({ store, keys: [KEY], decide, deadline, clock }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { pauses, thrown }
}

const faulty = (rates: Partial<typeof NO_FAULTS>, seed: number) => {
  const store = createMemoryStore({ now: Date.now })
  const failing = createFaultyStore({
    store,
    chance: createChance(seed),
    rates: { ...NO_FAULTS, ...rates },
    onCrash: () => undefined,
  })
  return { store, failing }
}

describe('commitDecision', () => {
  it('applies a value that is set, changed and set back', async () => {
    const store = createMemoryStore({ now: Date.now })
    for (const theme of ['dark', 'light', 'dark']) {
      await commit(store, () => ({ ops: put({ theme }), outcome: undefined }))
      expect(await store.snapshot([KEY])).toEqual([{ theme }])
    }
  })

  it('loses no increment of fifty at once', async () => {
    const store = createMemoryStore({ now: Date.now })
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => commit(store, count, 20_000)),
    )
    expect(new Set(outcomes).size).toBe(50)
    expect(await store.snapshot([KEY])).toEqual([{ count: 50n }])
  })

  it('applies once what was applied and never confirmed, where a snapshot can tell', async () => {
    const { store, failing } = faulty({ lostReply: 0.4 }, 11)
    let applied = 0
    for (let index = 0; index < 40; index += 1) {
      const marker = { pk: 'marker', sk: String(index) }
      await commitDecision({
        store: failing,
        keys: [KEY, marker],
        decide: ([row, done]) => {
          if (done !== undefined) return { ops: [], outcome: undefined }
          const { ops } = count(row)
          return {
            ops: [
              ...ops,
              { kind: 'put', key: marker, row: { done: true }, when: { absent: true } },
            ],
            outcome: undefined,
          }
        },
        deadline: Date.now() + 20_000,
        clock: systemCommitClock,
      }).then(
        () => {
          applied += 1
        },
        () => undefined,
      )
    }
    const [counted] = await store.snapshot([KEY])
    expect(failing.counts.lostReply).toBeGreaterThan(5)
    expect(counted?.['count']).toBeGreaterThanOrEqual(BigInt(applied))
    expect(counted?.['count']).toBeLessThanOrEqual(40n)
  })

  it('never calls a lost outcome a failure', async () => {
    const store = createMemoryStore({ now: Date.now })
    const mute: Store = {
      ...store,
      async transact(ops, options) {
        await store.transact(ops, options)
        throw new StoreFault('outcome-unknown', 'No answer came')
      },
    }
    await expect(commit(mute, count, 50)).rejects.toMatchObject({ code: 'outcome-unknown' })
  })

  it('gives up at the deadline and says that others were faster', async () => {
    const { failing } = faulty({ conflict: 1 }, 5)
    await expect(commit(failing, count, 50)).rejects.toMatchObject({
      code: 'contention',
      retryAfterSeconds: 1,
    })
  })

  it('says that nothing can be written while the store is closed', async () => {
    const store = createMemoryStore({ now: Date.now })
    await store.close()
    await expect(commit(store, count)).rejects.toMatchObject({ code: 'store-unavailable' })
  })

  it('passes on what the decision throws, and writes nothing', async () => {
    const store = createMemoryStore({ now: Date.now })
    const refusal = new Error('no')
    await expect(
      commit(store, () => {
        throw refusal
      }),
    ).rejects.toBe(refusal)
    expect(await store.snapshot([KEY])).toEqual([undefined])
  })

  describe('between two attempts', () => {
    const fault = new StoreFault('conflict', 'another was faster')

    it('pauses for a random share of a time that doubles, up to a tenth of a second', async () => {
      const halves = await tried({ fault, deadline: 300 })
      expect(halves.pauses).toEqual([1, 2, 4, 8, 16, 32, 50, 50, 50, 50])
      const quarters = await tried({ fault, deadline: 100, draw: 0.25 })
      expect(quarters.pauses).toEqual([0.5, 1, 2, 4, 8, 16, 25, 25])
    })

    it.each([
      [15, [1, 2, 4]],
      [15.5, [1, 2, 4, 8]],
    ])('begins no pause that the deadline of %d ms would end', async (deadline, pauses) => {
      expect((await tried({ fault, deadline })).pauses).toEqual(pauses)
    })

    it('pauses in the time of the process', async () => {
      const startedAt = performance.now()
      await systemCommitClock.pause(20)
      expect(performance.now() - startedAt).toBeGreaterThan(15)
    })
  })

  it('tries again what was throttled, and says why', async () => {
    const store = createMemoryStore({ now: Date.now })
    let throttled = 0
    const busy: Store = {
      ...store,
      transact: async (ops, options) => {
        throttled += 1
        if (throttled === 1) throw new StoreFault('throttled', 'too many requests')
        await store.transact(ops, options)
      },
    }
    const reasons: string[] = []
    const outcome = await commitDecision({
      store: busy,
      keys: [KEY],
      decide: ([row]) => count(row),
      deadline: Date.now() + 2_000,
      clock: systemCommitClock,
      onRetry: (reason) => reasons.push(reason),
    })
    expect([outcome, reasons]).toEqual([1n, ['throttled']])
  })

  it.each([
    ['condition-failed', 'contention', 1],
    ['conflict', 'contention', 1],
    ['throttled', 'contention', 1],
    ['outcome-unknown', 'outcome-unknown', 1],
    ['unavailable', 'store-unavailable', 5],
  ] as const)(
    'that ends with %s is told as %s, to be repeated in %i s',
    async (code, told, after) => {
      const fault = new StoreFault(code, 'as the store says it')
      const { thrown } = await tried({ fault, deadline: 0 })
      expect(thrown).toMatchObject({ code: told, retryAfterSeconds: after, cause: fault })
    },
  )

  it.each(['too-large', 'token-mismatch', 'cursor-expired'] as const)(
    'that ends with %s is a mistake, not tried again and told as it is',
    async (code) => {
      const fault = new StoreFault(code, 'as the store says it')
      expect(await tried({ fault, deadline: 1_000 })).toEqual({ pauses: [], thrown: fault })
    },
  )
})
