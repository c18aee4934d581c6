import { createRecentMap } from '../recent-map.ts'
import type { Cache } from './cache.ts'
import {
  BUCKET_LIFE_MS,
  type Bucket,
  drained,
  tightestOf,
  UNITS_PER_REQUEST,
  waitMs,
} from './leaky-bucket.ts'
import { createMemoryStrikes } from './memory-strikes.ts'

const BUCKETS_MAX = 200_000
const STRUCK_MAX = 100_000

/** Keeps the buckets in this process; when there are too many, those untouched longest go first. */
export function createMemoryCache(
  options: { bucketsMax?: number; struckMax?: number } = {},
): Cache {
  const bucketsMax = options.bucketsMax ?? BUCKETS_MAX
  const buckets = createRecentMap<Bucket>(bucketsMax)
  let turnsAtMs = 0
  const { clear, ...strikes } = createMemoryStrikes(options.struckMax ?? STRUCK_MAX)

  /** A bucket unused for a whole life is as good as none. */
  const forgetTheDead = (nowMs: number): void => {
    if (nowMs < turnsAtMs) return
    buckets.turn()
    turnsAtMs = nowMs + BUCKET_LIFE_MS
  }

  return {
    ...strikes,
    async spend(allowances, nowMs) {
      forgetTheDead(nowMs)
      const found = allowances.map((allowance) => ({
        allowance,
        bucket: drained(buckets.get(allowance.key), allowance, nowMs),
      }))
      const allowed = found.every(({ allowance, bucket }) => waitMs(allowance, bucket.level) === 0)
      const levels = found.map(({ allowance, bucket }) => {
        const level = allowed ? bucket.level + UNITS_PER_REQUEST : bucket.level
        buckets.set(allowance.key, { level, atMs: bucket.atMs })
        return { allowance, level }
      })
      return tightestOf(levels, allowed)
    },
    async close() {
      buckets.clear()
      clear()
    },
  }
}
