/** `npm run audit [-- --data DIR]`: audits the books where they are; exit code 1 at the first break. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '@cnop/kit/config.ts'
import { dataFileOf } from './data-dir.ts'
import { auditStore, describeAudit } from './order/audit/audit-store.ts'
import { CommandError, runCommand } from './run-command.ts'
import { openReaderOf } from './stores.ts'

/**
 * Reads a file as it is at this moment, while a platform that runs on it goes on. The books of a
 * table are read as they change: customers one by one are right, sums over all of them only at rest.
 */
async function audit(config: Config, dataDir: string): Promise<string> {
  if (config.store === 'sqlite' && !existsSync(dataFileOf(dataDir, 'order'))) {
    throw new CommandError(`There are no books in ${dataDir}. Give --data as the platform has it.`)
  }
  const store = await openReaderOf('order', { config, dataDir })
  try {
    const told = await auditStore({ store, nowMs: Date.now() })
    if (told.broken !== undefined) throw new CommandError(describeAudit(told))
    return describeAudit(told)
  } finally {
    await store.close()
  }
}

function dataFolder(config: Config, args: readonly string[]): string {
  try {
    const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } } })
    return resolve(values.data ?? config.dataDir)
  } catch (error) {
    const unknown = error instanceof TypeError && 'code' in error
    throw unknown ? new CommandError('Say: npm run audit [-- --data DIR]') : error
  }
}

await runCommand(async () => {
  const config = readConfig()
  return audit(config, dataFolder(config, process.argv.slice(2)))
})
