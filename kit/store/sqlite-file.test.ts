import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { commit, key, put, read, refusalOf, times } from './conformance/store-case.ts'
import { openFile, single } from './sqlite-file.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { StoreOpenError } from './store.ts'
import { toFirstFormat } from './testing/first-format.ts'

const PROGRAM = join(import.meta.dirname, 'store-process.ts')
const PAGE_BYTES = 4096
const directory = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(directory, { recursive: true }))
let files = 0

const A = key('p', 'a')

function newFile(): string {
  files += 1
  return join(directory, `${files}.db`)
}

function open(file: string, onFatal: (error: unknown) => void = () => undefined) {
  return openSqliteStore({ file, now: () => 0, onFatal })
}

/** What the operator reads when the file does not open. */
function refusalToOpen(file: string): string {
  try {
    open(file)
  } catch (error) {
    if (error instanceof StoreOpenError) return error.message
    throw error
  }
  throw new Error('The file was opened')
}

async function newStoreFile(): Promise<string> {
  const file = newFile()
  const store = open(file)
  await commit(
    store,
    ...times(100, (index) => put(key('p', String(index)), { text: 'x'.repeat(300) })),
  )
  await store.close()
  return file
}

function alter(file: string, sql: string): void {
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.close()
}

test('commits wait for the disk, and go on waiting after the first write', () => {
  const file = newFile()
  const db = openFile(file, {})
  db.exec(`insert into items values ('p', 'a', '{}')`)
  expect(single(db, 'pragma synchronous')).toBe(2)
  expect(single(db, 'pragma journal_mode')).toBe('wal')
  db.close()
})

test('a missing directory is made', async () => {
  const file = join(directory, 'deep', 'er', 'store.db')
  const store = open(file)
  await commit(store, put(A, { n: 1n }))
  await store.close()
  expect(existsSync(file)).toBe(true)
})

test('an empty file, as a crash may leave it, becomes a store', async () => {
  const file = newFile()
  writeFileSync(file, '')
  const store = open(file)
  await commit(store, put(A, { n: 1n }))
  expect(await read(store, A)).toStrictEqual({ n: 1n })
  await store.close()
})

test('a second process is refused while the first lives', async () => {
  const file = newFile()
  const store = open(file)
  const second = () =>
    spawnSync(process.execPath, [PROGRAM, 'open', file], { encoding: 'utf8' }).stdout.trim()
  expect(second()).toBe(
    `${file} is in use by another process. Stop that one first, or choose another data directory.`,
  )
  await commit(store, put(A, { n: 1n }))
  await store.close()
  expect(second()).toBe('opened')
})

test('the same file is not opened twice in one process', async () => {
  const file = newFile()
  const store = open(file)
  expect(refusalToOpen(file)).toContain('in use')
  await store.close()
  await open(file).close()
})

test('a file that could not be opened is not kept locked', async () => {
  const file = await newStoreFile()
  alter(file, 'pragma user_version = 3')
  expect(refusalToOpen(file)).toContain('newer')
  alter(file, 'pragma user_version = 2')
  await open(file).close()
})

test('a file of a newer version is refused and left as it is', async () => {
  const file = await newStoreFile()
  alter(file, 'pragma user_version = 7')
  const before = readFileSync(file)
  expect(refusalToOpen(file)).toBe(
    `${file} was written by a newer version of this program (its format is 7, this version ` +
      'knows 2). Start the newer version, or restore an older backup.',
  )
  expect(readFileSync(file)).toStrictEqual(before)
})

test('a file of the first format is read as it is, and changed with all it holds when opened', async () => {
  const file = await newStoreFile()
  toFirstFormat(file)
  const reader = openSqliteReader({ file })
  expect((await reader.query('p', { limit: 200 })).rows).toHaveLength(100)
  await reader.close()

  const store = open(file)
  const { rows } = await store.query('p', { limit: 200 })
  expect(rows).toHaveLength(100)
  expect(await read(store, key('p', '7'))).toStrictEqual({ text: 'x'.repeat(300) })
  expect(await refusalOf(commit(store, put(key('p', '7'), {}, { absent: true })))).toBe(
    'condition-failed 0',
  )
  expect((await store.changes('', 1000)).partitions).toHaveLength(1)
  await store.close()

  const again = open(file)
  expect((await again.query('p', { limit: 200 })).rows).toStrictEqual(rows)
  await again.close()
})

test('a change of format that finds no room changes nothing', async () => {
  const file = await newStoreFile()
  toFirstFormat(file)
  const before = readFileSync(file)
  const tight = () =>
    openSqliteStore({
      file,
      now: () => 0,
      onFatal: () => undefined,
      bytesMax: before.length + PAGE_BYTES,
    })
  expect(tight).toThrow('is full')
  const store = open(file)
  expect((await store.query('p', { limit: 200 })).rows).toHaveLength(100)
  await store.close()
})

test.each([
  ['with tables', 'create table orders (id integer primary key)'],
  ['with a version', 'pragma user_version = 1'],
  ['with a mark', 'pragma application_id = 77'],
])('a database of another program, %s, is refused and left as it is', (_, sql) => {
  const file = newFile()
  alter(file, sql)
  const before = readFileSync(file)
  expect(refusalToOpen(file)).toContain('another program')
  expect(readFileSync(file)).toStrictEqual(before)
})

test('a file that is no database is refused and left as it is', () => {
  const file = newFile()
  writeFileSync(file, 'Dear diary, '.repeat(1000))
  expect(refusalToOpen(file)).toContain('damaged or no store at all. Restore a backup')
  expect(readFileSync(file, 'utf8')).toContain('Dear diary')
})

test('a file that was cut short is refused', async () => {
  const file = await newStoreFile()
  truncateSync(file, 2 * PAGE_BYTES)
  expect(refusalToOpen(file)).toContain('Restore a backup')
})

/** Overwrites the page that every search in a table, or in an index, begins at. */
function damage(file: string, name: string): void {
  const db = new DatabaseSync(file)
  const root = Number(single(db, `select rootpage from sqlite_schema where name = '${name}'`))
  db.close()
  const bytes = readFileSync(file)
  bytes.fill(0xff, (root - 1) * PAGE_BYTES, root * PAGE_BYTES)
  writeFileSync(file, bytes)
}

test.each(['facts', 'changes'])('damage in %s is found at the start', async (table) => {
  const file = await newStoreFile()
  damage(file, table)
  for (let start = 0; start < 2; start += 1) {
    expect(refusalToOpen(file)).toContain('damaged or no store at all. Restore a backup')
  }
})

test('damage found while running is told, and nothing builds on it', async () => {
  const file = await newStoreFile()
  damage(file, 'sqlite_autoindex_items_1')

  const fatal: unknown[] = []
  const reading = open(file, (error) => fatal.push(error))
  expect(await refusalOf(read(reading, A))).toBe('unavailable')
  expect(fatal.map(String)).toEqual([expect.stringContaining('Restore a backup')])
  expect(await refusalOf(commit(reading, put(A, {})))).toBe('unavailable')
  await reading.close()

  const writing = open(file, (error) => fatal.push(error))
  const together = [commit(writing, put(A, {})), commit(writing, put(key('q', 'b'), {}))]
  expect(await Promise.all(together.map(refusalOf))).toStrictEqual(
    times(2, () => 'outcome-unknown'),
  )
  expect(fatal).toHaveLength(2)
  expect(await refusalOf(read(writing, A))).toBe('unavailable')
  await writing.close()
})

test('a row that is no row ends the store like any other damage', async () => {
  const file = await newStoreFile()
  alter(file, `update items set value = 'nonsense' where sk = '7'`)
  const fatal: unknown[] = []
  const reading = open(file, (error) => fatal.push(error))
  expect(await read(reading, key('p', '8'))).toBeDefined()
  expect(await refusalOf(read(reading, key('p', '7')))).toBe('unavailable')
  expect(fatal.map(String)).toEqual([expect.stringContaining('Restore a backup')])
  await reading.close()

  const writing = open(file, (error) => fatal.push(error))
  const touching = put(key('p', '7'), {}, { equals: { n: 1n } })
  const together = [commit(writing, put(A, {})), commit(writing, touching)]
  expect(await Promise.all(together.map(refusalOf))).toStrictEqual(
    times(2, () => 'outcome-unknown'),
  )
  expect(fatal).toHaveLength(2)
  await writing.close()
  const after = open(file)
  expect(await read(after, A)).toBeUndefined()
  await after.close()
})

test('a directory that is a file is refused', () => {
  const file = newFile()
  writeFileSync(file, '')
  expect(refusalToOpen(join(file, 'store.db'))).toContain('Check that its directory exists')
})

test('a directory in the place of the file is refused', () => {
  expect(refusalToOpen(directory)).toContain('belong to this user and can be written')
})

test.runIf(process.platform === 'linux')('a directory that takes no files is refused', () => {
  expect(refusalToOpen('/proc/store.db')).toContain('belong to this user and can be written')
})
