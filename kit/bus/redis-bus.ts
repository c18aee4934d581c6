/**
 * The bus over Redis: what is published is heard in this process at once, and in the others when
 * Redis carries it. While it is away the others hear nothing, as the port allows.
 */
import { randomUUID } from 'node:crypto'
import { createRedisLink, type RedisClient, type RedisLinkParts } from '../redis/redis-link.ts'
import type { Bus } from './bus.ts'
import { createMemoryBus } from './memory-bus.ts'

/** More unanswered than this are not sent: what is a hint may be lost. */
const UNDERWAY_MAX = 1_000

export function createRedisBus(
  parts: Omit<RedisLinkParts, 'purpose' | 'greet'> & {
    /** Services that share a Redis do not hear each other. */
    readonly name: string
    readonly onListenerError: (error: unknown) => void
  },
): Bus {
  const { name, telemetry } = parts
  const here = createMemoryBus(parts.onListenerError)
  const self = randomUUID()
  const prefix = `cnop:${name}:`
  /** How many listen here, by channel. */
  const counts = new Map<string, number>()
  /** What each connection was told to carry. */
  const carried = new WeakMap<RedisClient, Set<string>>()
  const lost = telemetry.counter('bus_messages_lost_total', 'Not sent to other processes', ['bus'])
  let underway = 0

  const hear = (message: string, channel: string): void => {
    const [sender, text = ''] = message.split(/ (.*)/s)
    if (sender !== self) here.publish(channel.slice(prefix.length), text)
  }

  /** One change after another: the client mixes up those of one channel that overlap. */
  let changes: Promise<void> = Promise.resolve()
  const adjust = (client: RedisClient, channel: string): Promise<void> => {
    const changed = changes.then(() => adjustNow(client, channel))
    changes = changed.catch(() => undefined)
    return changed
  }

  async function adjustNow(client: RedisClient, channel: string): Promise<void> {
    const told = carried.get(client) ?? new Set()
    carried.set(client, told)
    if (counts.has(channel) === told.has(channel)) return
    if (told.delete(channel)) await client.unsubscribe(prefix + channel)
    else {
      told.add(channel)
      await client.subscribe(prefix + channel, hear)
    }
  }

  const link = createRedisLink({
    ...parts,
    purpose: 'bus',
    tend: async (client) => {
      const channels = new Set([...counts.keys(), ...(carried.get(client) ?? [])])
      await Promise.all([...channels].map((channel) => adjust(client, channel)))
    },
  })

  /** What fails now is made up for when the connection is tended next. */
  const change = (channel: string): void =>
    void link.ask((client) => adjust(client, channel)).catch(() => undefined)

  return {
    publish(channel, message) {
      here.publish(channel, message)
      if (underway >= UNDERWAY_MAX) return lost.inc({ bus: name })
      underway += 1
      link
        .ask((client) => client.publish(prefix + channel, `${self} ${message}`))
        .catch(() => lost.inc({ bus: name }))
        .finally(() => {
          underway -= 1
        })
    },
    subscribe(channel, listen) {
      const count = counts.get(channel) ?? 0
      counts.set(channel, count + 1)
      if (count === 0) change(channel)
      const end = here.subscribe(channel, listen)
      let ended = false
      return () => {
        if (ended) return
        ended = true
        end()
        const left = (counts.get(channel) ?? 1) - 1
        if (left > 0) counts.set(channel, left)
        else counts.delete(channel)
        if (left === 0) change(channel)
      }
    },
    async close() {
      await link.close()
      await here.close()
    },
  }
}
