/**
 * Counters that all replicas share. Each change is one script, so it is atomic; the time is the
 * caller's, so every replica counts as the memory cache does. While Redis is away each process counts
 * for itself.
 */
import { createHash } from 'node:crypto'
import { createRecentMap } from '../recent-map.ts'
import { RedisAway, type RedisClient, type RedisLink } from '../redis/redis-link.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Allowance, Cache, Spending, StrikeRule } from './cache.ts'
import { BUCKET_LIFE_MS, tightestOf, UNITS_PER_REQUEST } from './leaky-bucket.ts'
import { createMemoryCache } from './memory-cache.ts'

/** The clocks of two replicas may differ by this much before a key goes too early. */
const CLOCKS_APART_MS = 60_000

const SPEND = script(`
local now, allowed, levels, times = tonumber(ARGV[1]), 1, {}, {}
for i, key in ipairs(KEYS) do
  local rate, level, at = tonumber(ARGV[i + 1]), 0, now
  local kept = redis.call('HMGET', key, 'level', 'at')
  if kept[1] then
    local elapsed = math.max(0, now - tonumber(kept[2]))
    level = math.max(0, tonumber(kept[1]) - elapsed * rate)
    at = tonumber(kept[2]) + elapsed
  end
  levels[i], times[i] = level, at
  if level + ${UNITS_PER_REQUEST} > rate * ${UNITS_PER_REQUEST} then allowed = 0 end
end
for i, key in ipairs(KEYS) do
  if allowed == 1 then levels[i] = levels[i] + ${UNITS_PER_REQUEST} end
  redis.call('HSET', key, 'level', string.format('%.0f', levels[i]), 'at', string.format('%.0f', times[i]))
  redis.call('PEXPIRE', key, ${BUCKET_LIFE_MS + CLOCKS_APART_MS})
end
return { allowed, unpack(levels) }`)

const STRIKE = script(`
local now, failures_max, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local first, longest = tonumber(ARGV[4]), tonumber(ARGV[5])
local kept = redis.call('HMGET', KEYS[1], 'at', 'blocked', 'quiet', 'blocks')
local blocked, quiet = tonumber(kept[2] or '0'), tonumber(kept[3] or '0')
local blocks, at, length = tonumber(kept[4] or '0'), math.max(now, tonumber(kept[1] or '0')), 0
if blocked > at then return 0 end
if quiet <= at then
  blocks, blocked = 0, 0
  redis.call('DEL', KEYS[2])
end
local oldest = redis.call('LINDEX', KEYS[2], 0)
while oldest and tonumber(oldest) + window <= at do
  redis.call('LPOP', KEYS[2])
  oldest = redis.call('LINDEX', KEYS[2], 0)
end
if redis.call('LLEN', KEYS[2]) + 1 < failures_max then
  redis.call('RPUSH', KEYS[2], string.format('%.0f', at))
  quiet = at + (blocks == 0 and window or longest)
else
  redis.call('DEL', KEYS[2])
  length = math.min(longest, first * 2 ^ blocks)
  blocks, blocked, quiet = blocks + 1, at + length, at + length + longest
end
redis.call('HSET', KEYS[1], 'at', string.format('%.0f', at), 'blocked', string.format('%.0f', blocked),
  'quiet', string.format('%.0f', quiet), 'blocks', blocks)
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, string.format('%.0f', quiet - at + ${CLOCKS_APART_MS}))
end
return length`)

const FORGIVE = script(`
redis.call('DEL', KEYS[2])
if (redis.call('HGET', KEYS[1], 'blocks') or '0') == '0' then redis.call('DEL', KEYS[1]) end`)

export function createRedisCache(parts: {
  readonly link: RedisLink
  readonly telemetry: Telemetry
}): Cache {
  const { link } = parts
  const alone = createMemoryCache()
  const seen = rememberBlocks()
  const fallbacks = parts.telemetry.counter(
    'cache_fallbacks_total',
    'Answers of this process alone, because Redis was away',
    ['operation'],
  )

  async function shared<Answer>(
    operation: keyof Cache,
    ask: (client: RedisClient) => Promise<Answer>,
    instead: () => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await link.ask(ask)
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error
      fallbacks.inc({ operation })
      return instead()
    }
  }

  return {
    spend: (allowances, nowMs) =>
      shared(
        'spend',
        (client) => spendShared(client, allowances, nowMs),
        () => alone.spend(allowances, nowMs),
      ),
    strike: (key, rule, nowMs) =>
      shared(
        'strike',
        async (client) => seen.note(key, await strikeShared(client, key, rule, nowMs), nowMs),
        () => alone.strike(key, rule, nowMs),
      ),
    async blockedMs(key, nowMs) {
      const byOthers = await shared(
        'blockedMs',
        async (client) => seen.note(key, await blockedShared(client, key, nowMs), nowMs),
        async () => seen.leftMs(key, nowMs),
      )
      return Math.max(byOthers, await alone.blockedMs(key, nowMs))
    },
    async forgive(key) {
      await alone.forgive(key)
      await shared(
        'forgive',
        async (client) => void (await FORGIVE(client, strikeKeys(key), [])),
        async () => undefined,
      )
    },
    async close() {
      await link.close()
      await alone.close()
    },
  }
}

async function spendShared(
  client: RedisClient,
  allowances: readonly Allowance[],
  nowMs: number,
): Promise<Spending> {
  const args = [nowMs, ...allowances.map(({ perMinute }) => perMinute)]
  const answer = await SPEND(client, allowances.map(bucketKey), args)
  const [allowed, ...levels] = answer as readonly number[]
  const told = allowances.map((allowance, i) => ({ allowance, level: levels[i] ?? 0 }))
  return tightestOf(told, allowed === 1)
}

async function strikeShared(
  client: RedisClient,
  key: string,
  rule: StrikeRule,
  nowMs: number,
): Promise<number> {
  const { failuresMax, windowMs, blockMs, blockMaxMs } = rule
  const args = [nowMs, failuresMax, windowMs, blockMs, blockMaxMs]
  return (await STRIKE(client, strikeKeys(key), args)) as number
}

async function blockedShared(client: RedisClient, key: string, nowMs: number): Promise<number> {
  const [blocked, at] = await client.hmGet(strikeKeys(key)[0], ['blocked', 'at'])
  return Math.max(0, Number(blocked ?? 0) - Math.max(nowMs, Number(at ?? 0)))
}

type Script = (
  client: RedisClient,
  keys: readonly string[],
  args: readonly number[],
) => Promise<unknown>

/** By its hash; a server that was restarted, or another one, is told the text. */
function script(text: string): Script {
  const sha = createHash('sha1').update(text).digest('hex')
  return async (client, keys, args) => {
    const given = { keys: [...keys], arguments: args.map(String) }
    try {
      return await client.evalSha(sha, given)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.eval(text, given)
    }
  }
}

/** In braces what a cluster places by: the keys of one script are on one node. */
function bucketKey({ key }: Allowance): string {
  const end = key.lastIndexOf(':')
  return `cnop:bucket:{${key.slice(0, end)}}${key.slice(end)}`
}

const strikeKeys = (key: string): readonly [string, string] => [
  `cnop:strikes:{${key}}`,
  `cnop:strikes:{${key}}:failed`,
]

const BLOCKS_SEEN_MAX = 10_000

/** Blocks that Redis has told of, so that losing it ends none that is known here. */
function rememberBlocks() {
  const blocks = createRecentMap<{ readonly untilMs: number; readonly lengthMs: number }>(
    BLOCKS_SEEN_MAX,
  )
  return {
    /** Gives the length back. */
    note(key: string, lengthMs: number, nowMs: number): number {
      if (lengthMs > 0) blocks.set(key, { untilMs: nowMs + lengthMs, lengthMs })
      return lengthMs
    },
    leftMs(key: string, nowMs: number): number {
      const { untilMs = 0, lengthMs = 0 } = blocks.get(key) ?? {}
      return Math.max(0, Math.min(lengthMs, untilMs - nowMs))
    },
  }
}
