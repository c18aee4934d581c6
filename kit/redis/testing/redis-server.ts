/** A real Redis for tests: the server of this host, in a folder and on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PLACES = [
  '/usr/bin/redis-server',
  '/usr/bin/valkey-server',
  '/usr/local/bin/redis-server',
  '/opt/homebrew/bin/redis-server',
]

/** Absent where this host has none: then its tests are skipped and say so. */
export const REDIS_SERVER = PLACES.find((place) => existsSync(place))

if (REDIS_SERVER === undefined)
  process.stderr.write(
    'There is no redis-server here, so nothing that needs one is tested. Debian: apt-get install redis-server\n',
  )

export type RedisServer = {
  readonly url: string
  /** Holds its connections and answers nothing, until `thaw`. */
  freeze(): void
  thaw(): void
  /** Ends at once and forgets everything; `start` begins anew on the same port. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export async function startRedis(...options: readonly string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'))
  const port = await freePort()
  let child = await run(port, folder, options)
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async start() {
      child = await run(port, folder, options)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true })
    },
  }
}

async function run(
  port: number,
  folder: string,
  options: readonly string[],
): Promise<ChildProcess> {
  const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
  const lost = ['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0']
  const child = spawn(REDIS_SERVER ?? '', [...fixed, ...lost, ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('Ready to accept connections')) resolve()
  })
  await promise
  endWithThis(child)
  return child
}

/** Also when this process is killed: the input of the one that watches ends with it. */
function endWithThis(child: ChildProcess): void {
  const watch = ['-c', `read nothing; kill -9 ${child.pid}`]
  const watcher = spawn('sh', watch, { stdio: ['pipe', 'ignore', 'ignore'] })
  child.once('exit', () => watcher.kill('SIGKILL'))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port is free.')
  return address.port
}
