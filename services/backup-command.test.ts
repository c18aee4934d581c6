/** The backup and restore programs, on the files of stores that are open and written to. */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deposit } from '@cnop/contract/balance.ts'
import type { ServiceName } from '@cnop/contract/route.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readManifest, stateHashOf } from './backup-manifest.ts'
import { callerSecretOf, dataFileOf, openDataDir } from './data-dir.ts'
import { auditAccount } from './order/audit/audit-account.ts'
import { depositCash } from './order/cash/transfer-cash.ts'
import { createLedger } from './order/ledger/ledger.ts'
import { ORDER_RULES_DEFAULT } from './order/order-rules.ts'

const USERS = ['01J9ZQ4M6T8R2V5X7Y0A3B4C5D', '01J9ZQ4M6T8R2V5X7Y0A3B4C5E']
const RULES = { ...ORDER_RULES_DEFAULT, depositPerDayMax: 1_000_000_00n }

let root = ''
let dataDir = ''
let backup = ''
let restored = ''
let open: Store[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'backup-'))
  dataDir = openDataDir(join(root, 'data'))
  backup = join(root, 'backup')
  restored = join(root, 'restored')
})
afterEach(async () => {
  await closeStores()
  rmSync(root, { recursive: true })
})

function openStore(folder: string, service: ServiceName): Store {
  const onFatal = (error: unknown): void => {
    throw error
  }
  const store = openSqliteStore({ file: dataFileOf(folder, service), now: Date.now, onFatal })
  open.push(store)
  return store
}

async function closeStores(): Promise<void> {
  await Promise.all(open.map((store) => store.close()))
  open = []
}

async function putRow(store: Store, text: string): Promise<void> {
  const key = { pk: 'P#1', sk: text }
  await store.transact([{ kind: 'put', key, row: { text } }], { token: text })
}

type Outcome = { readonly code: number; readonly said: string; readonly complaint: string }

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Outcome> {
  const file = join(import.meta.dirname, program)
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [file, ...args],
      { env, cwd: root },
      (_, said, complaint) => resolve({ code: child.exitCode ?? -1, said, complaint }),
    )
  })
}

const backUp = (env: Record<string, string> = {}, folder = backup) =>
  run('backup-command.ts', [folder], { DATA_DIR: dataDir, ...env })

const restore = (folder = backup) => run('restore-command.ts', [folder], { DATA_DIR: restored })

/** Deposits until told to stop; resolves with how many were acknowledged. */
function keepDepositing(store: Store): { readonly acknowledged: number[]; stop(): Promise<void> } {
  const ledger = createLedger({ store, clock: systemCommitClock })
  const acknowledged = USERS.map(() => 0)
  let stopped = false
  const running = USERS.map(async (userId, index) => {
    for (let count = 1; !stopped; count += 1) {
      const asked = {
        userId,
        actor: { kind: 'customer' } as const,
        requestId: `request-${count}`,
        key: `deposit-number-${count}`,
        deadline: Date.now() + 10_000,
        route: deposit,
        params: {},
        body: { amount: '1.00' },
      }
      const newId = () => `01J9ZQ4M6T8R2V5X7Y${String(count).padStart(8, '0')}`
      const { status } = await depositCash(asked, { ledger, rules: RULES, newId })
      expect(status).toBe(201)
      acknowledged[index] = count
    }
  })
  return {
    acknowledged,
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}

async function audit(folder: string, userId: string) {
  const reader = openSqliteReader({ file: dataFileOf(folder, 'order') })
  try {
    return await auditAccount({ store: reader, userId, nowMs: Date.now() })
  } finally {
    await reader.close()
  }
}

async function aSmallBackup(): Promise<void> {
  for (const service of ['auth', 'order'] as const) {
    await putRow(openStore(dataDir, service), `of ${service}`)
  }
  expect(await backUp()).toMatchObject({ code: 0, complaint: '' })
}

test('a backup taken while money moves is restored with an equal state hash and clean books', async () => {
  const depositing = keepDepositing(openStore(dataDir, 'order'))
  await expect.poll(() => Math.min(...depositing.acknowledged)).toBeGreaterThan(20)
  const before = [...depositing.acknowledged]
  const made = await backUp()
  const after = [...depositing.acknowledged]
  await depositing.stop()
  expect(made).toMatchObject({ code: 0, complaint: '' })
  expect(await restore()).toMatchObject({ code: 0, complaint: '' })

  const [order] = readManifest(backup).stores
  expect(order?.service).toBe('order')
  expect(await stateHashOf(restored, 'order')).toBe(order?.state_hash)
  expect(made.said).toContain(`order      ${order?.state_hash}\n`)
  for (const [index, userId] of USERS.entries()) {
    const { ok, events, checks } = await audit(restored, userId)
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    expect(events).toBeGreaterThanOrEqual(before[index]!)
    // One more may be on the disk than was acknowledged at that moment.
    expect(events).toBeLessThanOrEqual(after[index]! + 1)
  }
})

test('every store there is comes along, those who refer to others first', async () => {
  for (const service of ['auth', 'user', 'inventory', 'order'] as const) {
    await putRow(openStore(dataDir, service), `of ${service}`)
  }
  await backUp()
  const { stores } = readManifest(backup)
  expect(stores.map(({ service }) => service)).toEqual(['order', 'inventory', 'user', 'auth'])
  await restore()
  for (const { service, state_hash } of stores) {
    expect(await stateHashOf(restored, service)).toBe(state_hash)
  }
})

test('a restored store goes on where the backup left it', async () => {
  await aSmallBackup()
  await restore()
  const store = openStore(restored, 'order')
  expect(await store.snapshot([{ pk: 'P#1', sk: 'of order' }])).toEqual([{ text: 'of order' }])
  await putRow(store, 'later')
})

test('the secret comes along, and only its owner can read any of it', async () => {
  const secret = callerSecretOf(dataDir, undefined)
  await aSmallBackup()
  await restore()
  expect(callerSecretOf(restored, undefined)).toBe(secret)
  for (const folder of [backup, restored]) {
    expect((statSync(folder).mode & 0o077).toString(8)).toBe('0')
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o077)
    expect(modes.length).toBeGreaterThanOrEqual(3)
    expect(new Set(modes)).toEqual(new Set([0]))
  }
})

test('a configured secret is in no backup', async () => {
  await putRow(openStore(dataDir, 'order'), 'a row')
  const configured = 'a-secret-that-only-this-test-would-use'
  expect(await backUp({ CALLER_SECRET: configured })).toMatchObject({ code: 0 })
  expect(readManifest(backup).caller_secret).toBe(false)
  for (const name of readdirSync(backup)) {
    expect(readFileSync(join(backup, name)).includes(configured)).toBe(false)
  }
  expect(await restore()).toMatchObject({ code: 0 })
  expect(existsSync(join(restored, 'caller-secret'))).toBe(false)
})

test('nothing is overwritten, by a backup or by restoring one', async () => {
  await aSmallBackup()
  const made = readManifest(backup)
  const again = await backUp()
  expect(again).toMatchObject({ code: 1, said: '' })
  expect(again.complaint).toMatch(/backup is not empty, and nothing is overwritten\. .*\n$/)
  expect(readManifest(backup)).toEqual(made)

  mkdirSync(restored)
  writeFileSync(join(restored, 'notes.txt'), 'mine')
  const refused = await restore()
  expect(refused).toMatchObject({ code: 1, said: '' })
  expect(refused.complaint).toMatch(/restored is not empty, and nothing is overwritten\. .*\n$/)
  expect(readdirSync(restored)).toEqual(['notes.txt'])
})

test('a backup that was altered is refused before anything is put', async () => {
  await aSmallBackup()
  await closeStores()
  await putRow(openStore(backup, 'auth'), 'an intruder')
  await closeStores()
  const { code, complaint } = await restore()
  expect(code).toBe(1)
  expect(complaint).toMatch(/auth\.db does not hold what was backed up: .*\n$/)
  expect(existsSync(restored)).toBe(false)
})

test('a backup that lacks a file is refused before anything is put', async () => {
  await aSmallBackup()
  rmSync(dataFileOf(backup, 'auth'))
  const { code, complaint } = await restore()
  expect(code).toBe(1)
  expect(complaint).toMatch(/auth\.db cannot be opened\. .*\n$/)
  expect(existsSync(restored)).toBe(false)
})

test('a restore that ends half way says so', async () => {
  callerSecretOf(dataDir, undefined)
  await aSmallBackup()
  rmSync(join(backup, 'caller-secret'))
  const { code, complaint } = await restore()
  expect(code).toBe(1)
  expect(complaint).toMatch(
    /^ENOENT: .*caller-secret.*\n.*restored is restored in part only: .*\n$/,
  )
  expect(await restore()).toMatchObject({ code: 1, complaint: expect.stringContaining('empty') })
})

test.each([
  ['no manifest', undefined, /manifest\.json cannot be read, so the folder is no backup, .*\n$/],
  ['half a manifest', '{"format": 1,', /cannot be read, so the folder is no backup, .*\n$/],
  ['no store', '{"format":1,"made_at":"2026-01-02T03:04:05Z","stores":[]}', /is no manifest/],
  ['a later format', '{"format":2}', /Restore with the version that made the backup\.\n$/],
])('a folder with %s is no backup', async (_what, manifest, sentence) => {
  mkdirSync(backup)
  if (manifest !== undefined) writeFileSync(join(backup, 'manifest.json'), manifest)
  const { code, complaint } = await restore()
  expect(code).toBe(1)
  expect(complaint).toMatch(sentence)
  expect(existsSync(restored)).toBe(false)
})

test('a folder without data is said to be one, and no backup is made of it', async () => {
  const { code, complaint } = await backUp()
  expect(code).toBe(1)
  expect(complaint).toMatch(/^There is no data in .*\. Set DATA_DIR as the platform has it\.\n$/)
  expect(existsSync(backup)).toBe(false)
})

test('a folder that cannot be made is named', async () => {
  await putRow(openStore(dataDir, 'order'), 'a row')
  const { code, complaint } = await backUp({}, join(dataFileOf(dataDir, 'order'), 'below'))
  expect(code).toBe(1)
  expect(complaint).toMatch(/^[^\n]*order\.db\/below[^\n]*\n$/)
})

test.each([
  ['backup-command.ts', []],
  ['backup-command.ts', ['one', 'two']],
  ['restore-command.ts', ['--help']],
])('%s with %j says what it takes', async (program, args) => {
  const { code, complaint } = await run(program, args, { DATA_DIR: dataDir })
  expect(code).toBe(1)
  expect(complaint).toMatch(/^Give one folder: npm run (backup|restore) -- <folder>\n$/)
})
