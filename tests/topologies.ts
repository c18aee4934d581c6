/**
 * The platform as tests run it: the real program in child processes, all services in one or each
 * in its own, on ports of their choosing and a data folder that is gone afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@cnop/contract/route.ts'

export type RunningPlatform = {
  /** The public door. */
  readonly url: string
  /** All public doors, where there are several. */
  readonly doors?: readonly string[]
  /** The operator's door. */
  readonly internalUrl: string
  readonly dataDir: string
  readonly callerSecret: string
  /** Where a service listens by itself; the public door where it has none of its own. */
  urlOf(service: ServiceName, replica?: number): string
  /** Everything the processes have written so far. */
  said(): string
  /** Stops a process in the middle of whatever it does, until `thaw`: it holds its connections. */
  freeze(service: ServiceName, replica?: number): void
  thaw(service: ServiceName, replica?: number): void
  /** Tells a process to end, and waits for nothing. */
  tellToEnd(service: ServiceName, replica?: number): void
  /** Ends one process at once, as a crash would; all services of one process go with it. */
  kill(service: ServiceName, replica?: number): Promise<void>
  /** Starts what was killed, and kills it again after so long, ready or not. */
  stumble(service: ServiceName, afterMs: number): Promise<void>
  /** Starts what was killed again, on the same data and the same port. */
  revive(service: ServiceName, replica?: number): Promise<void>
  /** Ends everything in order and removes the data folder. */
  stop(): Promise<void>
}

export type TopologyOptions = {
  /** More of the environment, for every process. */
  readonly env?: Readonly<Record<string, string>>
  /** Continue on this folder, which then stays. */
  readonly dataDir?: string
  /** Where one service reaches another, instead of at its own address. In processes apart only. */
  readonly lineTo?: (called: ServiceName, url: string, caller: ServiceName) => Promise<string>
}

export const TOPOLOGIES: readonly (readonly [string, typeof startTogether])[] = [
  ['in one process', startTogether],
  ['in a process each', startApart],
]

const MAIN = fileURLToPath(new URL('../services/main.ts', import.meta.url))
/** What a start compiles is there for the next: a third of a second of a core for each process. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))
export const SECRET = 'a-secret-that-only-tests-would-use'
const READY_MS_MAX = 120_000

export type Running = {
  readonly child: ChildProcess
  readonly url: string
  /** Grows. */
  readonly said: readonly string[]
}

type SpawnOptions = {
  readonly args?: readonly string[]
  /** A command that becomes what follows it, as `env` does. */
  readonly under?: readonly string[]
  /** Another program than the platform's own. */
  readonly main?: string
  /** Another Node than that of the tests, as somebody else, elsewhere. */
  readonly node?: string
  readonly spawn?: { readonly cwd: string; readonly uid?: number; readonly gid?: number }
  readonly readyMsMax?: number
}

function spawnProcess(
  env: Readonly<Record<string, string>>,
  { args = [], under = [], main = MAIN, node = process.execPath, ...more }: SpawnOptions = {},
) {
  const [command = '', ...rest] = [...under, node, main, ...args]
  return spawn(command, rest, {
    ...more.spawn,
    env: command === process.execPath ? { NODE_COMPILE_CACHE: COMPILED, ...env } : { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Resolves with the address of the line that says the process is ready. */
export async function startProcess(
  env: Readonly<Record<string, string>>,
  options: SpawnOptions = {},
): Promise<Running> {
  const child = spawnProcess(env, options)
  const said: string[] = []
  const keep = (text: string): void => void said.push(text)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.stdout.setEncoding('utf8').on('data', keep)
  const complaint = (): string => said.join('').slice(-4_000)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const late = setTimeout(
    () => reject(new Error(`not ready in time: ${complaint()}`)),
    options.readyMsMax ?? READY_MS_MAX,
  )
  createInterface({ input: child.stdout }).on('line', (line) => {
    const address = /ready on (http:\S+)/.exec(line)?.[1]
    if (address !== undefined) resolve(address)
  })
  child.once('close', (code) => reject(new Error(`ended with ${code}: ${complaint()}`)))
  try {
    return { child, url: await promise, said }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(late)
  }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  child.kill('SIGCONT')
  await exited
}

export async function startAndKill(
  env: Readonly<Record<string, string>>,
  afterMs: number,
  options: SpawnOptions = {},
): Promise<void> {
  const child = spawnProcess(env, options)
  child.stdout.resume()
  child.stderr.resume()
  await pause(afterMs)
  await end(child, 'SIGKILL')
}

const portOf = (url: string): string => new URL(url).port

export const temporaryDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'cnop-'))

export async function commonEnv(options: TopologyOptions): Promise<Record<string, string>> {
  return {
    DATA_DIR: options.dataDir ?? (await temporaryDataDir()),
    CALLER_SECRET: SECRET,
    CHECK_ANSWERS: 'on',
    GATEWAY_PORT: '0',
    INTERNAL_PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
    // Tests register many people from one address.
    REGISTRATIONS_PER_HOUR: '1000000',
    ...options.env,
  }
}

/** Below those that the system hands out by itself, so that nobody takes it before it is used. */
const PORTS = { from: 20_000, to: 32_000 } as const

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

export async function startTogether(options: TopologyOptions = {}): Promise<RunningPlatform> {
  const env = await commonEnv(options)
  let running = await startProcess(env)
  const past = [running]
  const { url } = running
  return {
    url,
    ...described(env),
    urlOf: () => url,
    said: () => past.flatMap(({ said }) => said).join(''),
    freeze: () => void running.child.kill('SIGSTOP'),
    thaw: () => void running.child.kill('SIGCONT'),
    tellToEnd: () => void running.child.kill('SIGTERM'),
    kill: () => end(running.child, 'SIGKILL'),
    stumble: (_, afterMs) => startAndKill({ ...env, GATEWAY_PORT: portOf(url) }, afterMs),
    async revive() {
      running = await startProcess({ ...env, GATEWAY_PORT: portOf(url) })
      past.push(running)
    },
    async stop() {
      await end(running.child, 'SIGTERM')
      if (options.dataDir === undefined) await rm(described(env).dataDir, { recursive: true })
    },
  }
}

const described = (env: Record<string, string>) => ({
  dataDir: env['DATA_DIR'] ?? '',
  callerSecret: SECRET,
  internalUrl: `http://127.0.0.1:${env['INTERNAL_PORT']}`,
})

/** Each service in a process of its own, after those that it calls. */
export async function startApart(options: TopologyOptions = {}): Promise<RunningPlatform> {
  const env = await commonEnv(options)
  const running = new Map<ServiceName, Running>()
  const past: Running[] = []
  const envOf = new Map<ServiceName, Record<string, string>>()
  const start = async (service: ServiceName, ports: Record<string, string>): Promise<void> => {
    const lineTo = options.lineTo ?? ((_: ServiceName, url: string) => Promise.resolve(url))
    const peers = [...running].map(async ([name, { url }]) => {
      return `${name}=${await lineTo(name, url, service)}`
    })
    const own = { ...env, ...ports, SERVICES: service, PEERS: (await Promise.all(peers)).join(',') }
    const process_ = await startProcess(own)
    running.set(service, process_)
    past.push(process_)
    const portName = `${service.toUpperCase()}_PORT`
    envOf.set(service, { ...own, [portName]: portOf(process_.url) })
  }
  const ephemeral = {
    AUTH_PORT: '0',
    USER_PORT: '0',
    INVENTORY_PORT: '0',
    ORDER_PORT: '0',
    INSIGHTS_PORT: '0',
  }
  const stopAll = (signal: NodeJS.Signals) =>
    Promise.all([...running.values()].map(({ child }) => end(child, signal)))
  try {
    for (const service of ['inventory', 'auth', 'order', 'user', 'insights', 'gateway'] as const) {
      await start(service, ephemeral)
    }
  } catch (error) {
    await stopAll('SIGKILL')
    throw error
  }
  const urlOf = (service: ServiceName): string => running.get(service)?.url ?? ''
  return {
    url: urlOf('gateway'),
    ...described(env),
    urlOf,
    said: () => past.flatMap(({ said }) => said).join(''),
    freeze: (service) => void running.get(service)?.child.kill('SIGSTOP'),
    thaw: (service) => void running.get(service)?.child.kill('SIGCONT'),
    tellToEnd: (service) => void running.get(service)?.child.kill('SIGTERM'),
    async kill(service) {
      const found = running.get(service)
      if (found !== undefined) await end(found.child, 'SIGKILL')
    },
    stumble: (service, afterMs) => startAndKill(envOf.get(service) ?? {}, afterMs),
    async revive(service) {
      const revived = await startProcess(envOf.get(service) ?? {})
      running.set(service, revived)
      past.push(revived)
    },
    async stop() {
      await stopAll('SIGTERM')
      if (options.dataDir === undefined) await rm(described(env).dataDir, { recursive: true })
    },
  }
}
