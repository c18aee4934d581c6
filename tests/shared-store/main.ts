/** The platform's program over stores that other processes share; the argument says where they are. */
import { readConfig } from '@cnop/kit/config.ts'
import { createLog } from '@cnop/kit/log.ts'
import { startPlatform } from '@cnop/services/topology.ts'
import { openHttpStore } from './http-store.ts'

const config = readConfig()
const log = createLog({ level: config.logLevel })
const platform = await startPlatform({
  config,
  log,
  onFatal: () => process.exit(70),
  openStore: async (name) => openHttpStore(`${process.argv[2]}/${name}`),
})
process.once('SIGTERM', () => {
  platform.close().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
process.stdout.write(`${platform.readyLine}\n`)
