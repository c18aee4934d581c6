/**
 * DynamoDB Local for tests: Amazon's own program, fetched by whoever accepts its licence. It listens
 * on every interface and cannot be told not to, so it runs in a network namespace of its own, and
 * one port of 127.0.0.1 leads to it through a socket file.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../.dynamodb-local', import.meta.url))
const INSIDE = fileURLToPath(new URL('dynamodb-local-inside.ts', import.meta.url))
const READY_MS_MAX = 60_000

export type DynamodbLocal = {
  /** On 127.0.0.1. */
  readonly endpoint: string
  stop(): Promise<void>
}

/** It wants credentials and looks at none of them. */
export const LOCAL_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
} as const

/** Why it cannot run here, in a sentence; `undefined` where it can. */
export function dynamodbLocalLacks(): string | undefined {
  if (!existsSync(join(FOLDER, 'DynamoDBLocal.jar'))) {
    return 'DynamoDB Local is not here: npm run dynamodb-local -- --accept-licence'
  }
  if (spawnSync('java', ['-version']).status !== 0) return 'there is no Java: install version 17'
  const [command = '', ...args] = namespace()
  if (spawnSync(command, [...args, 'true']).status !== 0) {
    return 'this system gives no network namespace, without which it would listen everywhere'
  }
  return undefined
}

/** Root makes one; others where the system lets them be root within it. */
const namespace = (): readonly string[] =>
  process.getuid?.() === 0 ? ['unshare', '--net'] : ['unshare', '--net', '--map-root-user']

/** All its tables are in memory and end with it, as it does with this process. */
export async function startDynamodbLocal(): Promise<DynamodbLocal> {
  const folder = mkdtempSync(join(tmpdir(), 'dynamodb-'))
  const socket = join(folder, 'door')
  const [command = '', ...args] = namespace()
  const child = spawn(command, [...args, process.execPath, INSIDE, socket, FOLDER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    await untilReady(child)
  } catch (error) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
    throw error
  }
  const door = createServer((outer) => {
    const inner = connect({ path: socket })
    outer.pipe(inner).pipe(outer)
    outer.on('error', () => inner.destroy())
    inner.on('error', () => outer.destroy())
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    async stop() {
      door.close()
      child.stdin?.end()
      if (child.exitCode === null) await once(child, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(
    () => reject(new Error('DynamoDB Local is not ready in time')),
    READY_MS_MAX,
  )
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  lines.on('line', (line) => {
    if (line === 'ready') resolve()
  })
  child.once('exit', (code) => reject(new Error(`DynamoDB Local ended with ${code}`)))
  try {
    await promise
  } finally {
    clearTimeout(late)
  }
}
