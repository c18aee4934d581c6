/** The process: reads the configuration, starts what the topology says, and ends when told. */
import { ConfigError, readConfig } from '@cnop/kit/config.ts'
import { createLog } from '@cnop/kit/log.ts'
import { StoreOpenError } from '@cnop/kit/store/store.ts'
import { putCollectorsBehind } from './collector-priority.ts'
import { DataDirError } from './data-dir.ts'
import { seedDemo } from './demo.ts'
import { plainHttpWarning, refuseExposedDemo } from './exposed-host.ts'
import { PortError } from './listen.ts'
import { startPlatform } from './topology.ts'

/** Work in flight gets this long to finish before the process ends anyway. */
const SHUTDOWN_MS_MAX = 15_000

async function main(args: readonly string[]): Promise<void> {
  const config = readConfig()
  const demo = args.includes('--demo')
  if (demo) refuseExposedDemo(config)
  // Files are for this user alone, also in a folder that was there before and is open to others.
  process.umask(0o077)
  putCollectorsBehind()
  const log = createLog({ level: config.logLevel })
  let started = false
  const stopOnIoError = (error: Error): void => {
    // Whoever starts it reads a sentence; whoever runs it reads the log.
    if (!started) refuseStart(error.message)
    log.fatal(
      { err: error },
      'the data file cannot be trusted any more; restart decides from what is on disk',
    )
    process.exit(70)
  }
  const platform = await startPlatform({ config, log, onFatal: stopOnIoError })
  started = true
  endOnSignal(async () => platform.close())
  const warning = plainHttpWarning(config)
  if (warning !== undefined) log.warn({ host: config.host, public_url: config.publicUrl }, warning)
  if (demo) process.stdout.write(`${await seedDemo(platform, config)}\n`)
  process.stdout.write(`${platform.readyLine}\n`)
}

function refuseStart(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function endOnSignal(close: () => Promise<void>): void {
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(1), SHUTDOWN_MS_MAX).unref()
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  // Whoever started it with a channel, and has gone, can tell it nothing any more.
  process.on('disconnect', end)
}

/** What a person can act on is said in one sentence; anything else is a defect and keeps its stack. */
main(process.argv.slice(2)).catch((error: unknown) => {
  const actionable = [ConfigError, StoreOpenError, DataDirError, PortError].some(
    (kind) => error instanceof kind,
  )
  refuseStart((actionable ? (error as Error).message : (error as Error).stack) ?? '')
})
