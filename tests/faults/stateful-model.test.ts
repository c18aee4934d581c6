/** Drawn histories of one account, on every kind of store, held against a model written apart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import { auditStore } from '@cnop/services/order/audit/audit-store.ts'
import { assert, asyncProperty } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Site } from './model-commands.ts'
import { type Reached, runModel } from './model-run.ts'
import { anyFee, anySteps, STEPS_MAX } from './model-steps.ts'
import { createVirtualTime } from './virtual-time.ts'

const now = (): number => 0
/** Later than any history gets. */
const AFTERWARDS_MS = Date.UTC(2100, 0, 1)

type Drawn = (run: (site: Site) => Promise<void>) => Promise<void>

let users = 0

/** Runs so many histories, each of an account of its own. */
async function play(runs: number, withSite: Drawn): Promise<Reached> {
  const reached: Reached = new Map()
  const property = asyncProperty(anyFee, anySteps, (feeBasisPoints, steps) => {
    users += 1
    const userId = `01J${String(users).padStart(23, '0')}`
    return withSite((site) => runModel(site, { userId, feeBasisPoints, steps }, reached))
  })
  await assert(property, { numRuns: runs, seed: 20_260_130 })
  return reached
}

/** What the histories in memory must have met; a generator that no longer does proves nothing. */
const REACHED_AT_LEAST: Readonly<Record<string, number>> = {
  'deposit transferred': 1_500,
  'deposit daily-limit-exceeded': 800,
  'deposit account-frozen': 250,
  'deposit invalid-input': 100,
  'withdraw transferred': 900,
  'withdraw insufficient-funds': 500,
  'withdraw daily-limit-exceeded': 200,
  'buy traded': 1_000,
  'buy insufficient-funds': 500,
  'buy order-too-small': 500,
  'buy order-too-large': 200,
  'buy price-moved': 500,
  'buy prices-stale': 150,
  'buy asset-halted': 200,
  'sell traded': 500,
  'sell insufficient-holdings': 400,
  'sell order-too-large': 200,
  'sell price-moved': 500,
  'adjust transferred': 700,
  'adjust insufficient-funds': 30,
  'adjust insufficient-holdings': 200,
  'cancel order-not-open': 200,
  'cancel order-not-found': 500,
  'claim transferred': 200,
  'claim reward-claimed': 150,
  'claim account-frozen': 50,
  'freeze is': 200,
  'release is': 800,
  'again replayed': 1_200,
  'other-body idempotency-key-reused': 600,
}
/** Of keys whose thirty days were over. */
const ASKED_ANEW_AT_LEAST = 50

describe(`histories of up to ${STEPS_MAX} steps end as the model says`, {
  timeout: 120_000,
}, () => {
  it('1000 of them in memory', async () => {
    const store = createMemoryStore({ now })
    const random = createChance(1)
    const site = { stores: [store], truth: store, random, pause: async () => {} }
    const reached = await play(1_000, (run) => run(site))
    for (const [what, least] of Object.entries(REACHED_AT_LEAST))
      expect(reached.get(what) ?? 0, what).toBeGreaterThan(least)
    const anew = (reached.get('again traded') ?? 0) + (reached.get('again transferred') ?? 0)
    expect(anew).toBeGreaterThan(ASKED_ANEW_AT_LEAST)
    expect(await auditStore({ store, nowMs: AFTERWARDS_MS })).not.toHaveProperty('broken')
  })

  it('1000 of them in two processes at once, over a store that dawdles', async () => {
    const random = createChance(2)
    const truth = createMemoryStore({ now })
    await play(1_000, (run) => {
      const { pause, run: runThrough } = createVirtualTime(0)
      const dawdling = () =>
        createDawdlingStore({ store: truth, chance: random, pause, pauseMsMax: 5 })
      return runThrough(run({ stores: [dawdling(), dawdling()], truth, random, pause }))
    })
    expect(await auditStore({ store: truth, nowMs: AFTERWARDS_MS })).not.toHaveProperty('broken')
  })

  it('100 of them in two processes at once, on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cnop-model-'))
    const onFatal = (error: unknown): never => {
      throw error
    }
    const store = openSqliteStore({ file: join(folder, 'order.db'), now, onFatal })
    const random = createChance(3)
    try {
      await play(100, (run) =>
        run({ stores: [store, store], truth: store, random, pause: async () => {} }),
      )
      expect(await auditStore({ store, nowMs: AFTERWARDS_MS })).not.toHaveProperty('broken')
    } finally {
      await store.close()
      rmSync(folder, { recursive: true })
    }
  })
})
