/** What a backup folder says of itself: which files are in it, and the hash of the state of each. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Instant, SERVICE_NAMES } from '@cnop/contract/route.ts'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { stateHash } from '@cnop/kit/store/state-hash.ts'
import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import { dataFileOf } from './data-dir.ts'
import { CommandError } from './run-command.ts'

const BackupManifest = Type.Object(
  {
    format: Type.Literal(1),
    made_at: Instant,
    /** In the order they were copied. */
    stores: Type.Array(
      Type.Object({
        service: Type.Enum(SERVICE_NAMES),
        state_hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      }),
      { minItems: 1 },
    ),
    /** False where the secret is configured, and therefore in no folder of data. */
    caller_secret: Type.Boolean(),
  },
  { additionalProperties: false },
)
export type BackupManifest = Static<typeof BackupManifest>
export type BackedUpStore = BackupManifest['stores'][number]

const manifestFileOf = (folder: string): string => join(folder, 'manifest.json')

export function writeManifest(folder: string, manifest: BackupManifest): void {
  writeFileSync(manifestFileOf(folder), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx' })
}

/** Throws a `CommandError` for a folder that is no whole backup, or one of a newer format. */
export function readManifest(folder: string): BackupManifest {
  const manifest = parsed(manifestFileOf(folder))
  if (Check(BackupManifest, manifest)) return manifest
  throw new CommandError(
    `${manifestFileOf(folder)} is no manifest that this version knows. Restore with the version that made the backup.`,
  )
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CommandError(
      `${file} cannot be read, so the folder is no backup, or not a whole one. Give a folder that the backup command has written.`,
      { cause },
    )
  }
}

/** A line that can be compared with that of another copy, or of the audit. */
export const hashLine = ({ service, state_hash }: BackedUpStore): string =>
  `${service.padEnd(10)} ${state_hash}`

/** The hash of what the file of a service holds at this moment. Throws a `StoreOpenError`. */
export async function stateHashOf(
  folder: string,
  service: BackedUpStore['service'],
): Promise<string> {
  const reader = openSqliteReader({ file: dataFileOf(folder, service) })
  try {
    return await stateHash(reader)
  } finally {
    await reader.close()
  }
}
