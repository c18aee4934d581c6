/** Which allowances a request takes from, and how the answer tells what is left. */
import type { ServiceName } from '@cnop/contract/route.ts'
import type { Cache, Spending } from '@cnop/kit/cache/cache.ts'

/** Requests a minute for one caller. */
export type RateLimits = {
  /** All routes together. */
  readonly gateway: number
  readonly user: number
  readonly inventory: number
  readonly order: number
}

const CLASSES: Readonly<Record<ServiceName, keyof RateLimits>> = {
  gateway: 'gateway',
  auth: 'user',
  user: 'user',
  inventory: 'inventory',
  order: 'order',
  insights: 'user',
}

export type RateLimit = (caller: string, service: ServiceName) => Promise<Spending>

export function createRateLimit(parts: {
  readonly cache: Cache
  readonly limits: RateLimits
  readonly now: () => number
}): RateLimit {
  const { cache, limits, now } = parts
  return (caller, service) => {
    const all = { key: `rate:${caller}:gateway`, perMinute: limits.gateway }
    const name = CLASSES[service]
    const own = { key: `rate:${caller}:${name}`, perMinute: limits[name] }
    return cache.spend(name === 'gateway' ? [all] : [all, own], now())
  }
}

export function rateHeaders(spending: Spending, nowMs: number): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit': String(spending.perMinute),
    'x-ratelimit-remaining': String(spending.remaining),
    'x-ratelimit-reset': String(Math.ceil((nowMs + spending.resetMs) / 1000)),
  }
}
