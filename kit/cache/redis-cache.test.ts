import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { createRedisLink, type RedisLink } from '../redis/redis-link.ts'
import { REDIS_SERVER, type RedisServer, startRedis } from '../redis/testing/redis-server.ts'
import type { Cache } from './cache.ts'
import { describeCache } from './cache-conformance.ts'
import { createRedisCache } from './redis-cache.ts'

const NOW_MS = Date.UTC(2026, 0, 1, 12)
/** This machine may be busy: what is tried here is what Redis answers, not how soon. */
const PATIENT_MS = 10_000

const until = async (fact: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await fact())) await new Promise((resolve) => setTimeout(resolve, 5))
}

type Replica = { readonly cache: Cache; readonly link: RedisLink; metrics(): Promise<string> }

async function openReplica(url: string, answerMs = PATIENT_MS): Promise<Replica> {
  const telemetry = createTelemetry({ processMetrics: false })
  const log = createLog({ level: 'silent' })
  const link = createRedisLink({ url, purpose: 'cache', log, telemetry, answerMs })
  await until(() => link.answering)
  return {
    cache: createRedisCache({ link, telemetry }),
    link,
    metrics: () => telemetry.registry.metrics(),
  }
}

async function emptied(server: RedisServer): Promise<void> {
  const telemetry = createTelemetry({ processMetrics: false })
  const log = createLog({ level: 'silent' })
  const link = createRedisLink({ url: server.url, purpose: 'cache', log, telemetry })
  await until(() => link.answering)
  await link.ask((client) => client.flushAll())
  await link.close()
}

describe.skipIf(REDIS_SERVER === undefined)('with a server', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  describeCache('Redis', async () => {
    await emptied(server)
    return (await openReplica(server.url)).cache
  })

  describe('several replicas', () => {
    let replicas: Replica[]

    beforeEach(async () => {
      await emptied(server)
      replicas = await Promise.all([1, 2, 3].map(() => openReplica(server.url)))
    })
    afterEach(() => Promise.all(replicas.map(({ cache }) => cache.close())))

    const each = <T>(count: number, ask: (cache: Cache) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: count }, (_, i) => ask((replicas[i % 3] as Replica).cache)))

    test('give away one allowance together, to the request', async () => {
      const allowances = [
        { key: 'a:all', perMinute: 40 },
        { key: 'a:orders', perMinute: 37 },
      ]
      const answers = await each(120, (cache) => cache.spend(allowances, NOW_MS))
      expect(answers.filter(({ allowed }) => allowed)).toHaveLength(37)
      expect(new Set(answers.map(({ remaining }) => remaining)).size).toBe(37)
    })

    test('count failures together, and all know of the block that one began', async () => {
      const rule = { failuresMax: 5, windowMs: 300_000, blockMs: 300_000, blockMaxMs: 600_000 }
      const lengths = await each(30, (cache) => cache.strike('alice', rule, NOW_MS))
      expect(lengths.filter((length) => length > 0)).toEqual([300_000])
      const left = await each(3, (cache) => cache.blockedMs('alice', NOW_MS + 1))
      expect(left).toEqual([299_999, 299_999, 299_999])
    })

    test('go on after the server has forgotten their scripts', async () => {
      const spend = (cache: Cache) => cache.spend([{ key: 'a:all', perMinute: 9 }], NOW_MS)
      await each(3, spend)
      await replicas[0]?.link.ask((client) => client.scriptFlush())
      const answers = await each(9, spend)
      expect(answers.filter(({ allowed }) => allowed)).toHaveLength(6)
      expect(await replicas[0]?.metrics()).not.toMatch(/cache_fallbacks_total\{/)
    })
  })
})

describe.skipIf(REDIS_SERVER === undefined)('a cache whose Redis is in trouble', () => {
  const ANSWER_MS = 1_000
  let server: RedisServer
  let replica: Replica

  beforeEach(async () => {
    server = await startRedis()
    replica = await openReplica(server.url, ANSWER_MS)
  })
  afterEach(async () => {
    server.thaw()
    await replica.cache.close()
    await server.stop()
  })

  const allowance = [{ key: 'a:all', perMinute: 5 }]
  const spend = () => replica.cache.spend(allowance, NOW_MS)
  const STRICT = { failuresMax: 1, windowMs: 1_000, blockMs: 60_000, blockMaxMs: 60_000 }

  const allowedOf = async (tries: number): Promise<number> => {
    let allowed = 0
    for (let i = 0; i < tries; i += 1) if ((await spend()).allowed) allowed += 1
    return allowed
  }

  test('limits by itself while Redis is frozen, waits once, and shares again', async () => {
    expect(await allowedOf(2)).toBe(2)
    server.freeze()
    const startedAt = performance.now()
    expect(await allowedOf(50)).toBe(5)
    expect(performance.now() - startedAt).toBeLessThan(5 * ANSWER_MS)
    server.thaw()
    await until(() => replica.link.answering)
    expect(await allowedOf(50)).toBeLessThanOrEqual(3)
    expect(await replica.metrics()).toMatch(/cache_fallbacks_total\{operation="spend"\} 50/)
    expect(await replica.metrics()).toMatch(/redis_lost_total\{purpose="cache"\} [1-9]/)
  })

  test('goes on when Redis is killed, and finds the next one on its port', async () => {
    await spend()
    await server.kill()
    expect(await allowedOf(50)).toBe(5)
    await server.start()
    await until(() => replica.link.answering)
    expect(await allowedOf(50)).toBe(5)
  })

  test('keeps the blocks it knows when Redis is gone, and those it began meanwhile', async () => {
    expect(await replica.cache.strike('mallory', STRICT, NOW_MS)).toBe(60_000)
    await server.kill()
    expect(await replica.cache.blockedMs('mallory', NOW_MS + 1)).toBe(59_999)
    expect(await replica.cache.strike('trudy', STRICT, NOW_MS)).toBe(60_000)
    await server.start()
    await until(() => replica.link.answering)
    expect(await replica.cache.blockedMs('trudy', NOW_MS + 1)).toBe(59_999)
  })

  test('follows a failover: a replica that takes no writes is not believed until it does', async () => {
    const primary = await startRedis()
    const port = new URL(primary.url).port
    const ask = async (command: readonly string[]): Promise<void> => {
      const { createClient } = await import('@redis/client')
      const client = await createClient({ url: server.url }).connect()
      await client.sendCommand([...command])
      client.destroy()
    }
    await ask(['REPLICAOF', '127.0.0.1', port])
    await spend()
    await until(() => !replica.link.answering)
    expect(await allowedOf(50)).toBeGreaterThanOrEqual(4)
    await primary.stop()
    await ask(['REPLICAOF', 'NO', 'ONE'])
    await until(() => replica.link.answering)
    expect((await spend()).allowed).toBe(true)
  })
})
