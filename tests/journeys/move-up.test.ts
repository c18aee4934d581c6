/** A platform that outgrows its files: moved to tables and back, restored, and run on them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { getBalance } from '@cnop/contract/balance.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { openDynamoStore } from '@cnop/kit/store/dynamo-store.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import {
  type DynamodbLocal,
  dynamodbLocalLacks,
  LOCAL_CREDENTIALS,
  startDynamodbLocal,
} from '@cnop/kit/store/testing/dynamodb-local.ts'
import { live } from '@cnop/services/order/testing/random-history.ts'
import { ALICE, BOB, rowsOf } from '@cnop/services/order/testing/stored-rows.ts'
import { createTestLedger } from '@cnop/services/order/testing/test-ledger.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newCustomer } from '../customers.ts'
import { temporaryDataDir } from '../topologies.ts'

const lacks = dynamodbLocalLacks()
const SECRET = 'a-secret-that-only-tests-would-use'
const REGION = 'eu-central-1'
const PATIENT = { timeoutMs: 30_000, attemptsMax: 3 }
const ROWS = 1_500
const START_MS_MAX = 120_000
const TEST_MS_MAX = 240_000

let local: DynamodbLocal
let dataDir: string
const folders: string[] = []

async function newFolder(): Promise<string> {
  const folder = await temporaryDataDir()
  folders.push(folder)
  return folder
}

function envOf(more: Record<string, string> = {}): Record<string, string> {
  return {
    DATA_DIR: dataDir,
    CALLER_SECRET: SECRET,
    DYNAMODB_REGION: REGION,
    DYNAMODB_ENDPOINT: local.endpoint,
    ...LOCAL_CREDENTIALS,
    ...more,
  }
}

type Command = {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<Ended>
}
type Ended = { readonly code: number | null; readonly said: string }

function begin(command: string, args: readonly string[], env = envOf()): Command {
  const file = fileURLToPath(new URL(`../../services/${command}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const keep = (text: string): void => {
    said += text
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }))
  return { child, said: () => said, ended }
}

const run = (command: string, args: readonly string[], env = envOf()): Promise<Ended> =>
  begin(command, args, env).ended

const tableStore = (table: string): Promise<Store> =>
  openDynamoStore({ region: REGION, endpoint: local.endpoint, table, bounds: PATIENT })

function fileStore(service: string): Store {
  return openSqliteStore({
    file: join(dataDir, `${service}.db`),
    now: Date.now,
    onFatal(error) {
      throw error
    },
  })
}

async function fillFiles(): Promise<void> {
  const order = fileStore('order')
  const draws = Array.from({ length: 60 }, (_, index) => (index * 7_919) % 100_003)
  // Of this time: tables let go of answers that have expired.
  const clock = { now: Date.now }
  await live(createTestLedger({ store: order, clock }), [0, ...draws])
  await createTestLedger({ store: order, clock, idPrefix: '01K' }).deposit('17.01', { userId: BOB })
  await order.close()
  const inventory = fileStore('inventory')
  for (let first = 0; first < ROWS; first += 100) {
    const ops = Array.from({ length: 100 }, (_, index): Op => {
      const key = { pk: `many#${first % 300}`, sk: String(first + index).padStart(6, '0') }
      return { kind: 'put', key, row: { n: BigInt(index) ** 9n, raw: new Uint8Array([index]) } }
    })
    await inventory.transact(ops, { token: String(first) })
  }
  await inventory.close()
}

async function addressOf({ said }: Command): Promise<string> {
  for (const deadline = Date.now() + START_MS_MAX; Date.now() < deadline; await pause(50)) {
    const address = /ready on (http:\S+)/.exec(said())?.[1]
    if (address !== undefined) return address
  }
  throw new Error(`The platform is not ready in time: ${said()}`)
}

/** Waits until a move has copied some of a service's rows. */
async function underWay(service: string): Promise<void> {
  const file = join(dataDir, 'migration.json')
  for (const deadline = Date.now() + START_MS_MAX; Date.now() < deadline; ) {
    if (existsSync(file)) {
      const { under_way: at } = JSON.parse(readFileSync(file, 'utf8'))
      if (at?.service === service) return
    }
    await pause(2)
  }
  throw new Error('The move is not under way in time')
}

describe.skipIf(lacks !== undefined)(`outgrowing files${lacks ? ` (${lacks})` : ''}`, () => {
  const up = ['--from', 'sqlite', '--to', 'dynamodb']
  let booksOnFiles: string

  beforeAll(async () => {
    for (const [name, value] of Object.entries(LOCAL_CREDENTIALS)) vi.stubEnv(name, value)
    local = await startDynamodbLocal()
    dataDir = await newFolder()
    await fillFiles()
    booksOnFiles = (await run('audit-command', [])).said
  }, TEST_MS_MAX)
  afterAll(async () => {
    await local.stop()
    for (const folder of folders) await rm(folder, { recursive: true })
  })

  const timeout = TEST_MS_MAX

  test('no platform starts without its tables, and it says how they are made', {
    timeout,
  }, async () => {
    const { code, said } = await run('main', [], envOf({ STORE: 'dynamodb' }))
    expect(code).toBe(1)
    expect(said).toBe(
      'There is no table cnop-inventory. Let npm run table:create make it, or set DYNAMODB_TABLE.\n',
    )
  })

  test('tables are made once, and left as they are from then on', { timeout }, async () => {
    const first = await run('table-command', ['--no-protection'])
    expect(first).toMatchObject({ code: 0, said: expect.stringContaining('cnop-order is made.') })
    const second = await run('table-command', ['--no-protection'])
    expect(second.said).toContain('cnop-order was there and is left as it is.')
  })

  test('a move that was killed goes on, and ends with the same books on both sides', {
    timeout,
  }, async () => {
    const killed = begin('migrate-command', up)
    await underWay('inventory')
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(existsSync(join(dataDir, 'migration.json'))).toBe(true)
    const { code, said } = await run('migrate-command', up)
    expect(said).toContain('audited on both sides')
    expect(code).toBe(0)
    // What the first run had copied was not copied again.
    const copied = Number(/inventory +(\d+) rows copied/.exec(said)?.[1])
    expect(copied).toBeGreaterThan(0)
    expect(copied).toBeLessThan(ROWS)
    expect(said).not.toMatch(/order +\d+ rows copied/)
    expect((await run('audit-command', [], envOf({ STORE: 'dynamodb' }))).said).toBe(booksOnFiles)
  })

  test('a target that holds something is refused', { timeout }, async () => {
    const { code, said } = await run('migrate-command', up)
    expect(said).toContain('nothing is overwritten')
    expect(code).toBe(1)
  })

  test('what was moved up comes down the same', { timeout }, async () => {
    const DATA_DIR = await newFolder()
    const down = ['--from', 'dynamodb', '--to', 'sqlite']
    const { code, said } = await run('migrate-command', down, envOf({ DATA_DIR }))
    expect(said).toContain('audited on both sides')
    expect(code).toBe(0)
    expect((await run('audit-command', [], envOf({ DATA_DIR }))).said).toBe(booksOnFiles)
  })

  test('a copy that holds half a commit is repaired from its journal, and told of', {
    timeout,
  }, async () => {
    const store = await tableStore('cnop-order')
    const rows = await rowsOf(store)
    const events = [...rows.keys()].filter((sk) => sk.startsWith('E#')).toSorted()
    const lost = events.at(-2) as string
    const key = { pk: `U#${ALICE}`, sk: lost }
    await store.transact([{ kind: 'delete', key }], { token: randomUUID() })
    await store.close()
    const onTables = envOf({ STORE: 'dynamodb' })

    expect((await run('audit-command', [], onTables)).code).toBe(1)
    const { code, said } = await run('repair-command', [], onTables)
    expect(code).toBe(0)
    expect(said).toContain('1 of 2 accounts were torn')
    expect(said).toContain(`account ${ALICE}: whole up to event ${events.length - 2}`)
    expect(said).toContain(`events let go of: ${events.at(-1)}`)
    expect((await run('audit-command', [], onTables)).code).toBe(0)
  })

  test('two processes change one account at once, and nothing is lost or doubled', {
    timeout,
  }, async () => {
    const stores = [await tableStore('cnop-order'), await tableStore('cnop-order')]
    const ledgers = stores.map((store, index) =>
      createTestLedger({
        store,
        idPrefix: `01${'XY'[index]}`,
        clock: { now: Date.now, pause: async () => void (await pause(5)) },
      }),
    )
    const deposits = ledgers.flatMap((ledger) =>
      Array.from({ length: 10 }, () => ledger.deposit('1', { userId: BOB })),
    )
    const answers = await Promise.all(deposits)
    expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 201))
    const [audit] = await Promise.all(ledgers.map((ledger) => ledger.audit(BOB)))
    expect(audit?.checks.filter(({ ok }) => !ok)).toStrictEqual([])
    expect(audit?.events).toBe(21)
    for (const store of stores) await store.close()
  })

  test('the platform trades on tables', { timeout }, async () => {
    const env = envOf({ STORE: 'dynamodb', DYNAMODB_TABLE: 'live' })
    expect((await run('table-command', ['--no-protection'], env)).code).toBe(0)
    const internalPort = String(randomInt(20_000, 32_000))
    const ports = { GATEWAY_PORT: '0', INTERNAL_PORT: internalPort, CHECK_ANSWERS: 'on' }
    const platform = begin('main', [], { ...env, ...ports })
    try {
      const customer = await newCustomer(await addressOf(platform))
      await customer.deposit('1000')
      const order = await customer.order({
        order_type: 'market_buy',
        asset_id: 'BTC',
        notional: '250',
      })
      expect(order.status).toBe('completed')
      const { data } = await customer.call(verifyLedger, {})
      expect(data).toMatchObject({ ok: true, events: 2 })
      expect((await customer.call(getBalance, {})).current_balance).toMatch(/^75\d\.\d\d$/)
      const metrics = await (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text()
      expect(metrics).toMatch(
        /dynamodb_capacity_units_total\{service="order",operation="TransactWriteItems",kind="write"\} \d/,
      )
    } finally {
      platform.child.kill('SIGTERM')
      await platform.ended
    }
  })
})
