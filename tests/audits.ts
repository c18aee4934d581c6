/** The audit of a data folder; the platform may be running. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { dataFileOf } from '@cnop/services/data-dir.ts'
import { auditStore, type StoreAudit } from '@cnop/services/order/audit/audit-store.ts'

const AUDIT = fileURLToPath(new URL('../services/audit-command.ts', import.meta.url))

export type AuditOutcome = { readonly clean: boolean; readonly said: string }

/** As the operator runs it. */
export function auditOf(dataDir: string): Promise<AuditOutcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [AUDIT, '--data', dataDir], { env: {} }, (error, stdout, stderr) => {
      resolve({ clean: error === null, said: `${stdout}${stderr}` })
    })
  })
}

/** The same in this process, for tests that audit again and again. */
export async function booksOf(dataDir: string): Promise<StoreAudit> {
  const store = openSqliteReader({ file: dataFileOf(dataDir, 'order') })
  try {
    return await auditStore({ store, nowMs: Date.now() })
  } finally {
    await store.close()
  }
}
