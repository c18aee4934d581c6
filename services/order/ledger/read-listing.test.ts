import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { expect, test } from 'vitest'
import { countingReads } from '../testing/counting-store.ts'
import { type Listing, ROWS_SCANNED_MAX, readListing } from './read-listing.ts'

const PARTITION = 'P'
const keyOf = (number: number): string => `N#${String(number).padStart(6, '0')}`

/** Rows 1 to `count`, between rows that belong to other listings. */
async function storeWith(count: number): Promise<Store> {
  const store = createMemoryStore({ now: () => 0 })
  const keys = ['M#1', 'O#1', ...Array.from({ length: count }, (_, index) => keyOf(index + 1))]
  for (const sk of keys) {
    const key = { pk: PARTITION, sk }
    await store.transact([{ kind: 'put', key, row: { here: true } }], { token: sk })
  }
  return store
}

const listing = <Item>(
  itemOf: (number: number) => Item | undefined,
  { after, limit }: { after?: string | undefined; limit?: number } = {},
): Listing<Item> => ({
  partition: PARTITION,
  range: { from: 'N#', to: 'N$' },
  after,
  limit,
  itemOf: ({ sk }) => itemOf(Number(sk.slice(2))),
})

/** Every page of a listing, the first one first. */
async function pagesOf<Item>(
  store: Store,
  itemOf: (number: number) => Item | undefined,
  limit: number,
): Promise<(readonly Item[])[]> {
  const pages: (readonly Item[])[] = []
  let after: string | undefined
  do {
    const { items, next } = await readListing(store, listing(itemOf, { after, limit }))
    pages.push(items)
    after = next
  } while (after !== undefined)
  return pages
}

const newestFirst = (count: number, wanted: (number: number) => boolean): number[] =>
  Array.from({ length: count }, (_, index) => count - index).filter(wanted)

test.each([
  { name: 'everything', wanted: () => true },
  { name: 'every third', wanted: (number: number) => number % 3 === 0 },
  { name: 'one in a hundred', wanted: (number: number) => number % 100 === 7 },
  { name: 'the oldest only', wanted: (number: number) => number === 1 },
  { name: 'nothing', wanted: () => false },
])('pages of $name of a thousand rows put together are one pass', async ({ wanted }) => {
  const store = await storeWith(1_000)
  for (const limit of [1, 7, 50, 100]) {
    const pages = await pagesOf(store, (number) => (wanted(number) ? number : undefined), limit)
    expect(pages.flat()).toEqual(newestFirst(1_000, wanted))
    expect(pages.every((page) => page.length <= limit)).toBe(true)
  }
})

test('a page that ends with the oldest row says that there is no more', async () => {
  const store = await storeWith(100)
  const last = await readListing(
    store,
    listing((number) => number, { after: keyOf(51), limit: 50 }),
  )
  expect(last.items).toHaveLength(50)
  expect(last.next).toBeUndefined()
  const before = await readListing(
    store,
    listing((number) => number, { after: keyOf(52), limit: 50 }),
  )
  expect(before.next).toBe(keyOf(2))
})

test('a partition without rows of the listing is one empty page', async () => {
  const store = await storeWith(0)
  expect(
    await readListing(
      store,
      listing((number) => number),
    ),
  ).toEqual({
    items: [],
    next: undefined,
  })
})

test('what cannot be found costs a bounded number of rows, and the next page goes on behind them', async () => {
  const counted = countingReads(await storeWith(1_200))
  const { items, next } = await readListing(
    counted.store,
    listing(() => undefined, { limit: 10 }),
  )
  expect(items).toEqual([])
  expect(counted.rowsRead()).toBe(ROWS_SCANNED_MAX)
  expect(next).toBe(keyOf(1_200 - ROWS_SCANNED_MAX + 1))
})

test('a page in the depth of a listing costs what the first one costs', async () => {
  const counted = countingReads(await storeWith(1_000))
  const cost = async (after: string | undefined) => {
    counted.reset()
    const { items } = await readListing(
      counted.store,
      listing((number) => number, { after, limit: 1 }),
    )
    return { items: items.length, reads: counted.reads(), rows: counted.rowsRead() }
  }
  expect(await cost(undefined)).toEqual({ items: 1, reads: 1, rows: 1 })
  expect(await cost(keyOf(2))).toEqual(await cost(undefined))
})
