/**
 * `npm run backup -- <folder>`: copies what the platform keeps, while it runs, into a folder that
 * `npm run restore` takes. The copies hold secrets and are their owner's alone.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import { readConfig } from '@cnop/kit/config.ts'
import { backupStore } from '@cnop/kit/store/backup.ts'
import { type BackedUpStore, hashLine, stateHashOf, writeManifest } from './backup-manifest.ts'
import { callerSecretFileOf, copyCallerSecret, dataFileOf } from './data-dir.ts'
import { CommandError, folderArgument, runCommand } from './run-command.ts'

/**
 * Each copy is of a moment of its own. Who refers to others is copied before them, so that no copy
 * names a customer whom the others do not know yet.
 */
const SERVICES_IN_ORDER = SERVICE_NAMES.toReversed()

async function backUp(args: readonly string[]): Promise<string> {
  const folder = folderArgument(args, 'npm run backup -- <folder>')
  const dataDir = resolve(readConfig().dataDir)
  const services = SERVICES_IN_ORDER.filter((service) => existsSync(dataFileOf(dataDir, service)))
  if (services.length === 0) {
    throw new CommandError(`There is no data in ${dataDir}. Set DATA_DIR as the platform has it.`)
  }
  process.umask(0o077)
  makeFolder(folder)
  for (const service of services) {
    backupStore({ from: dataFileOf(dataDir, service), to: dataFileOf(folder, service) })
  }
  const stores: BackedUpStore[] = []
  for (const service of services) {
    stores.push({ service, state_hash: await stateHashOf(folder, service) })
  }
  const secret = existsSync(callerSecretFileOf(dataDir))
  if (secret) copyCallerSecret(dataDir, folder)
  // Last: a folder with a manifest is whole.
  writeManifest(folder, {
    format: 1,
    made_at: new Date().toISOString(),
    stores,
    caller_secret: secret,
  })
  return [...stores.map(hashLine), `${dataDir} is backed up in ${folder}.`].join('\n')
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
  if (readdirSync(folder).length > 0) {
    throw new CommandError(`${folder} is not empty, and nothing is overwritten. Give a new folder.`)
  }
}

await runCommand(() => backUp(process.argv.slice(2)))
