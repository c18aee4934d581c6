/**
 * A connection to Redis that nobody has to wait for: it is there and answers in time, or it is away
 * and says so at once. It is looked after here, however it was lost: refused, cut, frozen, a replica
 * that takes no writes, a new primary under the old name.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@redis/client'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry.ts'

export type RedisClient = ReturnType<typeof openClient>

/** Redis did not answer, or not in time. */
export class RedisAway extends Error {}

export type RedisLink = {
  /** Asks within the time there is; throws `RedisAway`, at once while Redis is known to be away. */
  ask<Answer>(question: (client: RedisClient) => Promise<Answer>): Promise<Answer>
  /** Whether questions are asked. */
  readonly answering: boolean
  close(): Promise<void>
}

export type RedisLinkParts = {
  readonly url: string
  /** What it is for, in metrics and logs. */
  readonly purpose: 'cache' | 'bus'
  readonly log: Log
  readonly telemetry: Telemetry
  /** Does what every connection needs: called with each new one, and then again and again. */
  readonly tend?: (client: RedisClient) => Promise<void>
  readonly answerMs?: number
}

const ANSWER_MS = 100
const CONNECT_MS = 2_000
const BEAT_MS = 1_000
const DOUBT_MS = 200
/** A connection that has not answered for so long is given up for a new one. */
const SILENT_MS = 1_500
const RECONNECT_MS = { min: 100, max: 500 } as const

/** Begins to connect, and does not wait for it. */
export function createRedisLink(parts: RedisLinkParts): RedisLink {
  const { purpose, answerMs = ANSWER_MS } = parts
  const report = reporter(parts)
  const closing = new AbortController()
  let client: RedisClient | undefined
  let answering = false
  let rouse = (): void => undefined

  const doubt = (error: unknown): void => {
    if (answering) report.away(error)
    answering = false
    rouse()
  }

  const sleep = async (ms: number): Promise<void> => {
    const roused = new AbortController()
    rouse = () => roused.abort()
    const signal = AbortSignal.any([roused.signal, closing.signal])
    await pause(ms, undefined, { signal }).catch(() => undefined)
  }

  async function beat(connection: RedisClient): Promise<boolean> {
    try {
      await inTime(touch(connection, purpose), answerMs)
      await inTime(Promise.resolve(parts.tend?.(connection)), CONNECT_MS)
      if (!answering) report.back()
      answering = true
      return true
    } catch (error) {
      doubt(error)
      return false
    }
  }

  /** Looks after one connection until it is lost. */
  async function keep(connection: RedisClient): Promise<void> {
    let lastMs = performance.now()
    connection.on('error', doubt)
    const goesOn = (): boolean => connection.isReady && !closing.signal.aborted
    while (goesOn() && performance.now() - lastMs < SILENT_MS) {
      const answered = await beat(connection)
      if (answered) lastMs = performance.now()
      await sleep(answered ? BEAT_MS : DOUBT_MS)
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const connection = openClient(parts.url)
      // A connection that fails says so as an event, too.
      connection.on('error', () => undefined)
      try {
        await inTime(connection.connect(), CONNECT_MS)
        client = connection
        await keep(connection)
      } catch (error) {
        report.unreachable(error)
      }
      answering = false
      client = undefined
      if (connection.isOpen) connection.destroy()
      const { min, max } = RECONNECT_MS
      await pause(min + (max - min) * Math.random(), undefined, closing).catch(() => undefined)
    }
  }

  const running = run()
  return {
    async ask(question) {
      if (client === undefined || !answering) throw new RedisAway('Redis is away.')
      try {
        return await inTime(question(client), answerMs)
      } catch (cause) {
        doubt(cause)
        throw new RedisAway('Redis did not answer.', { cause })
      }
    },
    get answering() {
      return answering
    },
    async close() {
      closing.abort()
      await running
    },
  }
}

/** Connections are made anew by the link, so that there is one way to lose and to find them. */
function openClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS },
  })
}

/** A write: a replica that is read-only answers everything else. */
const touch = (client: RedisClient, purpose: string): Promise<unknown> =>
  client.set(`cnop:touched:${purpose}`, '1', { expiration: { type: 'PX', value: 10 * BEAT_MS } })

/** A process that was held up itself waits once more, and reads what has come, before it blames. */
async function inTime<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const startedMs = performance.now()
  const blame = (): void =>
    void nextTurn().then(() => reject(new Error(`Nothing came within ${ms} ms.`)))
  let timer = setTimeout(() => {
    if (performance.now() - startedMs < 1.5 * ms) blame()
    else timer = setTimeout(blame, ms)
  }, ms)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    answer.catch(() => undefined)
  }
}

/** Each change is said once; what an error says holds no address and no password. */
function reporter({ purpose, log, telemetry }: RedisLinkParts) {
  const up = telemetry.gauge('redis_up', 'Redis answers', ['purpose']).labels({ purpose })
  const losses = telemetry
    .counter('redis_lost_total', 'How often Redis was lost', ['purpose'])
    .labels({ purpose })
  let said: 'away' | 'back' | undefined
  up.set(0)
  const gone = (error: unknown, message: string): void => {
    if (said === 'away') return
    said = 'away'
    log.warn({ purpose, reason: reasonOf(error) }, message)
  }
  return {
    away(error: unknown): void {
      up.set(0)
      losses.inc()
      gone(error, 'Redis is away; the platform goes on without it')
    },
    unreachable(error: unknown): void {
      gone(error, 'Redis cannot be reached; the platform goes on without it')
    },
    back(): void {
      up.set(1)
      if (said === 'away') log.warn({ purpose }, 'Redis is back')
      said = 'back'
    },
  }
}

/** A code, or the first word of a reply such as WRONGPASS. */
function reasonOf(error: unknown): string {
  const { code, message = '' } = error as { code?: string; message?: string }
  return (
    code ??
    /^[A-Z]{4,}/.exec(message)?.[0] ??
    (message.startsWith('Nothing came') ? 'late' : 'lost')
  )
}
