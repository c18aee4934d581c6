/** The audit of a data folder, as the operator runs it; the platform may be running. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const AUDIT = fileURLToPath(new URL('../services/audit-command.ts', import.meta.url))

export type AuditOutcome = { readonly clean: boolean; readonly said: string }

export function auditOf(dataDir: string): Promise<AuditOutcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [AUDIT, '--data', dataDir], { env: {} }, (error, stdout, stderr) => {
      resolve({ clean: error === null, said: `${stdout}${stderr}` })
    })
  })
}
