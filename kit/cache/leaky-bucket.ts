/**
 * The arithmetic of an allowance, the same wherever the buckets are kept: whole numbers throughout,
 * so that no request is gained or lost.
 */
import type { Allowance, Spending } from './cache.ts'

/**
 * How full a bucket was when it was last asked, in units of which a request is 60,000 and a
 * millisecond drains `perMinute`.
 */
export type Bucket = { readonly level: number; readonly atMs: number }

export const UNITS_PER_REQUEST = 60_000

/** Every bucket is empty a minute after its last request, and then as good as absent. */
export const BUCKET_LIFE_MS = 60_000

/** A clock that was set back neither fills nor drains a bucket. */
export function drained(bucket: Bucket | undefined, allowance: Allowance, nowMs: number): Bucket {
  if (bucket === undefined) return { level: 0, atMs: nowMs }
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  return {
    level: Math.max(0, bucket.level - elapsedMs * allowance.perMinute),
    atMs: bucket.atMs + elapsedMs,
  }
}

/** Until one more request fits. */
export function waitMs(allowance: Allowance, level: number): number {
  const excess = level + UNITS_PER_REQUEST - capacityOf(allowance)
  return Math.max(0, Math.ceil(excess / allowance.perMinute))
}

/** What is told of the tightest, by how full each bucket is now: after it was taken from, if it was. */
export function tightestOf(
  levels: readonly { readonly allowance: Allowance; readonly level: number }[],
  allowed: boolean,
): Spending {
  let tightest: Spending | undefined
  for (const { allowance, level } of levels) {
    const spending = spendingOf(allowance, level, allowed)
    if (tightest === undefined || isTighter(spending, tightest)) tightest = spending
  }
  if (tightest === undefined) throw new RangeError('No allowance was named.')
  return tightest
}

const capacityOf = (allowance: Allowance): number => allowance.perMinute * UNITS_PER_REQUEST

function spendingOf(allowance: Allowance, level: number, allowed: boolean): Spending {
  const free = Math.max(0, capacityOf(allowance) - level)
  return {
    allowed,
    perMinute: allowance.perMinute,
    remaining: Math.floor(free / UNITS_PER_REQUEST),
    resetMs: Math.ceil(level / allowance.perMinute),
    retryAfterMs: allowed ? 0 : waitMs(allowance, level),
  }
}

const isTighter = (one: Spending, other: Spending): boolean =>
  one.retryAfterMs > other.retryAfterMs ||
  (one.retryAfterMs === other.retryAfterMs && one.remaining < other.remaining)
