import type { Store } from '@cnop/kit/store/store.ts'
import { expect, test } from 'vitest'
import { createSamplePlatform, type SamplePlatform } from '../testing/sample-account.ts'
import { CASH } from './balance-rows.ts'
import { cashIn, holdingsIn, readBooks } from './read-books.ts'

function platformWithBitcoin(wrapStore?: (store: Store) => Store): SamplePlatform {
  const platform = createSamplePlatform({
    at: '2026-03-01T10:00:00.000Z',
    ...(wrapStore === undefined ? {} : { wrapStore }),
  })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '50000.00' })
  return platform
}

/** A store whose range reads are not of one moment: `between` happens after the head is read. */
function tearing(store: Store, between: () => Promise<unknown>): Store {
  return {
    ...store,
    async query(pk, range) {
      const head = await store.query(pk, { ...range, limit: 1 })
      await between()
      const after = head.rows.at(-1)?.sk
      if (after === undefined) return head
      const rest = await store.query(pk, { ...range, after, limit: range.limit - 1 })
      return { rows: [...head.rows, ...rest.rows], more: rest.more }
    },
  }
}

test('books of a customer without a journal are empty', async () => {
  const { store } = platformWithBitcoin()
  const books = await readBooks(store, 'nobody')
  expect(books).toEqual({ account: undefined, balances: [] })
  expect(cashIn(books)).toBe(0n)
})

test('books hold the head and every balance, and nothing of anybody else', async () => {
  const platform = platformWithBitcoin()
  await platform.account('ada').deposit('1000')
  await platform.account('ada').buy('BTC', '0.01')
  await platform.account('adam').deposit('7')
  const books = await readBooks(platform.store, 'ada')
  expect(books.account?.seq).toBe(2n)
  expect(books.balances.map(({ asset, a }) => [asset, a])).toEqual([
    ['BTC', 1_000_000n],
    [CASH, 500_00n],
  ])
  expect(cashIn(books)).toBe(500_00n)
  expect(holdingsIn(books).map(({ asset }) => asset)).toEqual(['BTC'])
})

test('what was sold as a whole is no holding', async () => {
  const platform = platformWithBitcoin()
  const ada = platform.account('ada')
  await ada.deposit('1000')
  await ada.buy('BTC', '0.01')
  await ada.sell('BTC', '0.01')
  expect(holdingsIn(await readBooks(platform.store, 'ada'))).toEqual([])
})

test('a purchase between head and balances is seen as a whole or not at all', async () => {
  const platform = platformWithBitcoin()
  const ada = platform.account('ada')
  await ada.deposit('1000')
  let purchases = 0
  const store = tearing(platform.store, async () => {
    if (purchases >= 3) return
    purchases += 1
    await ada.buy('BTC', '0.001')
  })
  const books = await readBooks(store, 'ada')
  expect(purchases).toBe(3)
  expect(books.account?.seq).toBe(4n)
  expect(books.balances.map(({ asset, a }) => [asset, a])).toEqual([
    ['BTC', 300_000n],
    [CASH, 850_00n],
  ])
})

test('an account that never holds still is refused, not told wrong', async () => {
  const platform = platformWithBitcoin()
  const ada = platform.account('ada')
  await ada.deposit('1000')
  const store = tearing(platform.store, () => ada.deposit('1'))
  await expect(readBooks(store, 'ada')).rejects.toMatchObject({ code: 'contention' })
})
