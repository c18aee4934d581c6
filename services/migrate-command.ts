/**
 * `npm run migrate -- --from sqlite --to dynamodb`, and back: moves everything the services keep
 * from DATA_DIR into the tables of DYNAMODB_TABLE, or the other way. Nothing may run on either
 * meanwhile. A run that was cut off goes on where it stopped, by a file in DATA_DIR. It ends well
 * when both sides have equal hashes and the books of both are audited.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '@cnop/kit/config.ts'
import { copyStore } from '@cnop/kit/store/copy-store.ts'
import { stateHash } from '@cnop/kit/store/state-hash.ts'
import type { Row, Store } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import { hashLine } from './backup-manifest.ts'
import { openDataDir } from './data-dir.ts'
import { auditStore, describeAudit } from './order/audit/audit-store.ts'
import { CommandError, runCommand } from './run-command.ts'
import { openStoreOf, STORING_SERVICES, type StoringService, tableOf } from './stores.ts'

const SECONDS_OF_A_MOVE_MAX = 7 * 24 * 3600
const USAGE = 'Say: npm run migrate -- --from sqlite --to dynamodb, or the other way round.'

type Kind = Config['store']

/** What has been copied so far; a service that is not named has not been begun. */
const Progress = Type.Object(
  {
    format: Type.Literal(1),
    from: Type.Enum(['sqlite', 'dynamodb']),
    to: Type.Enum(['sqlite', 'dynamodb']),
    table: Type.String(),
    /** Epoch seconds when the move began: what had expired by then stays behind. */
    began: Type.Integer(),
    done: Type.Array(Type.Enum(STORING_SERVICES)),
    under_way: Type.Optional(
      Type.Object({ service: Type.Enum(STORING_SERVICES), pk: Type.String(), sk: Type.String() }),
    ),
  },
  { additionalProperties: false },
)
type Progress = Static<typeof Progress>

type Move = {
  readonly from: Kind
  readonly to: Kind
  readonly config: Config
  readonly dataDir: string
}

async function migrate(move: Move): Promise<string> {
  const { from, to, config, dataDir } = move
  const file = join(dataDir, 'migration.json')
  const before = progressIn(file, move)
  let progress: Progress = before ?? {
    format: 1,
    from,
    to,
    table: config.dynamodbTable,
    began: Math.floor(Date.now() / 1000),
    done: [],
  }
  const keep = (next: Progress): void => {
    progress = next
    writeFileSync(`${file}.partial`, JSON.stringify(progress))
    renameSync(`${file}.partial`, file)
  }
  const lines: string[] = []
  if (before === undefined) {
    for (const service of STORING_SERVICES) await refuseFilled(move, service)
    keep(progress)
  }
  for (const service of STORING_SERVICES) {
    await withBoth(move, service, async (source, target) => {
      if (!progress.done.includes(service)) {
        const { under_way: at } = progress
        let rows = 0
        await copyStore({
          from: source,
          to: target,
          behind: at?.service === service ? at : undefined,
          keeps: lastsBeyond(service, progress.began),
          onCopied({ pk, sk }, copied) {
            rows += copied
            keep({ ...progress, under_way: { service, pk, sk } })
          },
        })
        const { under_way: _ended, ...rest } = progress
        keep({ ...rest, done: [...progress.done, service] })
        lines.push(`${service.padEnd(10)} ${rows} rows copied`)
      }
      lines.push(...(await verified(service, progress.began, source, target)))
    })
  }
  rmSync(file)
  const secret = to === 'dynamodb' ? ' Set STORE=dynamodb and CALLER_SECRET as it was.' : ''
  return [...lines, `Everything of ${from} is in ${to}.${secret}`].join('\n')
}

/** Whether a row is still worth something at a moment: tables let go of those that are not. */
function lastsBeyond(service: StoringService, seconds: number): (row: Row) => boolean {
  const { expiresIn } = tableOf('', service)
  return (row) => {
    const expires = expiresIn === undefined ? undefined : row[expiresIn]
    return typeof expires !== 'bigint' || expires > BigInt(seconds)
  }
}

/** Both sides hold the same, and where that is money, it is right. */
async function verified(
  service: StoringService,
  began: number,
  source: Store,
  target: Store,
): Promise<readonly string[]> {
  // A table may let go of what expires while it is compared.
  const lasts = lastsBeyond(service, began + SECONDS_OF_A_MOVE_MAX)
  const hash = await stateHash(source, lasts)
  const copied = await stateHash(target, lasts)
  if (hash !== copied) {
    throw new CommandError(
      `The copy of ${service} differs from what it was copied from: something wrote to either meanwhile. Stop it, empty the target and begin again.`,
    )
  }
  const line = hashLine({ service, state_hash: hash })
  if (service !== 'order') return [line]
  for (const store of [source, target]) {
    const audit = await auditStore({ store, nowMs: Date.now() })
    if (audit.broken !== undefined) throw new CommandError(describeAudit(audit))
  }
  return [line, `${service.padEnd(10)} audited on both sides`]
}

async function refuseFilled(move: Move, service: StoringService): Promise<void> {
  const target = await openSide(move, move.to, service)
  try {
    const [found] = await target.partitions('', 1)
    if (found === undefined) return
    throw new CommandError(
      `There is something of ${service} in ${move.to} already, and nothing is overwritten. Give an empty target.`,
    )
  } finally {
    await target.close()
  }
}

async function withBoth(
  move: Move,
  service: StoringService,
  work: (source: Store, target: Store) => Promise<void>,
): Promise<void> {
  const source = await openSide(move, move.from, service)
  try {
    const target = await openSide(move, move.to, service)
    try {
      await work(source, target)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** A file is locked by this, so that no platform runs on it; a table cannot be. */
function openSide({ config, dataDir }: Move, store: Kind, service: StoringService): Promise<Store> {
  const onFatal = (error: unknown): never => {
    throw error
  }
  const telemetry = createTelemetry({ processMetrics: false })
  return openStoreOf(service, { config: { ...config, store }, dataDir, telemetry, onFatal })
}

/** What an earlier run has left, if it was the same move. */
function progressIn(file: string, { from, to, config }: Move): Progress | undefined {
  if (!existsSync(file)) return undefined
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (
    Check(Progress, found) &&
    found.from === from &&
    found.to === to &&
    found.table === config.dynamodbTable
  ) {
    return found
  }
  throw new CommandError(
    `${file} is of another move, which was not finished. Finish it, or remove the file and empty its target.`,
  )
}

function wishes(args: readonly string[]): { from: Kind; to: Kind } {
  try {
    const options = { from: { type: 'string' }, to: { type: 'string' } } as const
    const { from, to } = parseArgs({ args: [...args], options }).values
    if (from === 'sqlite' && to === 'dynamodb') return { from, to }
    if (from === 'dynamodb' && to === 'sqlite') return { from, to }
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error
  }
  throw new CommandError(USAGE)
}

await runCommand(() => {
  const { from, to } = wishes(process.argv.slice(2))
  const config = readConfig()
  if (config.dynamodbRegion === undefined) {
    throw new CommandError('Set DYNAMODB_REGION, and DYNAMODB_ENDPOINT where it is not AWS.')
  }
  process.umask(0o077)
  return migrate({ from, to, config, dataDir: openDataDir(config.dataDir) })
})
