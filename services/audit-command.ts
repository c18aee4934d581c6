/** `npm run audit [-- --data DIR]`: audits the books on disk; exit code 1 at the first break. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '@cnop/kit/config.ts'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { dataFileOf } from './data-dir.ts'
import { auditStore, describeAudit } from './order/audit/audit-store.ts'
import { CommandError, runCommand } from './run-command.ts'

/** Reads the file as it is at this moment; a platform that runs on it goes on meanwhile. */
async function audit(dataDir: string): Promise<string> {
  const file = dataFileOf(dataDir, 'order')
  if (!existsSync(file)) {
    throw new CommandError(`There are no books in ${dataDir}. Give --data as the platform has it.`)
  }
  const store = openSqliteReader({ file })
  try {
    const told = await auditStore({ store, nowMs: Date.now() })
    if (told.broken !== undefined) throw new CommandError(describeAudit(told))
    return describeAudit(told)
  } finally {
    await store.close()
  }
}

function dataFolder(args: readonly string[]): string {
  try {
    const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } } })
    return resolve(values.data ?? readConfig().dataDir)
  } catch (error) {
    const unknown = error instanceof TypeError && 'code' in error
    throw unknown ? new CommandError('Say: npm run audit [-- --data DIR]') : error
  }
}

await runCommand(() => audit(dataFolder(process.argv.slice(2))))
