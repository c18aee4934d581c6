/**
 * What the replicas of a service have in common beside their store. The client of Redis is loaded only
 * where it is used.
 */
import { randomUUID } from 'node:crypto'
import type { ServiceName } from '@cnop/contract/route.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import type { Cache } from '@cnop/kit/cache/cache.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import type { Config } from '@cnop/kit/config.ts'
import type { Log } from '@cnop/kit/log.ts'
import { createLease, type Lease } from '@cnop/kit/store/lease.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'

type Process = { readonly config: Config; readonly log: Log; readonly telemetry: Telemetry }

/** Allowances, failures and blocks: counted together where there is a Redis. */
export async function openCache({
  config: { redisUrl: url },
  log,
  telemetry,
}: Process): Promise<Cache> {
  if (url === undefined) return createMemoryCache()
  const { createRedisLink } = await import('@cnop/kit/redis/redis-link.ts')
  const { createRedisCache } = await import('@cnop/kit/cache/redis-cache.ts')
  const link = createRedisLink({ url, purpose: 'cache', log, telemetry })
  return createRedisCache({ link, telemetry })
}

/** A bus connects the replicas of one service; services talk through their routes. */
export async function openBus(
  { config, log, telemetry }: Process,
  name: ServiceName,
): Promise<Bus> {
  const { redisUrl: url } = config
  const onListenerError = (error: unknown): void =>
    log.error({ err: error }, 'a listener of the bus failed')
  if (url === undefined) return createMemoryBus(onListenerError)
  const { createRedisBus } = await import('@cnop/kit/bus/redis-bus.ts')
  return createRedisBus({ url, name, log, telemetry, onListenerError })
}

/** A publisher that is silent for so long is followed by another. */
const LEASE_TERM_MS = 3_000

export const priceLease = (store: Store): Lease =>
  createLease({
    store,
    name: 'prices',
    owner: randomUUID(),
    elapsedMs: () => performance.now(),
    termMs: LEASE_TERM_MS,
  })
