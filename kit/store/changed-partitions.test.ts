import { expect, test } from 'vitest'
import { type ChangedPartitions, changedPartitions } from './changed-partitions.ts'
import { commit, key, put } from './conformance/store-case.ts'
import { createMemoryStore } from './memory-store.ts'

const openStore = () => createMemoryStore({ now: () => 0, changesKept: 5 })

async function told(store: ReturnType<typeof openStore>, after: string) {
  const pages: ChangedPartitions[] = []
  for await (const page of changedPartitions(store, after)) pages.push(page)
  const cursor = pages.findLast((page) => page.cursor !== undefined)?.cursor ?? after
  return { seen: new Set(pages.flatMap(({ partitions }) => partitions)), cursor }
}

test('a follower that was away too long is told of every partition, and follows again', async () => {
  const store = openStore()
  await commit(store, put(key('first', 'x'), {}))
  const { cursor } = await told(store, '')
  for (let n = 0; n < 12; n += 1) await commit(store, put(key(`p${n}`, 'x'), {}))
  const swept = await told(store, cursor)
  expect(swept.seen).toStrictEqual(
    new Set(['first', ...Array.from({ length: 12 }, (_, n) => `p${n}`)]),
  )
  await commit(store, put(key('later', 'x'), {}))
  expect((await told(store, swept.cursor)).seen).toStrictEqual(new Set(['later']))
})

test('a follower that is up to date is told of nothing', async () => {
  const store = openStore()
  await commit(store, put(key('only', 'x'), {}))
  const { cursor } = await told(store, '')
  expect((await told(store, cursor)).seen).toStrictEqual(new Set())
})
