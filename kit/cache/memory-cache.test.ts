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
