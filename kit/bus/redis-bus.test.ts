import { setTimeout as pause } from 'node:timers/promises'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { REDIS_SERVER, type RedisServer, startRedis } from '../redis/testing/redis-server.ts'
import type { Bus } from './bus.ts'
import { describeBus } from './bus-conformance.ts'
import { createRedisBus } from './redis-bus.ts'

const telemetry = createTelemetry({ processMetrics: false })
const log = createLog({ level: 'silent' })

const open = (url: string, failures: unknown[] = [], name = 'order'): Bus =>
  createRedisBus({
    url,
    name,
    log,
    telemetry,
    onListenerError: (error) => failures.push(error),
  })

describe.skipIf(REDIS_SERVER === undefined)('with a server', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  describeBus('Redis', async () => {
    const failures: unknown[] = []
    return { speaker: open(server.url), listener: open(server.url, failures), failures }
  })

  test('one service does not hear another on the same server', async () => {
    const [order, other] = [open(server.url), open(server.url, [], 'inventory')]
    const [replica, heard] = [open(server.url), [] as string[]]
    other.subscribe('a', () => heard.push('other'))
    replica.subscribe('a', () => heard.push('replica'))
    while (heard.length === 0) {
      order.publish('a', 'one')
      await pause(5)
    }
    await pause(50)
    expect(new Set(heard)).toEqual(new Set(['replica']))
    await Promise.all([order, other, replica].map((bus) => bus.close()))
  })
})

describe.skipIf(REDIS_SERVER === undefined)('a bus whose Redis is in trouble', () => {
  let server: RedisServer
  let buses: Bus[]

  beforeEach(async () => {
    server = await startRedis()
    buses = [open(server.url), open(server.url)]
  })
  afterEach(async () => {
    server.thaw()
    await Promise.all(buses.map((bus) => bus.close()))
    await server.stop()
  })

  async function untilHeard(): Promise<void> {
    const [speaker, listener] = buses as [Bus, Bus]
    let heard = false
    const end = listener.subscribe('again', () => {
      heard = true
    })
    while (!heard) {
      speaker.publish('again', '')
      await pause(10)
    }
    end()
  }

  test('is heard at home at once, and never waited for, while Redis is frozen or gone', async () => {
    await untilHeard()
    const [speaker] = buses as [Bus]
    const heard: string[] = []
    speaker.subscribe('own', (message) => heard.push(message))
    for (const trouble of ['freeze', 'kill'] as const) {
      await server[trouble]()
      const startedAt = performance.now()
      for (let n = 0; n < 5_000; n += 1) speaker.publish('own', `${trouble} ${n}`)
      expect(performance.now() - startedAt).toBeLessThan(2_000)
      expect(heard.at(-1)).toBe(`${trouble} 4999`)
    }
    expect(heard).toHaveLength(10_000)
  })

  test('is heard by others again after Redis was frozen, and after it was started anew', async () => {
    const heard: string[] = []
    buses[1]?.subscribe('kept', (message) => heard.push(message))
    await untilHeard()
    server.freeze()
    await pause(2_500)
    server.thaw()
    await untilHeard()
    await server.kill()
    await server.start()
    await untilHeard()
    heard.length = 0
    while (heard.length === 0) {
      buses[0]?.publish('kept', 'here')
      await pause(10)
    }
    expect(heard[0]).toBe('here')
  })
})
