import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createConflictingStore } from './conflicting-store.ts'
import { createDawdlingStore } from './dawdling-store.ts'
import { createFaultyStore } from './faulty-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { createChance } from './seeded-chance.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { STORE_CASES, storeConformance } from './store-conformance.ts'

const now = () => Date.now()
const NEVER = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }
let directory = ''
let files = 0

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function openFresh() {
  files += 1
  const onFatal = (error: unknown) => {
    throw error
  }
  return openSqliteStore({ file: join(directory, `${files}.db`), now, onFatal })
}

const dawdling = {
  chance: createChance(7),
  pause: async (ms: number) => {
    await pause(ms)
  },
  pauseMsMax: 2,
}
const faultless = { chance: () => 0, rates: NEVER, onCrash: () => undefined }

const transcripts = {
  memory: storeConformance('memory', async () => createMemoryStore({ now })),
  sqlite: storeConformance('SQLite', async () => openFresh()),
  dawdlingMemory: storeConformance('dawdling memory', async () =>
    createDawdlingStore({ store: createMemoryStore({ now }), ...dawdling }),
  ),
  dawdlingSqlite: storeConformance('dawdling SQLite', async () =>
    createDawdlingStore({ store: openFresh(), ...dawdling }),
  ),
  conflictingMemory: storeConformance('conflicting dawdling memory', async () =>
    createConflictingStore(createDawdlingStore({ store: createMemoryStore({ now }), ...dawdling })),
  ),
  faultless: storeConformance('never failing faulty', async () =>
    createFaultyStore({ store: createMemoryStore({ now }), ...faultless }),
  ),
}

test('every store gives the same transcript, call by call', () => {
  const { memory, ...others } = transcripts
  for (const other of Object.values(others)) {
    expect(Object.fromEntries(other)).toStrictEqual(Object.fromEntries(memory))
  }
  expect(memory.size).toBe(STORE_CASES.length)
  expect([...memory.values()].every((lines) => lines.length > 0)).toBe(true)
})

test('the suite has at least 80 distinct cases', () => {
  const titles = new Set(STORE_CASES.map(({ title }) => title))
  expect(titles.size).toBe(STORE_CASES.length)
  expect(titles.size).toBeGreaterThanOrEqual(80)
})
