/**
 * The disk fails, fills up or cannot be written: the process refuses or ends, as documented, and
 * whatever was acknowledged is there when it is well again.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { toFirstFormat } from '@cnop/kit/store/testing/first-format.ts'
import { dataFileOf } from '@cnop/services/data-dir.ts'
import { STORING_SERVICES } from '@cnop/services/stores.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomers } from '../customers.ts'
import { startProcess } from '../topologies.ts'
import { expectReplayed, newTradeRecord, settleOpen, trade } from './kill-traders.ts'
import { STRACE } from './write-trace.ts'

const CUSTOMERS = 4
const END_MS_MAX = 120_000
/** How a process ends that cannot trust its disk any more. */
const DISK_FAILED = 70
const RECOVER_MS_MAX = 10_000

type Running = Awaited<ReturnType<typeof startProcess>>

const LIMITS = { RATE_LIMIT_ORDER: '1000000', DEPOSIT_PER_DAY_USD: '1000000.00' }

let dataDir: string
let running: Running | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'cnop-disk-'))
})
afterEach(async () => {
  await end()
  rmSync(dataDir, { recursive: true })
})

async function start(under: readonly string[] = [], port = '0'): Promise<Running> {
  const env = { ...LIMITS, PATH: '/usr/bin:/bin', DATA_DIR: dataDir, INTERNAL_PORT: '0' }
  running = await startProcess({ ...env, GATEWAY_PORT: port }, { under })
  return running
}

async function end(): Promise<void> {
  const child = running?.child
  running = undefined
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function newTraders(url: string): Promise<readonly Customer[]> {
  const customers = await newCustomers(url, CUSTOMERS)
  for (const customer of customers) await customer.deposit('900')
  return customers
}

/** The limit lets it start and sign four customers up; the calls are counted from its start. */
const FAILURES: readonly (readonly [string, readonly string[], boolean])[] = [
  [
    'takes no more bytes into a file',
    ['/bin/sh', '-c', 'ulimit -f 6000; exec "$0" "$@"'],
    process.platform !== 'win32',
  ],
  ['fails to sync', failing('fsync,fdatasync', 'EIO', '90+'), STRACE],
  ['fails to write', failing('pwrite64', 'EIO', '6000+'), STRACE],
]

/** The system itself answers a call of the process with an error, from the given call on. */
function failing(calls: string, error: string, when: string): readonly string[] {
  const quiet = ['strace', '-D', '-f', '--seccomp-bpf', '-qqq', '-o', '/dev/null']
  return [...quiet, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${when}`]
}

if (!STRACE) process.stdout.write('There is no strace here: no disk failed to sync or write.\n')

describe('a process whose disk', () => {
  for (const [failure, under] of FAILURES.filter(([, , possible]) => possible)) {
    it(
      `${failure} ends with ${DISK_FAILED}, and all that was acknowledged is there at the next start`,
      async () => {
        const first = await start(under)
        const customers = await newTraders(first.url)
        const record = newTradeRecord()
        const trading = trade(customers, createChance(1), record)
        await once(first.child, 'exit', { signal: AbortSignal.timeout(END_MS_MAX) })
        await trading.stop()
        expect(first.child.exitCode).toBe(DISK_FAILED)
        expect(first.said.join('')).toContain('cannot be trusted any more')
        expect(record.acknowledged.length).toBeGreaterThan(10)

        await start([], new URL(first.url).port)
        await settleOpen(record)
        await expectReplayed(record.acknowledged)
        expect(await auditOf(dataDir)).toMatchObject({ clean: true })
      },
      3 * END_MS_MAX,
    )
  }
})

const isRoot = process.getuid?.() === 0

/** A file system of its own, in memory and small. */
function mountSmall(folder: string, megabytes: number): void {
  mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'cnop-small', folder)
}

function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`mount ${args.join(' ')}: ${stderr}`)
}

const MOUNTS = process.platform === 'linux' && isRoot && canMount()

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'cnop-mount-'))
  try {
    mountSmall(folder, 1)
    return spawnSync('umount', [folder]).status === 0
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (!MOUNTS) process.stdout.write('No file system can be mounted here: none was filled up.\n')

const mountedSuite = (): void => {
  beforeEach(() => mountSmall(dataDir, 8))
  afterEach(() => {
    // The outer hook removes the folder, which must be a plain one by then.
    spawnSync('umount', ['-l', dataDir])
  })

  it('that is full refuses what writes, goes on with what reads, and is written to again with room', async () => {
    const { url, child } = await start()
    const customers = await newTraders(url)
    const [customer] = customers as readonly [Customer]
    const record = newTradeRecord()
    fillUp(400 * 1024)

    const trading = trade(customers, createChance(2), record)
    const full = await until(() => record.open.length >= 20)
    await trading.stop()
    expect(full).toBe(true)
    const refused = await customer.raw('POST', '/balance/deposit', {
      body: '{"amount":"1"}',
      headers: { 'idempotency-key': freshKey() },
    })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([503, 'store-unavailable'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await customer.raw('GET', '/balance')).status).toBe(200)
    expect(child.exitCode).toBeNull()

    rmSync(join(dataDir, 'ballast'))
    const again = { body: '{"amount":"1"}', headers: { 'idempotency-key': freshKey() } }
    const written = async () =>
      (await customer.raw('POST', '/balance/deposit', again)).status === 201
    expect(await until(written)).toBe(true)
    await settleOpen(record)
    await expectReplayed(record.acknowledged)
    expect(await auditOf(dataDir)).toMatchObject({ clean: true })
  })

  it('that has no room to change older files leaves them as they are, and room is all they need', async () => {
    const first = await start()
    const customers = await newTraders(first.url)
    const record = newTradeRecord()
    const trading = trade(customers, createChance(3), record)
    expect(await until(() => record.acknowledged.length >= 150)).toBe(true)
    await trading.stop()
    const { port } = new URL(first.url)
    first.child.kill('SIGTERM')
    await once(first.child, 'exit')
    for (const service of STORING_SERVICES) toFirstFormat(dataFileOf(dataDir, service))
    const books = dataFileOf(dataDir, 'order')
    const before = readFileSync(books)

    const refused = [
      { bytesLeft: before.length / 2, short: 'order' },
      // There is no room for the index of any log.
      { bytesLeft: 16 * 1024, short: 'inventory' },
    ] as const
    for (const { bytesLeft, short } of refused) {
      fillUp(bytesLeft)
      const full = `The disk of ${dataFileOf(dataDir, short)} is full. Free some space and start again.`
      await expect(start([], port)).rejects.toThrow(`ended with 1: ${full}\n`)
      expect(readFileSync(books).equals(before)).toBe(true)
      expect(existsSync(`${books}-wal`)).toBe(false)
    }

    rmSync(join(dataDir, 'ballast'))
    await start([], port)
    await settleOpen(record)
    await expectReplayed(record.acknowledged)
    expect(await auditOf(dataDir)).toMatchObject({ clean: true })
  })

  it('that can only be read is not started on', async () => {
    const { child } = await start()
    child.kill('SIGTERM')
    await once(child, 'exit')
    mount('-o', 'remount,ro', dataDir)
    const told = await start().then(
      () => 'started',
      (error: Error) => error.message,
    )
    expect(told).toMatch(/^ended with 1: .*inventory\.db.* cannot be opened\. Check that .*\n$/s)
  })
}
if (MOUNTS) describe('a file system', { timeout: 3 * END_MS_MAX }, mountedSuite)

/** Leaves so much room. */
function fillUp(bytesLeft: number): void {
  const ballast = join(dataDir, 'ballast')
  rmSync(ballast, { force: true })
  const { bavail, bsize } = statfsSync(dataDir)
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytesLeft)))
}

async function until(done: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + RECOVER_MS_MAX
  while (performance.now() < deadline) {
    if (await done()) return true
    await pause(100)
  }
  return false
}
