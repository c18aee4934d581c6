import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store.ts'
import type { Store } from './store.ts'

const PROGRAM = join(import.meta.dirname, 'store-process.ts')
const KILLS = 6
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
