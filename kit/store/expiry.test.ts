import { expect, test } from 'vitest'
import { type SweepPlace, sweepExpired } from './expiry.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Row, Store } from './store.ts'

const NOW_MS = Date.UTC(2026, 2, 1)
const NOW = BigInt(NOW_MS / 1000)
const DAY = 86_400n
const RANGE = { from: 'I#', to: 'I$' }

async function filled(rows: Readonly<Record<string, Row>>): Promise<Store> {
  const store = createMemoryStore({ now: () => NOW_MS })
  for (const [place, row] of Object.entries(rows)) {
    const [pk = '', sk = ''] = place.split('/')
    await store.transact([{ kind: 'put', key: { pk, sk }, row }], { token: place })
  }
  return store
}

async function sweepAll(store: Store): Promise<{ steps: number; deleted: number }> {
  let place: SweepPlace | undefined
  for (let steps = 1, deleted = 0; ; steps += 1) {
    const step = await sweepExpired({ store, range: RANGE, nowMs: NOW_MS, place })
    deleted += step.deleted
    place = step.next
    if (place === undefined) return { steps, deleted }
  }
}

async function keysOf(store: Store, pk: string): Promise<string[]> {
  return (await store.query(pk, { limit: 1000 })).rows.map(({ sk }) => sk)
}

test('what expired a day ago goes, in every partition; what is younger, or of another kind, stays', async () => {
  const store = await filled({
    'a/I#long': { expires: NOW - 10n * DAY },
    'a/I#day': { expires: NOW - DAY },
    'a/I#younger': { expires: NOW - DAY + 1n },
    'a/I#later': { expires: NOW + 1n },
    'a/I#never': { text: 'no end' },
    'a/O#other': { expires: 1n },
    'b/I#long': { expires: 1n },
  })
  expect((await sweepAll(store)).deleted).toBe(3)
  expect(await keysOf(store, 'a')).toEqual(['I#later', 'I#never', 'I#younger', 'O#other'])
  expect(await keysOf(store, 'b')).toEqual([])
})

test('however many have expired, a step takes a hundred at most', async () => {
  const rows = Array.from({ length: 250 }, (_, index) => [`a/I#${1000 + index}`, { expires: 1n }])
  const store = await filled(Object.fromEntries(rows))
  expect(await sweepAll(store)).toEqual({ steps: 4, deleted: 250 })
  expect(await keysOf(store, 'a')).toEqual([])
})

test('a row that is written again between look and deletion stays', async () => {
  const store = await filled({ 'a/I#key': { expires: 1n } })
  const key = { pk: 'a', sk: 'I#key' }
  const busy: Store = {
    ...store,
    async query(pk, range) {
      const page = await store.query(pk, range)
      const row = { expires: NOW + DAY }
      await store.transact([{ kind: 'put', key, row }], { token: 'meanwhile' })
      return page
    },
  }
  expect((await sweepAll(busy)).deleted).toBe(0)
  expect(await store.snapshot([key])).toEqual([{ expires: NOW + DAY }])
})
