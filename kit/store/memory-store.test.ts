import { expect, test } from 'vitest'
import { commit, key, put, refusalOf } from './conformance/store-case.ts'
import { createMemoryStore } from './memory-store.ts'

test('changes beyond those kept are forgotten, and a cursor among them has expired', async () => {
  const store = createMemoryStore({ now: () => 0, changesKept: 5 })
  await commit(store, put(key('p0', 'x'), {}))
  const { cursor } = await store.changes('', 10)
  for (let index = 1; index < 10; index += 1) await commit(store, put(key(`p${index}`, 'x'), {}))
  expect(await refusalOf(store.changes(cursor, 10))).toBe('cursor-expired')
  const kept = await store.changes('', 10)
  expect(kept.partitions).toStrictEqual(['p5', 'p6', 'p7', 'p8', 'p9'])
})

test('a token works again after ten minutes', async () => {
  let nowMs = 0
  const store = createMemoryStore({ now: () => nowMs })
  const ops = [put(key('p', 'a'), { n: 1n }, { absent: true })]
  await store.transact(ops, { token: 't' })
  nowMs = 10 * 60 * 1000
  expect(await refusalOf(store.transact(ops, { token: 't' }))).toBe('condition-failed 0')
})
