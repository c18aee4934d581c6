import { expect, test } from 'vitest'
import { commit, key, put, read, refusalOf } from './conformance/store-case.ts'
import { createDawdlingStore } from './dawdling-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { createChance } from './seeded-chance.ts'

const A = key('p', 'a')

/** The order in which ten racing writers end, and the row they leave. */
async function race(seed: number): Promise<string> {
  const pauses: { readonly ms: number; readonly end: () => void }[] = []
  const store = createDawdlingStore({
    store: createMemoryStore({ now: () => 0 }),
    chance: createChance(seed),
    pause: (ms) => new Promise((end) => pauses.push({ ms, end })),
    pauseMsMax: 10,
  })
  const ended: number[] = []
  const writers = Array.from({ length: 10 }, async (_, writer) => {
    const outcome = await refusalOf(commit(store, put(A, { n: BigInt(writer) }, { absent: true })))
    ended.push(outcome === 'not refused' ? writer + 100 : writer)
  })
  while (ended.length < writers.length) {
    pauses.sort((a, b) => b.ms - a.ms)
    pauses.pop()?.end()
    await new Promise(setImmediate)
  }
  return ended.join()
}

test('the same seed gives the same race', async () => {
  expect(await race(1)).toBe(await race(1))
})

test('seeds let different writers win', async () => {
  const races = await Promise.all([1, 2, 3, 4, 5, 6].map(race))
  const winners = new Set(races.map((ended) => /1\d\d/.exec(ended)?.[0]))
  expect(winners.size).toBeGreaterThan(1)
})

test('a call overlaps with another one that came later and ended sooner', async () => {
  const amounts = [0.9, 0.1, 0.1, 0.9]
  const store = createDawdlingStore({
    store: createMemoryStore({ now: () => 0 }),
    chance: () => amounts.shift() ?? 0,
    pause: (ms) => new Promise((end) => setTimeout(end, ms)),
    pauseMsMax: 20,
  })
  const slow = commit(store, put(A, { n: 1n }))
  await commit(store, put(A, { n: 2n }))
  await slow
  expect(await read(store, A)).toStrictEqual({ n: 1n })
})
