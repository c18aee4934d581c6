import { expect, test } from 'vitest'
import { commit, key, put, times } from './conformance/store-case.ts'
import { copyStore } from './copy-store.ts'
import { createFaultyStore } from './faulty-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { createChance } from './seeded-chance.ts'
import { stateHash } from './state-hash.ts'
import type { Key, Row } from './store.ts'

const openStore = () => createMemoryStore({ now: () => 0 })
const all = () => true

async function filled() {
  const store = openStore()
  for (const pk of ['a', 'b', 'c']) {
    for (const start of [0, 90]) {
      const rows = times(90, (n) => put(key(pk, String(start + n).padStart(4, '0')), { n: 1n }))
      await commit(store, ...rows)
    }
  }
  return store
}

test('a copy that is cut off after any batch goes on and is whole', async () => {
  const from = await filled()
  for (const cut of [1, 2, 3, 4, 5]) {
    const to = openStore()
    let behind: Key | undefined
    let batches = 0
    const cutOff = new Error('cut off')
    const first = copyStore({
      from,
      to,
      behind: undefined,
      keeps: all,
      onCopied(last) {
        behind = last
        batches += 1
        if (batches === cut) throw cutOff
      },
    })
    await expect(first).rejects.toBe(cutOff)
    expect(await stateHash(to)).not.toBe(await stateHash(from))
    await copyStore({ from, to, behind, keeps: all, onCopied: () => undefined })
    expect(await stateHash(to)).toBe(await stateHash(from))
  }
})

test('rows that do not go along are left behind, and the hash is of the others', async () => {
  const from = await filled()
  const expired = times(100, (n) => put(key('b', `0050-${n}`), { expires: 5n }))
  await commit(from, ...expired)
  const keeps = (row: Row): boolean => row['expires'] === undefined
  const to = openStore()
  await copyStore({ from, to, behind: undefined, keeps, onCopied: () => undefined })
  expect(await stateHash(to)).toBe(await stateHash(await filled()))
  expect(await stateHash(from, keeps)).toBe(await stateHash(to))
})

test('a target that throttles and loses answers gets every row', async () => {
  const from = await filled()
  const to = openStore()
  const rates = { lostRequest: 0.2, lostReply: 0.2, conflict: 0.1, throttled: 0.1, crash: 0 }
  const faulty = createFaultyStore({
    store: to,
    chance: createChance(5),
    rates,
    onCrash: () => undefined,
  })
  await copyStore({ from, to: faulty, behind: undefined, keeps: all, onCopied: () => undefined })
  expect(await stateHash(to)).toBe(await stateHash(from))
})
