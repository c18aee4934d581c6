/**
 * `npm run start:scale`: two gateways, orders and inventories, an auth, a user and an insights, each
 * a process of its own, on the Redis and the DynamoDB that are configured, or on ones of this host
 * that end with it. One line on standard output says that all are ready; what the processes say goes to standard
 * error, each line with its name. Nothing is started again by itself; all end with this one, however it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@cnop/contract/route.ts'
import { type Config, ConfigError, readConfig } from '@cnop/kit/config.ts'
import { REDIS_SERVER, startRedis } from '@cnop/kit/redis/testing/redis-server.ts'
import {
  dynamodbLocalLacks,
  LOCAL_CREDENTIALS,
  startDynamodbLocal,
} from '@cnop/kit/store/testing/dynamodb-local.ts'
import { callerSecretOf, openDataDir } from '@cnop/services/data-dir.ts'
import { SCALED_TIERS } from '@cnop/services/scaled-tiers.ts'
import { buildPages } from './build-pages.ts'
import { runChild, Trouble } from './run-child.mjs'

const MAIN = fileURLToPath(new URL('../services/main.ts', import.meta.url))
const CREATE_TABLES = fileURLToPath(new URL('../services/table-command.ts', import.meta.url))

type Env = Readonly<Record<string, string>>
type Process = { readonly service: ServiceName; readonly child: ChildProcess; readonly url: string }

const tell = (name: string, line: string): void => void process.stderr.write(`${name} | ${line}\n`)

async function main(): Promise<void> {
  const config = readConfig({ ...process.env, SERVICES: '', PEERS: '' })
  const closers: (() => Promise<void>)[] = []
  let ending: Promise<void> | undefined
  const end = (): Promise<void> => {
    ending ??= (async () => {
      for (const close of closers.splice(0).reverse()) await close()
    })()
    return ending
  }
  const endOnSignal = (): void => void end().then(() => process.exit(0))
  process.on('SIGINT', endOnSignal)
  process.on('SIGTERM', endOnSignal)
  try {
    await buildPages()
    const secret = callerSecretOf(openDataDir(config.dataDir), config.callerSecret)
    const common = { ...(process.env as Env), CALLER_SECRET: secret }
    const redis = await redisFor(config, closers)
    const env = { ...common, ...redis, ...(await tablesFor(config, common, closers)) }
    const running: Process[] = []
    for (const tier of SCALED_TIERS) {
      const begun: Process[] = []
      closers.push(() => endAll(begun))
      const peers = peersOf(running)
      const each = tier.map((service, i) => {
        const number = tier.slice(0, i).filter((name) => name === service).length + 1
        const own = { ...env, ...portsOf(config, service, number), SERVICES: service, PEERS: peers }
        return start(service, { number, env: own, begun, expected: () => ending !== undefined })
      })
      running.push(...(await Promise.all(each)))
    }
    const doors = running.filter(({ service }) => service === 'gateway').map(({ url }) => url)
    process.stdout.write(`CNOP is ready on ${doors.join(' and ')}\n`)
  } catch (error) {
    await end()
    throw error
  }
}

async function redisFor(config: Config, closers: (() => Promise<void>)[]): Promise<Env> {
  if (config.redisUrl !== undefined) return {}
  if (REDIS_SERVER === undefined)
    throw new Trouble('There is no redis-server here: install it, or set REDIS_URL.')
  const redis = await startRedis()
  closers.push(() => redis.stop())
  tell('redis', redis.url)
  return { REDIS_URL: redis.url }
}

/** Tables of this host's DynamoDB Local are in memory: what they hold ends with them. */
async function tablesFor(
  config: Config,
  common: Env,
  closers: (() => Promise<void>)[],
): Promise<Env> {
  if (config.store === 'dynamodb') return {}
  const lacks = dynamodbLocalLacks()
  if (lacks !== undefined)
    throw new Trouble(`STORE is not dynamodb, and for a trial of it ${lacks}.`)
  const local = await startDynamodbLocal()
  closers.push(() => local.stop())
  tell('dynamodb', local.endpoint)
  const env = {
    STORE: 'dynamodb',
    DYNAMODB_REGION: 'local',
    DYNAMODB_ENDPOINT: local.endpoint,
    ...LOCAL_CREDENTIALS,
  }
  const made = await runChild(process.execPath, [CREATE_TABLES, '--no-protection'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...common, ...env },
  })
  if (made.code !== 0) throw new Trouble('The tables could not be made.')
  return env
}

function peersOf(running: readonly Process[]): string {
  const peers = Map.groupBy(running, ({ service }) => service)
  return [...peers].map(([name, each]) => `${name}=${each.map(({ url }) => url).join('|')}`).join()
}

/** The doors stand side by side; where the others listen is nobody's business. */
function portsOf(config: Config, service: ServiceName, number: number): Env {
  const beside = (port: number): string => String(port === 0 ? 0 : port + number - 1)
  return service === 'gateway'
    ? { GATEWAY_PORT: beside(config.gatewayPort), INTERNAL_PORT: beside(config.internalPort) }
    : { [`${service.toUpperCase()}_PORT`]: '0' }
}

/** Resolves when it is ready. */
async function start(
  service: ServiceName,
  parts: { number: number; env: Env; begun: Process[]; expected: () => boolean },
): Promise<Process> {
  const name = `${service}/${parts.number}`
  const child = spawn(process.execPath, [MAIN], {
    env: { ...parts.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  tell(name, `process ${child.pid}`)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  createInterface({ input: child.stderr as Readable }).on('line', (line) => tell(name, line))
  createInterface({ input: child.stdout as Readable }).on('line', (line) => {
    tell(name, line)
    const address = /ready on (http:\S+)/.exec(line)?.[1]
    if (address !== undefined) resolve(address)
  })
  child.once('exit', (code, signal) => {
    if (!parts.expected()) tell(name, `ended by itself: ${signal ?? code}`)
    reject(new Trouble(`${name} did not start.`))
  })
  const unready = { service, child, url: '' }
  parts.begun.push(unready)
  return { ...unready, url: await promise }
}

async function endAll(processes: readonly Process[]): Promise<void> {
  await Promise.all(
    processes.map(async ({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }),
  )
}

main().catch((error: unknown) => {
  const actionable = error instanceof Trouble || error instanceof ConfigError
  process.stderr.write(`${actionable ? error.message : (error as Error).stack}\n`)
  process.exit(1)
})
