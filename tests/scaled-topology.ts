/**
 * Two of what may be many: gateways, orders and inventories over one Redis and one store that they
 * share, with an auth and a user. Any of these processes may be killed and started again.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@cnop/contract/route.ts'
import { REDIS_SERVER, startRedis } from '@cnop/kit/redis/testing/redis-server.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import { SCALED_TIERS } from '@cnop/services/scaled-tiers.ts'
import { serveStores } from './shared-store/serve-stores.ts'
import {
  commonEnv,
  end,
  freePort,
  type Running,
  type RunningPlatform,
  SECRET,
  startAndKill,
  startProcess,
  type startTogether,
  TOPOLOGIES,
  type TopologyOptions,
} from './topologies.ts'

const MAIN = fileURLToPath(new URL('./shared-store/main.ts', import.meta.url))

export type ScaledPlatform = RunningPlatform & {
  readonly doors: readonly string[]
  readonly redis: Awaited<ReturnType<typeof startRedis>>
}

/** And this one where there is a Redis. */
export const WITH_SCALED: readonly (readonly [string, typeof startTogether])[] = [
  ...TOPOLOGIES,
  ...(REDIS_SERVER === undefined ? [] : [['two of each', startScaled] as const]),
]

type Member = {
  readonly service: ServiceName
  readonly env: Record<string, string>
  running: Running
}

/** Orders as many as asked for, two of the others. */
export async function startScaled(
  options: TopologyOptions & { readonly orders?: number } = {},
): Promise<ScaledPlatform> {
  const env = await commonEnv(options)
  const dataDir = env['DATA_DIR'] ?? ''
  const redis = await startRedis()
  const stores = await serveStores((name) =>
    openSqliteStore({
      file: join(dataDir, `${name}.db`),
      now: Date.now,
      onFatal: (error) => {
        throw error
      },
    }),
  )
  const members: Member[] = []
  const past: Running[] = []
  const run = async (own: Record<string, string>): Promise<Running> => {
    const running = await startProcess(own, { main: MAIN, args: [stores.url] })
    past.push(running)
    return running
  }
  const begin = async (service: ServiceName): Promise<Member> => {
    const urls = Map.groupBy(members, (member) => member.service)
    const peers = [...urls].map(
      ([name, found]) => `${name}=${found.map((member) => member.running.url).join('|')}`,
    )
    const own = {
      ...env,
      REDIS_URL: redis.url,
      SERVICES: service,
      PEERS: peers.join(','),
      [`${service.toUpperCase()}_PORT`]: '0',
      INTERNAL_PORT: String(await freePort()),
    }
    const running = await run(own)
    const port = new URL(running.url).port
    return { service, running, env: { ...own, [`${service.toUpperCase()}_PORT`]: port } }
  }
  const stopAll = async (signal: NodeJS.Signals): Promise<void> => {
    for (const tier of [...SCALED_TIERS].reverse())
      await Promise.all(
        members
          .filter(({ service }) => tier.includes(service))
          .map(({ running }) => end(running.child, signal)),
      )
    await stores.close()
    await redis.stop()
  }
  try {
    for (const tier of SCALED_TIERS) {
      const more = tier[0] === 'order' ? Array((options.orders ?? 2) - 2).fill('order') : []
      const fewer = options.orders === 1 && tier[0] === 'order' ? tier.slice(1) : tier
      members.push(...(await Promise.all([...fewer, ...more].map(begin))))
    }
  } catch (error) {
    await stopAll('SIGKILL')
    throw error
  }
  const membersOf = (service: ServiceName) => members.filter((member) => member.service === service)
  const memberOf = (service: ServiceName, replica = 0): Member => {
    const member = membersOf(service)[replica]
    if (member === undefined) throw new Error(`There is no ${service} ${replica}`)
    return member
  }
  const [door] = membersOf('gateway')
  return {
    url: door?.running.url ?? '',
    doors: membersOf('gateway').map(({ running }) => running.url),
    redis,
    internalUrl: `http://127.0.0.1:${door?.env['INTERNAL_PORT']}`,
    dataDir,
    callerSecret: SECRET,
    urlOf: (service, replica) => memberOf(service, replica).running.url,
    said: () => past.flatMap(({ said }) => said).join(''),
    freeze: (service, replica) => void memberOf(service, replica).running.child.kill('SIGSTOP'),
    thaw: (service, replica) => void memberOf(service, replica).running.child.kill('SIGCONT'),
    tellToEnd: (service, replica) => void memberOf(service, replica).running.child.kill('SIGTERM'),
    stumble: (service, afterMs) =>
      startAndKill(memberOf(service).env, afterMs, { main: MAIN, args: [stores.url] }),
    kill: (service, replica) => end(memberOf(service, replica).running.child, 'SIGKILL'),
    async revive(service, replica) {
      const member = memberOf(service, replica)
      member.running = await run(member.env)
    },
    async stop() {
      await stopAll('SIGTERM')
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true })
    },
  }
}
