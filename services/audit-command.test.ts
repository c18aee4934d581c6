/** The audit program, on the file of an order store. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import { stateHash } from '@cnop/kit/store/state-hash.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dataFileOf } from './data-dir.ts'
import { balanceKey } from './order/ledger/balance-rows.ts'
import { ALICE } from './order/testing/stored-rows.ts'
import { createTestLedger } from './order/testing/test-ledger.ts'

let dataDir = ''
let store: Store | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'audit-'))
})
afterEach(async () => {
  await store?.close()
  store = undefined
  rmSync(dataDir, { recursive: true })
})

function audit(args: readonly string[], env: Record<string, string> = {}) {
  const file = join(import.meta.dirname, 'audit-command.ts')
  return new Promise<{ code: number; said: string; complaint: string }>((resolve) => {
    const child = execFile(process.execPath, [file, ...args], { env }, (_, said, complaint) =>
      resolve({ code: child.exitCode ?? -1, said, complaint }),
    )
  })
}

async function tradeIn(folder: string): Promise<Store> {
  const onFatal = (error: unknown): void => {
    throw error
  }
  store = openSqliteStore({ file: dataFileOf(folder, 'order'), now: Date.now, onFatal })
  const ledger = createTestLedger({ store })
  await ledger.deposit('1000')
  await ledger.place({ order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' })
  return store
}

it('sound books are said to be sound, with their sums and their hash, while they are in use', async () => {
  const live = await tradeIn(dataDir)
  const { code, said } = await audit(['--data', dataDir])
  expect(code).toBe(0)
  expect(said).toContain('USD: customers 500 (held 0), house 500, fees 0, outside -1000')
  expect(said).toContain(`OK 1 accounts, 2 events, state ${await stateHash(live)}`)
})

it('the data folder is the configured one unless another is given', async () => {
  await tradeIn(dataDir)
  expect(await audit([], { DATA_DIR: dataDir })).toMatchObject({ code: 0 })
})

it('the first break is named with its rule, and the exit code is 1', async () => {
  const live = await tradeIn(dataDir)
  const forged = { kind: 'update', key: balanceKey(ALICE, 'USD'), set: { a: 99_999_999n } } as const
  await live.transact([forged], { token: 'forged' })
  const { code, said, complaint } = await audit(['--data', dataDir])
  expect([code, said]).toEqual([1, ''])
  expect(complaint).toMatch(/^BROKEN L2 in account 01J0{22}A: USD /)
})

it('a folder without books is said to have none', async () => {
  const { code, complaint } = await audit(['--data', dataDir])
  expect(code).toBe(1)
  expect(complaint).toContain(`There are no books in ${dataDir}.`)
})

it('an option that nobody knows is refused in a sentence', async () => {
  const { code, complaint } = await audit(['--everything'])
  expect(code).toBe(1)
  expect(complaint).not.toContain('    at ')
})
