import { expect, test } from 'vitest'
import { commit, key, put, remove, times } from './conformance/store-case.ts'
import { createMemoryStore } from './memory-store.ts'
import { stateHash } from './state-hash.ts'
import type { Op } from './store.ts'

async function hashOf(...ops: readonly Op[]): Promise<string> {
  const store = createMemoryStore({ now: () => 0 })
  for (const op of ops) await commit(store, op)
  return stateHash(store)
}

test('equal rows have equal hashes, however they came to be', async () => {
  const direct = await hashOf(put(key('p', 'a'), { m: 1n, n: 2n }), put(key('q', 'a'), {}))
  const indirect = await hashOf(
    put(key('q', 'a'), { old: true }),
    put(key('gone', 'a'), {}),
    put(key('p', 'a'), { n: 2n, m: 1n }),
    put(key('q', 'a'), {}),
    remove(key('gone', 'a')),
  )
  expect(indirect).toBe(direct)
})

test('a store without rows has a hash too', async () => {
  expect(await hashOf()).toMatch(/^[0-9a-f]{64}$/)
})

test('no two different states have the same hash', async () => {
  const states = [
    [],
    [put(key('p', 'a'), {})],
    [put(key('pa', 'a'), {})],
    [put(key('p', 'aa'), {})],
    [put(key('p', 'a'), { n: 1n })],
    [put(key('p', 'a'), { n: 2n })],
    [put(key('p', 'a'), { n: '1' })],
    [put(key('p', 'a'), { m: 1n })],
    [put(key('p', 'a'), {}), put(key('p', 'b'), {})],
    [put(key('p', 'a'), {}), put(key('q', 'b'), {})],
    [put(key('p', 'a","b'), {})],
  ]
  const hashes = await Promise.all(states.map((ops) => hashOf(...ops)))
  expect(new Set(hashes).size).toBe(states.length)
})

test('the last row of many pages counts', async () => {
  const store = createMemoryStore({ now: () => 0 })
  const keys = times(2000, (index) => key('p', String(index).padStart(4, '0')))
  for (const at of keys) await commit(store, put(at, { n: 1n }))
  const before = await stateHash(store)
  await commit(store, put(key('p', '1999'), { n: 2n }))
  expect(await stateHash(store)).not.toBe(before)
})

test('the last partition of many pages counts', async () => {
  const store = createMemoryStore({ now: () => 0 })
  const partitions = times(2000, (index) => String(index).padStart(4, '0'))
  for (const pk of partitions) await commit(store, put(key(pk, 'x'), { n: 1n }))
  const before = await stateHash(store)
  await commit(store, put(key('1999', 'x'), { n: 2n }))
  expect(await stateHash(store)).not.toBe(before)
})
