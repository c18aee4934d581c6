/** A copy taken while customers trade is a platform of its own. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getProfile } from '@cnop/contract/auth.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import { getOrder, type Order } from '@cnop/contract/order.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, newCustomer, signedIn } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

let folder = ''
let platforms: RunningPlatform[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cnop-copy-'))
})
afterEach(async () => {
  for (const platform of platforms) await platform.stop()
  platforms = []
  await rm(folder, { recursive: true })
})

async function start(dataDir: string): Promise<RunningPlatform> {
  const platform = await startTogether({ dataDir })
  platforms.push(platform)
  return platform
}

/** Resolves with what the program said; rejects when it ends with anything but 0. */
function run(program: string, dataDir: string): Promise<string> {
  const file = fileURLToPath(new URL(`../../services/${program}`, import.meta.url))
  const env = { DATA_DIR: dataDir }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [file, join(folder, 'backup')], { env }, (error, said, complaint) =>
      error === null ? resolve(said) : reject(complaint),
    )
  })
}

const hashesIn = (said: string): string[] => said.match(/^\w+ +[0-9a-f]{64}$/gm) ?? []

/** Buys until told to stop; resolves with the last order that was acknowledged. */
function keepBuying(customer: Customer): { orders: Order[]; stop(): Promise<void> } {
  const orders: Order[] = []
  let stopped = false
  const running = (async () => {
    while (!stopped) {
      orders.push(
        await customer.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '1' }),
      )
    }
  })()
  return {
    orders,
    async stop() {
      stopped = true
      await running
    },
  }
}

test('a copy taken while customers trade starts, knows them, and audits clean', async () => {
  const original = await start(join(folder, 'data'))
  const customer = await newCustomer(original.url)
  await customer.deposit('5000.00')
  const buying = keepBuying(customer)
  await expect.poll(() => buying.orders.length).toBeGreaterThan(5)
  const acknowledged = buying.orders.at(-1)!
  const made = await run('backup-command.ts', join(folder, 'data'))
  await buying.stop()

  const restored = await run('restore-command.ts', join(folder, 'copy'))
  expect(hashesIn(restored)).toEqual(hashesIn(made))
  expect(hashesIn(made).map((line) => line.split(' ')[0])).toEqual([
    'order',
    'inventory',
    'user',
    'auth',
  ])
  const audit = await auditOf(join(folder, 'copy'))
  expect(audit).toMatchObject({ clean: true })
  expect(audit.said).toContain(hashesIn(made)[0]?.split(/ +/)[1])

  const copy = await start(join(folder, 'copy'))
  const again = await signedIn(copy.url, customer)
  const oneOrder = { params: { order_id: acknowledged.order_id } }
  expect((await again.call(getOrder, oneOrder)).data).toEqual(acknowledged)
  expect((await again.call(verifyLedger, {})).data.ok).toBe(true)
  await again.order({ order_type: 'market_sell', asset_id: 'BTC', notional: '2' })
  // Its tokens were signed with the keys that the copy has too.
  const before = fetchSend({ url: copy.url, token: () => customer.token })
  expect((await call(before, getProfile, {})).username).toBe(customer.username)
})
