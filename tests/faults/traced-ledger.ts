/**
 * A process of its own whose writes are traced: customers trade on a ledger in one file, which is
 * closed and opened again half way. Each line it says is an answer that was acknowledged.
 */
import { hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createCommand } from '@cnop/kit/store/command.ts'
import { createGroupCommit } from '@cnop/kit/store/group-commit.ts'
import { readSnapshot } from '@cnop/kit/store/read-snapshot.ts'
import { createRowCache } from '@cnop/kit/store/row-cache.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { openFile } from '@cnop/kit/store/sqlite-file.ts'
import { createSqliteReads } from '@cnop/kit/store/sqlite-reads.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import { createSqliteWriter } from '@cnop/kit/store/sqlite-writer.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTokenMemory } from '@cnop/kit/store/token-memory.ts'
import { createTestLedger, type TestLedger } from '@cnop/services/order/testing/test-ledger.ts'

const CUSTOMERS = 8

function openDurable(file: string): Store {
  const onFatal = (error: Error): void => {
    throw error
  }
  return openSqliteStore({ file, now: Date.now, onFatal })
}

/** The control: the same writer, which waits for no disk at a commit. */
function openHasty(file: string): Store {
  const db = openFile(file, {})
  db.exec('pragma synchronous = normal')
  const reads = createSqliteReads(db)
  const rows = createRowCache(reads.textAt)
  const tokens = createTokenMemory({ now: Date.now })
  const writer = createSqliteWriter({ db, rows, tokens, changesKept: 1_000_000 })
  const group = createGroupCommit({ commit: writer.commit, onCommit: undefined })
  return {
    snapshot: async (keys) => readSnapshot(keys, rows.textAt),
    query: async (pk, range) => reads.query(pk, range),
    changes: async (after, limit) => reads.changes(after, limit),
    partitions: async (after, limit) => reads.partitions(after, limit),
    transact: (ops, options) => group.submit(createCommand(ops, options)),
    close: async () => db.close(),
  }
}

async function trade(ledger: TestLedger, userId: string, commands: number): Promise<void> {
  const chance = createChance(userId.charCodeAt(0))
  for (let command = 0; command < commands; command += 1) {
    const key = `${userId}-${ledger.newId()}`
    const notional = (1 + chance() * 3).toFixed(2)
    const order_type = chance() < 0.7 ? 'market_buy' : 'market_sell'
    const answer =
      chance() < 0.2
        ? await ledger.deposit('20', { userId, key })
        : await ledger.place({ order_type, asset_id: 'BTC', notional }, { userId, key })
    writeSync(1, `${userId} ${key} ${answer.status} ${hash('sha256', answer.body)}\n`)
  }
}

async function run([file = '', mode = 'full', commands = '100']: readonly string[]): Promise<void> {
  for (const idPrefix of ['01J', '02J']) {
    const store = mode === 'normal' ? openHasty(file) : openDurable(file)
    const ledger = createTestLedger({ store, idPrefix })
    const userIds = Array.from({ length: CUSTOMERS }, (_, index) =>
      String.fromCharCode(65 + index).padEnd(26, '0'),
    )
    await Promise.all(userIds.map((userId) => trade(ledger, userId, Number(commands) / 2)))
    await store.close()
  }
}

await run(process.argv.slice(2))
