/**
 * `npm run restore -- <folder>`: puts a backup into an empty `DATA_DIR`. The platform is not running
 * on it yet; it starts on what was backed up.
 */
import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { readConfig } from '@cnop/kit/config.ts'
import { restoreStore } from '@cnop/kit/store/backup.ts'
import { type BackupManifest, hashLine, readManifest, stateHashOf } from './backup-manifest.ts'
import {
  copyCallerSecret,
  dataFileOf,
  markRestore,
  openDataDir,
  restoredInPart,
  unmarkRestore,
} from './data-dir.ts'
import { CommandError, folderArgument, runCommand, sentenceOf } from './run-command.ts'

async function restore(args: readonly string[]): Promise<string> {
  const folder = folderArgument(args, 'npm run restore -- <folder>')
  const dataDir = resolve(readConfig().dataDir)
  refuseFilled(dataDir)
  const manifest = readManifest(folder)
  await checkHashes(folder, manifest)
  process.umask(0o077)
  openDataDir(dataDir)
  markRestore(dataDir)
  try {
    await put(manifest, { from: folder, to: dataDir })
  } catch (cause) {
    throw new CommandError(`${sentenceOf(cause)}\n${restoredInPart(dataDir)}`, { cause })
  }
  unmarkRestore(dataDir)
  return [...manifest.stores.map(hashLine), `${folder} is restored to ${dataDir}.`].join('\n')
}

function refuseFilled(dataDir: string): void {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new CommandError(
      `${dataDir} is not empty, and nothing is overwritten. Move it away, or set DATA_DIR to a new folder.`,
    )
  }
}

async function put(
  { stores, caller_secret }: BackupManifest,
  { from, to }: { from: string; to: string },
): Promise<void> {
  for (const { service } of stores) {
    restoreStore({ from: dataFileOf(from, service), to: dataFileOf(to, service) })
  }
  if (caller_secret) copyCallerSecret(from, to)
  await checkHashes(to, { stores })
}

/** A backup is worth what is in it: before it is put anywhere, and after. */
async function checkHashes(
  folder: string,
  { stores }: Pick<BackupManifest, 'stores'>,
): Promise<void> {
  for (const { service, state_hash } of stores) {
    if ((await stateHashOf(folder, service)) !== state_hash) {
      throw new CommandError(
        `${dataFileOf(folder, service)} does not hold what was backed up: its state hash differs from the manifest.`,
      )
    }
  }
}

await runCommand(() => restore(process.argv.slice(2)))
