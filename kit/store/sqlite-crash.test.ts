import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createChance } from './seeded-chance.ts'
import { openFile, single } from './sqlite-file.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { stateHash } from './state-hash.ts'
import type { Store } from './store.ts'
import { toFirstFormat } from './testing/first-format.ts'

const PROGRAM = join(import.meta.dirname, 'store-process.ts')
const KILLS = 6
const KILLS_OF_A_CHANGE = 10
/** More than SQLite keeps in memory, so that a change which has not ended is in the log in part. */
const OLD_ROWS = 60_000
const SEED = 1
const directory = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** The numbers that the process said were durable, read until it ended. */
function listen(child: ChildProcess): { said: string[]; ended: Promise<unknown> } {
  const said: string[] = []
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    said.push(...lines)
  })
  return { said, ended: once(child, 'close') }
}

async function sortKeysOf(store: Store, pk: string): Promise<Set<string>> {
  const keys = new Set<string>()
  let after: string | undefined
  while (true) {
    const range = after === undefined ? { limit: 1000 } : { limit: 1000, after }
    const page = await store.query(pk, range)
    for (const { sk } of page.rows) keys.add(sk)
    after = page.rows.at(-1)?.sk
    if (!page.more) return keys
  }
}

/** Opens what a process left behind: every acknowledged number is there, and no transaction in part. */
async function expectWhole(file: string, acknowledged: readonly string[]): Promise<void> {
  const onFatal = (error: unknown) => {
    throw error
  }
  const store = openSqliteStore({ file, now: () => 0, onFatal })
  const left = await sortKeysOf(store, 'left')
  const right = await sortKeysOf(store, 'right')
  await store.close()
  expect(acknowledged.filter((number) => !left.has(number))).toStrictEqual([])
  expect(left).toStrictEqual(right)
}

test('everything acknowledged is there after kill -9, and the lock is gone', async () => {
  const file = join(directory, 'killed.db')
  const acknowledged: string[] = []
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, [PROGRAM, 'write', file, String(kill)])
    const { said, ended } = listen(child)
    while (said.length === 0) await pause(5)
    await pause(20 + kill * 60)
    child.kill('SIGKILL')
    await ended
    acknowledged.push(...said)
    await expectWhole(file, acknowledged)
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS * 10)
}, 60_000)

test.runIf(process.platform !== 'win32')(
  'an I/O error ends the process, and everything acknowledged before it is there',
  async () => {
    const file = join(directory, 'starved.db')
    // Beyond this size a write fails with EFBIG, which is an I/O error and not a full disk.
    const limited = 'ulimit -f 800; exec "$0" "$@"'
    const child = spawn('sh', ['-c', limited, process.execPath, PROGRAM, 'write', file, 'x'])
    const { said, ended } = listen(child)
    await ended
    expect(child.exitCode).toBe(70)
    expect(said.pop()).toBe('fatal')
    expect(said.length).toBeGreaterThan(10)
    await expectWhole(file, said)
  },
  60_000,
)

/** A file of the first format, some forty megabytes. */
function makeOldFile(file: string): void {
  const db = openFile(file, {})
  db.exec(`
    with recursive rows(n) as (select 1 union all select n + 1 from rows where n < ${OLD_ROWS})
    insert into items
    select 'p' || n % 100, printf('%06d', n), printf('{"text":"s%06d%.600c"}', n, 'x') from rows;
    insert into changes (pk) select distinct pk from items;
  `)
  db.close()
  toFirstFormat(file)
}

/** What a file holds with the log that a killed process left beside it, which stays there. */
async function heldBy(file: string) {
  const db = new DatabaseSync(file, { readOnly: true })
  const integrity = single(db, 'pragma integrity_check')
  const format = single(db, 'pragma user_version')
  db.close()
  const reader = openSqliteReader({ file })
  const held = { rows: await stateHash(reader), changes: await reader.changes('', 1000) }
  await reader.close()
  return { ...held, integrity, format }
}

/** When something was last put into the log beside a file. */
function loggedAt(file: string): number | undefined {
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false })
  return log === undefined || log.size === 0 ? undefined : log.mtimeMs
}

/** Opens a file in a process that is killed so long after it began to write, or ends by itself. */
async function openOnce(file: string, killAfterMs?: number) {
  const before = loggedAt(file)
  const child = spawn(process.execPath, [PROGRAM, 'open', file])
  const { said, ended } = listen(child)
  while (child.exitCode === null && loggedAt(file) === before) await pause(1)
  const begunAt = performance.now()
  if (killAfterMs !== undefined) {
    await pause(killAfterMs)
    child.kill('SIGKILL')
  }
  await ended
  return { said, wroteMs: performance.now() - begunAt }
}

test('an older file is whole however often its change is killed, and the next start ends it', async () => {
  const chance = createChance(SEED)
  const [old, file] = [join(directory, 'old.db'), join(directory, 'older.db')]
  const beginAnew = (): void => {
    for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true })
    copyFileSync(old, file)
  }
  makeOldFile(old)
  const before = await heldBy(old)
  expect(before).toMatchObject({ integrity: 'ok', format: 1 })

  beginAnew()
  const { wroteMs } = await openOnce(file)
  beginAnew()
  let halfWay = 0
  for (let kill = 0; kill < KILLS_OF_A_CHANGE; kill += 1) {
    await openOnce(file, wroteMs * ((kill + chance()) / KILLS_OF_A_CHANGE))
    const held = await heldBy(file)
    expect({ ...held, format: 1 }, `kill ${kill} of seed ${SEED}`).toStrictEqual(before)
    if (held.format === 2) beginAnew()
    else if (loggedAt(file) !== undefined) halfWay += 1
  }
  expect(halfWay).toBeGreaterThan(0)

  expect((await openOnce(file)).said).toEqual(['opened'])
  expect(existsSync(`${file}-wal`)).toBe(false)
  expect(await heldBy(file)).toStrictEqual({ ...before, format: 2 })
}, 120_000)
