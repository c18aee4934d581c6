import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backupStore, restoreStore } from './backup.ts'
import { commit, key, put, read, refusalOf, times } from './conformance/store-case.ts'
import { createMemoryStore } from './memory-store.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { stateHash } from './state-hash.ts'
import { type Store, StoreOpenError } from './store.ts'

const PROGRAM = join(import.meta.dirname, 'store-process.ts')
const A = key('left', 'counter')
const B = key('right', 'counter')
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function open(name: string) {
  const onFatal = (error: unknown) => {
    throw error
  }
  return openSqliteStore({ file: at(name), now: () => 0, onFatal })
}

function at(name: string): string {
  return join(directory, name)
}

async function hashOfFile(name: string): Promise<string> {
  const reader = openSqliteReader({ file: at(name) })
  try {
    return await stateHash(reader)
  } finally {
    await reader.close()
  }
}

/** Enough rows that a copy of them takes a while. */
async function fill(store: Store): Promise<void> {
  for (let page = 0; page < 40; page += 1) {
    const ops = times(50, (index) =>
      put(key(`p${page}`, String(index)), { text: 'x'.repeat(2000) }),
    )
    await commit(store, ...ops)
  }
}

async function count(store: Store, n: bigint): Promise<void> {
  await commit(store, put(A, { n }), put(B, { n }))
}

async function newBackup(): Promise<void> {
  const store = open('live.db')
  await count(store, 1n)
  backupStore({ from: at('live.db'), to: at('backup.db') })
  await store.close()
}

function alter(name: string, sql: string): void {
  const db = new DatabaseSync(at(name))
  db.exec(sql)
  db.close()
}

function refusal(run: () => void): string {
  try {
    run()
  } catch (error) {
    if (error instanceof StoreOpenError) return error.message
    throw error
  }
  throw new Error('It was not refused')
}

function restoreRefusal(): string {
  return refusal(() => restoreStore({ from: at('backup.db'), to: at('restored.db') }))
}

test('a backup taken while the store is written to holds exactly the rows of one commit', async () => {
  const store = open('live.db')
  await fill(store)
  await count(store, 0n)
  const child = spawn(process.execPath, [PROGRAM, 'backup', at('live.db'), at('backup.db')])
  const ended = once(child, 'close')
  let n = 0n
  while (child.exitCode === null && child.signalCode === null) {
    n += 1n
    await count(store, n)
  }
  await ended
  await store.close()
  expect(child.exitCode).toBe(0)

  restoreStore({ from: at('backup.db'), to: at('restored.db') })
  const restored = open('restored.db')
  const counted = (await read(restored, A))?.['n'] as bigint
  expect(counted).toBeGreaterThan(0n)
  expect(counted).toBeLessThan(n)
  const expected = createMemoryStore({ now: () => 0 })
  await fill(expected)
  await count(expected, counted)
  expect(await stateHash(restored)).toBe(await stateHash(expected))
  await restored.close()
})

test('a backup and what is restored from it have the hash of the store', async () => {
  const store = open('live.db')
  await fill(store)
  const hash = await stateHash(store)
  backupStore({ from: at('live.db'), to: at('backup.db') })
  await store.close()
  restoreStore({ from: at('backup.db'), to: at('restored.db') })
  expect(await hashOfFile('live.db')).toBe(hash)
  expect(await hashOfFile('backup.db')).toBe(hash)
  expect(await hashOfFile('restored.db')).toBe(hash)
})

test('a restored store is written to like any other', async () => {
  await newBackup()
  restoreStore({ from: at('backup.db'), to: at('restored.db') })
  const restored = open('restored.db')
  await count(restored, 2n)
  expect(await restored.snapshot([A, B])).toStrictEqual([{ n: 2n }, { n: 2n }])
  await restored.close()
})

test('a cursor taken before has expired in a restored store, which may go another way', async () => {
  const store = open('live.db')
  await count(store, 1n)
  const { cursor } = await store.changes('', 9)
  backupStore({ from: at('live.db'), to: at('backup.db') })
  await store.close()
  restoreStore({ from: at('backup.db'), to: at('restored.db') })
  const restored = open('restored.db')
  expect(await refusalOf(restored.changes(cursor, 9))).toBe('cursor-expired')
  expect((await restored.changes('', 9)).partitions).toStrictEqual(['left', 'right'])
  await restored.close()
})

test('a backup put in place by hand does not take cursors of what came after it', async () => {
  const store = open('live.db')
  await count(store, 1n)
  backupStore({ from: at('live.db'), to: at('backup.db') })
  await count(store, 2n)
  const { cursor } = await store.changes('', 9)
  await store.close()
  const copy = open('backup.db')
  expect(await refusalOf(copy.changes(cursor, 9))).toBe('cursor-expired')
  await copy.close()
})

test('a backup does not replace a file', async () => {
  await newBackup()
  const before = readFileSync(at('backup.db'))
  const again = () => backupStore({ from: at('live.db'), to: at('backup.db') })
  expect(refusal(again)).toContain('backup.db exists and is not overwritten')
  expect(readFileSync(at('backup.db'))).toStrictEqual(before)
})

test.each(['restored.db', 'restored.db-wal'])('a restore does not replace %s', async (name) => {
  await newBackup()
  writeFileSync(at(name), 'precious')
  expect(restoreRefusal()).toContain(`${name} exists and is not overwritten`)
  expect(readFileSync(at(name), 'utf8')).toBe('precious')
})

test('a restore is refused where a store is running', async () => {
  await newBackup()
  const running = open('restored.db')
  expect(restoreRefusal()).toContain('in use by another process')
  await running.close()
})

test('the file of a running store is not restored from: it is not all there is of it', async () => {
  const store = open('backup.db')
  await count(store, 1n)
  expect(restoreRefusal()).toContain('Take a backup of it first')
  await store.close()
})

test('a damaged backup is refused, and leaves nothing where the store is to be', async () => {
  await newBackup()
  const bytes = readFileSync(at('backup.db'))
  bytes.fill(0xff, 4096, 2 * 4096)
  writeFileSync(at('backup.db'), bytes)
  expect(restoreRefusal()).toContain('damaged')
  expect(readdirSync(directory).filter((name) => name.startsWith('restored'))).toStrictEqual([
    'restored.db.lock',
  ])
})

test('a backup of a newer version is refused', async () => {
  await newBackup()
  alter('backup.db', 'pragma user_version = 9')
  expect(restoreRefusal()).toContain('written by a newer version')
  expect(existsSync(at('restored.db'))).toBe(false)
})

test.each([
  [
    'a database of another program',
    () => alter('backup.db', 'create table t (n)'),
    'another program',
  ],
  ['no database', () => writeFileSync(at('backup.db'), 'hello'.repeat(999)), 'no store at all'],
])('%s is not restored', (_, make, message) => {
  make()
  expect(restoreRefusal()).toContain(message)
})

test('a backup that is not there is refused with what to check', () => {
  expect(restoreRefusal()).toContain('backup.db cannot be opened')
  const none = () => backupStore({ from: at('none.db'), to: at('backup.db') })
  expect(refusal(none)).toContain('none.db cannot be opened')
})

test('what an interrupted restore left behind does not reach the next one', async () => {
  await newBackup()
  const other = open('live.db')
  await count(other, 2n)
  for (const suffix of ['', '-wal']) {
    copyFileSync(at(`live.db${suffix}`), at(`restored.db.partial${suffix}`))
  }
  await other.close()
  restoreStore({ from: at('backup.db'), to: at('restored.db') })
  expect(await hashOfFile('restored.db')).toBe(await hashOfFile('backup.db'))
  expect(readdirSync(directory).filter((name) => name.includes('partial'))).toStrictEqual([])
})

test('a backup that cannot be written says so to the operator', async () => {
  await newBackup()
  const target = at('nowhere/backup.db')
  const run = spawnSync(process.execPath, [PROGRAM, 'backup', at('live.db'), target], {
    encoding: 'utf8',
  })
  expect(run.stdout).toContain(`${target} (a backup of ${at('live.db')}) cannot be opened`)
})
