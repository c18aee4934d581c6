import { expect, test } from 'vitest'
import { describeCache } from './cache-conformance.ts'
import { createMemoryCache } from './memory-cache.ts'

describeCache('memory', async () => createMemoryCache())

const keyOf = (i: number): string => `caller-${i}:all`

test('keeps no more buckets than it may, and forgets those untouched longest', async () => {
  const cache = createMemoryCache({ bucketsMax: 3 })
  for (let i = 0; i < 3; i += 1) await cache.spend([{ key: keyOf(i), perMinute: 10 }], 1_000)
  await cache.spend([{ key: keyOf(0), perMinute: 10 }], 1_001)
  await cache.spend([{ key: keyOf(3), perMinute: 10 }], 1_002)
  const remaining = async (i: number) =>
    (await cache.spend([{ key: keyOf(i), perMinute: 10 }], 1_003)).remaining
  expect(await remaining(0)).toBe(7)
  expect(await remaining(1)).toBe(9)
})

const STRICT = { failuresMax: 2, windowMs: 1_000, blockMs: 1_000, blockMaxMs: 10_000 }

test('keeps no more failed keys than it may, and forgets those that failed longest ago', async () => {
  const cache = createMemoryCache({ struckMax: 3 })
  for (const key of ['a', 'b', 'c', 'd']) await cache.strike(key, STRICT, 1_000)
  expect(await cache.strike('a', STRICT, 1_000)).toBe(0)
  expect(await cache.strike('d', STRICT, 1_000)).toBe(1_000)
})

test('no flood of keys that only fail ends a block', async () => {
  const cache = createMemoryCache({ struckMax: 3 })
  for (const key of ['a', 'a', 'b', 'c', 'd', 'e']) await cache.strike(key, STRICT, 1_000)
  expect(await cache.blockedMs('a', 1_000)).toBe(1_000)
})
