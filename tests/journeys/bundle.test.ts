/**
 * What an image holds, started as its containers are: by another user, from a folder that cannot be
 * written and has no packages, in the environment that Compose gives.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { REDIS_SERVER, startRedis } from '@cnop/kit/redis/testing/redis-server.ts'
import { dynamodbLocalLacks, startDynamodbLocal } from '@cnop/kit/store/testing/dynamodb-local.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { customerOf, newCustomer } from '../customers.ts'
import { end, freePort, startProcess } from '../topologies.ts'

const BUNDLE = fileURLToPath(new URL('../../tools/bundle.ts', import.meta.url))
const COMPOSE = new URL('../../deploy/docker/compose.yaml', import.meta.url)
const PORTS = {
  gateway: 8080,
  auth: 8003,
  user: 8000,
  inventory: 8001,
  order: 8002,
  insights: 8004,
}
/** That of the image. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_532, gid: 65_532 } : {}
const READY_MS_MAX = 120_000
const lacks = REDIS_SERVER === undefined || dynamodbLocalLacks() !== undefined

type Env = Readonly<Record<string, string>>
type Container = { readonly environment?: Env; readonly command?: readonly string[] }

const containers = Object.entries(
  (parse(readFileSync(COMPOSE, 'utf8'), { merge: true }) as { services: Record<string, Container> })
    .services,
)
const platform = containers.filter(([, { environment }]) => environment?.['SERVICES'] !== undefined)

describe.skipIf(lacks)('what an image holds', () => {
  const closers: (() => Promise<unknown>)[] = []
  let folder: string
  let node: string
  /** What Compose gives each container, where one machine stands for all of them. */
  let envOf: (name: string) => Env

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cnop-image-'))
    closers.push(() => rm(folder, { recursive: true }))
    await promisify(execFile)(process.execPath, [BUNDLE, join(folder, 'app')])
    node = join(folder, 'node')
    await copyFile(process.execPath, node)
    await mkdir(join(folder, 'data'))
    if (NOBODY.uid !== undefined) await chown(join(folder, 'data'), NOBODY.uid, NOBODY.gid)
    await closeToWriting(join(folder, 'app'))
    await chmod(folder, 0o755)
    const redis = await startRedis()
    closers.push(() => redis.stop())
    const dynamodb = await startDynamodbLocal()
    closers.push(() => dynamodb.stop())
    envOf = await onOneMachine({ redis: redis.url, dynamodb: dynamodb.endpoint })
  }, 300_000)
  afterAll(async () => {
    for (const close of closers.reverse()) await close()
  })

  async function onOneMachine(at: { redis: string; dynamodb: string }) {
    type Place = { service: keyof typeof PORTS; port: number; internalPort: number }
    const places = new Map<string, Place>()
    for (const [name, { environment }] of platform) {
      const service = environment?.['SERVICES'] as keyof typeof PORTS
      places.set(name, { service, port: await freePort(), internalPort: await freePort() })
    }
    const moved = (text: string): string =>
      [...places].reduce(
        (left, [name, { service, port }]) =>
          left.replaceAll(`http://${name}:${PORTS[service]}`, `http://127.0.0.1:${port}`),
        text
          .replace('redis://redis:6379', at.redis)
          .replace('http://dynamodb:8000', at.dynamodb)
          .replace(/\$\{CALLER_SECRET:\?[^}]+\}/, 'a-secret-that-only-tests-would-use'),
      )
    return (name: string): Env => {
      const { environment = {} } = Object.fromEntries(containers)[name] ?? {}
      const place = places.get(name)
      return {
        ...Object.fromEntries(Object.entries(environment).map(([key, text]) => [key, moved(text)])),
        // A container engine says where its user is at home.
        HOME: '/nowhere',
        HOST: '127.0.0.1',
        DATA_DIR: join(folder, 'data'),
        ...(place && {
          [`${place.service.toUpperCase()}_PORT`]: String(place.port),
          INTERNAL_PORT: String(place.internalPort),
        }),
      }
    }
  }

  const inside = () => ({ cwd: join(folder, 'app'), ...NOBODY })

  /** As one container after another would: each when those that it calls are there. */
  async function startAll(): Promise<Map<string, { child: ChildProcess; url: string }>> {
    const running = new Map<string, { child: ChildProcess; url: string }>()
    for (const tier of [/^(inventory|auth)/, /^(order|user)/, /^insights/, /^gateway/]) {
      const begun = platform.filter(([name]) => tier.test(name))
      await Promise.all(
        begun.map(async ([name]) => {
          const started = await startProcess(envOf(name), {
            node,
            main: 'server/main.mjs',
            readyMsMax: READY_MS_MAX,
            spawn: inside(),
          })
          closers.push(() => end(started.child, 'SIGTERM'))
          running.set(name, started)
        }),
      )
    }
    return running
  }

  async function run(name: string, args: readonly string[]) {
    const child = spawn(node, args, { env: { ...envOf(name) }, ...inside() })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        said += text
      })
    const [code] = await once(child, 'close')
    return { code, said }
  }

  it('trades at both doors, writes pages, says its health and passes an audit', async () => {
    const { command = [] } = Object.fromEntries(containers)['tables'] ?? {}
    expect(await run('tables', command)).toEqual({
      code: 0,
      said: expect.stringContaining('is made'),
    })
    const running = await startAll()
    const doors = ['gateway-1', 'gateway-2'].map((name) => running.get(name)?.url ?? '')
    const customer = await newCustomer(doors[0] ?? '')
    const besides = customerOf(doors[1] ?? '', customer, customer)
    await customer.deposit('100')
    await besides.order({ order_type: 'market_buy', asset_id: 'ETH', notional: '20' })
    await customer.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '30' })
    expect((await besides.call(verifyLedger, {})).data).toMatchObject({ ok: true, events: 3 })
    // The first is plain where a busy machine takes longer to write it than a visitor would wait.
    await expect
      .poll(async () => (await fetch(`${doors[1]}/`)).text(), { timeout: 30_000 })
      .toContain('Bitcoin')

    for (const [name] of platform)
      expect(await run(name, ['server/health-command.mjs'])).toMatchObject({ code: 0 })
    const gone = running.get('insights')?.child as ChildProcess
    await end(gone, 'SIGTERM')
    expect(gone.exitCode).toBe(0)
    expect(await run('insights', ['server/health-command.mjs'])).toMatchObject({ code: 1 })

    const audit = await run('order-1', ['server/audit-command.mjs'])
    expect(audit).toMatchObject({ code: 0 })
    expect(audit.said).toMatch(/^OK 1 accounts, 3 events/m)
    const looked = await run('gateway-1', ['server/operator.mjs', 'security-log', '--as', 'carol'])
    expect(looked.said).toContain(customer.username)
    expect(await readdir(join(folder, 'app'))).toEqual(['server', 'web'])
  }, 300_000)
})

/** For its owner, too, where that is not root. */
async function closeToWriting(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444)
  await chmod(folder, 0o555)
}
