/**
 * `npm run repair`: makes a restored copy of the order store whole before anything starts on it.
 * Each customer's rows are made anew from the journal, up to its last whole event, and then all
 * books are audited. Everything that was changed is printed; exit code 1 where books stay broken.
 */
import { resolve } from 'node:path'
import { readConfig } from '@cnop/kit/config.ts'
import { STORE_LIMITS, type Store } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { auditStore, describeAudit } from './order/audit/audit-store.ts'
import { type AccountRepair, repairAccount } from './order/audit/repair-account.ts'
import { userIdOf } from './order/ledger/account-rows.ts'
import { CommandError, runCommand } from './run-command.ts'
import { openStoreOf } from './stores.ts'

async function repair(): Promise<string> {
  const config = readConfig()
  const store = await openStoreOf('order', {
    config,
    dataDir: resolve(config.dataDir),
    telemetry: createTelemetry({ processMetrics: false }),
    onFatal(error) {
      throw error
    },
  })
  try {
    const lines = await repairAll(store)
    const audit = await auditStore({ store, nowMs: Date.now() })
    if (audit.broken !== undefined) {
      throw new CommandError([...lines, describeAudit(audit)].join('\n'))
    }
    return [...lines, describeAudit(audit)].join('\n')
  } finally {
    await store.close()
  }
}

async function repairAll(store: Store): Promise<readonly string[]> {
  const lines: string[] = []
  let accounts = 0
  for (let after = ''; ; ) {
    const page = await store.partitions(after, STORE_LIMITS.queryRowsMax)
    for (const partition of page) {
      const userId = userIdOf(partition)
      if (userId === undefined) {
        throw new CommandError(`The partition ${partition} is no customer's, and is not touched.`)
      }
      accounts += 1
      const repaired = await repairAccount({ store, userId, nowMs: Date.now() })
      if (repaired.written.length + repaired.removed.length > 0) lines.push(describe(repaired))
    }
    const last = page.at(-1)
    if (last === undefined) break
    after = last
  }
  return [...lines, `${lines.length} of ${accounts} accounts were torn and are repaired.`]
}

const describe = ({ userId, events, lost, written, removed }: AccountRepair): string =>
  [
    `account ${userId}: whole up to event ${events}`,
    `events let go of: ${listed(lost)}`,
    `rows written: ${listed(written)}`,
    `rows removed: ${listed(removed)}`,
  ].join('; ')

const listed = (keys: readonly string[]): string => (keys.length === 0 ? 'none' : keys.join(' '))

await runCommand(repair)
