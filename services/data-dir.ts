/** The folder of data: one file per service, and the secret that signs callers. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ServiceName } from '@cnop/contract/route.ts'

/** The message is a sentence for the person who starts the platform. */
export class DataDirError extends Error {}

/** Makes the folder where it is missing; its path is absolute from here on. */
export function openDataDir(folder: string): string {
  const path = resolve(folder)
  if (existsSync(restoreMarkOf(path))) throw new DataDirError(restoredInPart(path))
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new DataDirError(
      `The data folder ${path} cannot be made (${reason(cause)}). Set DATA_DIR to a folder this user may write to.`,
      { cause },
    )
  }
  return path
}

/** Stands in a folder while a backup is put into it: whatever ended that, nothing starts on a part. */
const restoreMarkOf = (folder: string): string => join(folder, 'restore-unfinished')

export const markRestore = (folder: string): void =>
  writeFileSync(restoreMarkOf(folder), '', { flag: 'wx' })

export const unmarkRestore = (folder: string): void => rmSync(restoreMarkOf(folder))

export const restoredInPart = (folder: string): string =>
  `${folder} is restored in part only: empty it and restore again before anything starts on it.`

export const dataFileOf = (dataDir: string, service: ServiceName): string =>
  join(dataDir, `${service}.db`)

export const callerSecretFileOf = (folder: string): string => join(folder, 'caller-secret')

/** The configured secret, or the one this folder keeps: made once, readable by its owner only. */
export function callerSecretOf(dataDir: string, configured: string | undefined): string {
  if (configured !== undefined) return configured
  const file = callerSecretFileOf(dataDir)
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new DataDirError(
        `The data folder ${dataDir} cannot be written to (${reason(cause)}). Set DATA_DIR to a folder this user may write to.`,
        { cause },
      )
    }
  }
  return readFileSync(file, 'utf8').trim()
}

/** The same secret for a command beside the platform, which makes neither folder nor secret. */
export function existingCallerSecretOf(folder: string, configured: string | undefined): string {
  if (configured !== undefined) return configured
  const file = callerSecretFileOf(resolve(folder))
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new DataDirError(
      `There is no secret to sign with at ${file} (${reason(cause)}). Start the platform first, or set DATA_DIR or CALLER_SECRET as it has them.`,
      { cause },
    )
  }
}

/** Into another folder, readable by its owner only; refuses to replace one. */
export function copyCallerSecret(from: string, to: string): void {
  const secret = readFileSync(callerSecretFileOf(from))
  writeFileSync(callerSecretFileOf(to), secret, { flag: 'wx', mode: 0o600 })
}

const reason = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
