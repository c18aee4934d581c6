import type { Allowance, Cache, Spending } from './cache.ts'
import { createMemoryStrikes } from './memory-strikes.ts'

/**
 * How full a bucket was when it was last asked, in units of which a request is 60,000 and a
 * millisecond drains `perMinute`: whole numbers throughout, so that no request is gained or lost.
 */
type Bucket = { readonly level: number; readonly atMs: number }

const UNITS_PER_REQUEST = 60_000

/** Every bucket is empty a minute after its last request, and then as good as absent. */
const LIFE_MS = 60_000
const BUCKETS_MAX = 200_000
const STRUCK_MAX = 100_000

/** Keeps the buckets in this process; when there are too many, those untouched longest go first. */
export function createMemoryCache(
  options: { bucketsMax?: number; struckMax?: number } = {},
): Cache {
  const bucketsMax = options.bucketsMax ?? BUCKETS_MAX
  const buckets = new Map<string, Bucket>()
  const { clear, ...strikes } = createMemoryStrikes(options.struckMax ?? STRUCK_MAX)

  /** Insertion order is the order of the last request, so the dead are found at the front. */
  const keep = (key: string, bucket: Bucket): void => {
    buckets.delete(key)
    buckets.set(key, bucket)
    for (const [oldest, { atMs }] of buckets) {
      if (buckets.size <= bucketsMax && atMs + LIFE_MS > bucket.atMs) return
      buckets.delete(oldest)
    }
  }

  return {
    ...strikes,
    async spend(allowances, nowMs) {
      const found = allowances.map((allowance) => ({
        allowance,
        bucket: drained(buckets.get(allowance.key), allowance, nowMs),
      }))
      const allowed = found.every(({ allowance, bucket }) => waitMs(allowance, bucket) === 0)
      let tightest: Spending | undefined
      for (const { allowance, bucket } of found) {
        const level = allowed ? bucket.level + UNITS_PER_REQUEST : bucket.level
        keep(allowance.key, { level, atMs: bucket.atMs })
        const spending = spendingOf(allowance, { level, atMs: bucket.atMs }, allowed)
        if (tightest === undefined || isTighter(spending, tightest)) tightest = spending
      }
      if (tightest === undefined) throw new RangeError('No allowance was named.')
      return tightest
    },
    async close() {
      buckets.clear()
      clear()
    },
  }
}

/** A clock that was set back neither fills nor drains a bucket. */
function drained(bucket: Bucket | undefined, allowance: Allowance, nowMs: number): Bucket {
  if (bucket === undefined) return { level: 0, atMs: nowMs }
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  return {
    level: Math.max(0, bucket.level - elapsedMs * allowance.perMinute),
    atMs: bucket.atMs + elapsedMs,
  }
}

const capacityOf = (allowance: Allowance): number => allowance.perMinute * UNITS_PER_REQUEST

/** Until one more request fits. */
function waitMs(allowance: Allowance, bucket: Bucket): number {
  const excess = bucket.level + UNITS_PER_REQUEST - capacityOf(allowance)
  return Math.max(0, Math.ceil(excess / allowance.perMinute))
}

function spendingOf(allowance: Allowance, bucket: Bucket, allowed: boolean): Spending {
  const free = Math.max(0, capacityOf(allowance) - bucket.level)
  return {
    allowed,
    perMinute: allowance.perMinute,
    remaining: Math.floor(free / UNITS_PER_REQUEST),
    resetMs: Math.ceil(bucket.level / allowance.perMinute),
    retryAfterMs: allowed ? 0 : waitMs(allowance, bucket),
  }
}

const isTighter = (one: Spending, other: Spending): boolean =>
  one.retryAfterMs > other.retryAfterMs ||
  (one.retryAfterMs === other.retryAfterMs && one.remaining < other.remaining)
