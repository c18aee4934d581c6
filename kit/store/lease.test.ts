import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { createDawdlingStore } from './dawdling-store.ts'
import { leaseConformance } from './lease-conformance.ts'
import { createMemoryStore } from './memory-store.ts'
import { createChance } from './seeded-chance.ts'
import { openSqliteStore } from './sqlite-store.ts'

const now = () => Date.now()
const directory = mkdtempSync(join(tmpdir(), 'lease-'))
let files = 0
afterAll(() => rmSync(directory, { recursive: true }))

const openFresh = () => {
  files += 1
  const onFatal = (error: unknown): void => {
    throw error
  }
  return openSqliteStore({ file: join(directory, `${files}.db`), now, onFatal })
}

leaseConformance('memory', async () => createMemoryStore({ now }))
leaseConformance('SQLite', async () => openFresh())
leaseConformance('dawdling memory', async () =>
  createDawdlingStore({
    store: createMemoryStore({ now }),
    chance: createChance(11),
    pause: async (ms) => {
      await pause(ms)
    },
    pauseMsMax: 2,
  }),
)
