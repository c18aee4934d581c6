import { expect } from 'vitest'
import type { QueryRange, Store } from '../store.ts'
import { commit, key, put, remove, type StoreCase, sortKeys, times } from './store-case.ts'

const LETTERS = ['a', 'b', 'c', 'd', 'e']

/** Which of the rows a to e a range gives, in which order. */
function rangeCase(title: string, range: QueryRange, expected: { keys: string; more: boolean }) {
  return {
    title,
    async run({ store }: Parameters<StoreCase['run']>[0]) {
      await fill(store, LETTERS)
      const page = await store.query('p', range)
      expect(page.rows.map(({ sk }) => sk).join('')).toBe(expected.keys)
      expect(page.more).toBe(expected.more)
    },
  }
}

async function fill(store: Store, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += 100) {
    const hundred = keys.slice(start, start + 100)
    await commit(store, ...hundred.map((sk) => put(key('p', sk), { name: sk })))
  }
}

/** Every sort key, page by page. */
async function walk(store: Store, range: QueryRange): Promise<readonly string[]> {
  const walked: string[] = []
  let page = await store.query('p', range)
  walked.push(...page.rows.map(({ sk }) => sk))
  while (page.more) {
    page = await store.query('p', { ...range, after: walked.at(-1) as string })
    walked.push(...page.rows.map(({ sk }) => sk))
  }
  return walked
}

export const QUERY_CASES: readonly StoreCase[] = [
  {
    title: 'a query gives the rows with their sort keys',
    async run({ store }) {
      await commit(store, put(key('p', 'b'), { n: 2n }), put(key('p', 'a'), { n: 1n, on: true }))
      expect(await store.query('p', { limit: 10 })).toStrictEqual({
        rows: [
          { sk: 'a', row: { n: 1n, on: true } },
          { sk: 'b', row: { n: 2n } },
        ],
        more: false,
      })
    },
  },
  {
    title: 'a partition without rows is an empty page',
    async run({ store }) {
      expect(await store.query('p', { limit: 10 })).toStrictEqual({ rows: [], more: false })
    },
  },
  {
    title: 'a query gives rows of its own partition only',
    async run({ store }) {
      const keys = [key('p', 'b'), key('p1', 'a'), key('P', 'a'), key('o', 'z'), key('p\0', 'c')]
      await commit(store, ...keys.map((at) => put(at, { n: 1n })))
      expect(await sortKeys(store, 'p', { limit: 10 })).toStrictEqual(['b'])
    },
  },
  rangeCase(
    'a limit as large as the partition leaves no more',
    { limit: 5 },
    { keys: 'abcde', more: false },
  ),
  rangeCase('a smaller limit says there is more', { limit: 4 }, { keys: 'abcd', more: true }),
  rangeCase('reverse begins at the end', { limit: 2, reverse: true }, { keys: 'ed', more: true }),
  rangeCase('from includes its key', { limit: 9, from: 'b' }, { keys: 'bcde', more: false }),
  rangeCase('from need not be a key', { limit: 9, from: 'bb' }, { keys: 'cde', more: false }),
  rangeCase('to includes its key', { limit: 9, to: 'c' }, { keys: 'abc', more: false }),
  rangeCase('to need not be a key', { limit: 9, to: 'cc' }, { keys: 'abc', more: false }),
  rangeCase('from and to together', { limit: 9, from: 'b', to: 'd' }, { keys: 'bcd', more: false }),
  rangeCase('from and to of one key', { limit: 9, from: 'c', to: 'c' }, { keys: 'c', more: false }),
  rangeCase(
    'from behind to gives nothing',
    { limit: 9, from: 'd', to: 'b' },
    { keys: '', more: false },
  ),
  rangeCase(
    'from and to hold in reverse',
    { limit: 9, from: 'b', to: 'd', reverse: true },
    { keys: 'dcb', more: false },
  ),
  rangeCase(
    'more counts only rows within the bounds',
    { limit: 2, from: 'b', to: 'c' },
    { keys: 'bc', more: false },
  ),
  rangeCase('after excludes its key', { limit: 2, after: 'b' }, { keys: 'cd', more: true }),
  rangeCase('after need not be a key', { limit: 9, after: 'bb' }, { keys: 'cde', more: false }),
  rangeCase('after the last key is nothing', { limit: 9, after: 'e' }, { keys: '', more: false }),
  rangeCase(
    'after in reverse continues downwards',
    { limit: 2, after: 'd', reverse: true },
    { keys: 'cb', more: true },
  ),
  rangeCase(
    'after the first key in reverse is nothing',
    { limit: 9, after: 'a', reverse: true },
    { keys: '', more: false },
  ),
  rangeCase(
    'after stays within from and to',
    { limit: 9, from: 'b', to: 'd', after: 'b' },
    { keys: 'cd', more: false },
  ),
  rangeCase(
    'after below from changes nothing',
    { limit: 9, from: 'c', after: 'a' },
    { keys: 'cde', more: false },
  ),
  rangeCase(
    'after equal to from excludes it',
    { limit: 9, from: 'c', after: 'c' },
    { keys: 'de', more: false },
  ),
  rangeCase(
    'after behind to is nothing',
    { limit: 9, to: 'b', after: 'c' },
    { keys: '', more: false },
  ),
  rangeCase(
    'after above to changes nothing in reverse',
    { limit: 9, to: 'b', after: 'd', reverse: true },
    { keys: 'ba', more: false },
  ),
  rangeCase(
    'after equal to to excludes it in reverse',
    { limit: 9, to: 'b', after: 'b', reverse: true },
    { keys: 'a', more: false },
  ),
  {
    title: 'sort keys are in the order of their UTF-8 bytes',
    async run({ store }) {
      const ordered = [
        '\0',
        '\u0001',
        ' ',
        '0',
        '00',
        '1',
        '10',
        '2',
        'A',
        'Z',
        'a',
        'a\0',
        'aa',
        'b',
        'é',
        'ÿ',
        'Ω',
        '東',
        '\ud7ff',
        '\ue000',
        '\uffff',
        '\u{10000}',
        '😀',
        '\u{10ffff}',
        '\u{10ffff}a',
      ]
      await fill(store, ordered.toReversed())
      expect(await sortKeys(store, 'p', { limit: 100 })).toStrictEqual(ordered)
      expect(await sortKeys(store, 'p', { limit: 100, reverse: true })).toStrictEqual(
        ordered.toReversed(),
      )
    },
  },
  {
    title: 'bounds too are in the order of UTF-8 bytes',
    async run({ store }) {
      await fill(store, ['\ue000', '\uffff', '\u{10000}'])
      expect(await sortKeys(store, 'p', { limit: 9, from: '\u{10000}' })).toStrictEqual([
        '\u{10000}',
      ])
      expect(await sortKeys(store, 'p', { limit: 9, to: '\uffff' })).toStrictEqual([
        '\ue000',
        '\uffff',
      ])
      expect(await sortKeys(store, 'p', { limit: 9, after: '\uffff' })).toStrictEqual(['\u{10000}'])
    },
  },
  {
    title: 'pages forward meet every row once',
    async run({ store }) {
      const keys = times(257, (index) => String(index).padStart(4, '0'))
      await fill(store, keys)
      expect(await walk(store, { limit: 50 })).toStrictEqual(keys)
    },
  },
  {
    title: 'pages backward meet every row once',
    async run({ store }) {
      const keys = times(257, (index) => String(index).padStart(4, '0'))
      await fill(store, keys)
      expect(await walk(store, { limit: 50, reverse: true })).toStrictEqual(keys.toReversed())
    },
  },
  {
    title: 'pages within bounds meet every row within them once, either way',
    async run({ store }) {
      const keys = times(30, (index) => String(index).padStart(4, '0'))
      await fill(store, keys)
      const within = { limit: 4, from: '0005', to: '0025' }
      expect(await walk(store, within)).toStrictEqual(keys.slice(5, 26))
      expect(await walk(store, { ...within, reverse: true })).toStrictEqual(
        keys.slice(5, 26).toReversed(),
      )
    },
  },
  {
    title: 'a page holds 1000 rows and says there are more',
    async run({ store }) {
      const keys = times(1001, (index) => String(index).padStart(4, '0'))
      await fill(store, keys)
      const page = await store.query('p', { limit: 1000 })
      expect(page.rows.map(({ sk }) => sk)).toStrictEqual(keys.slice(0, 1000))
      expect(page.more).toBe(true)
    },
  },
  {
    title: 'a page that ends at the last row says there is no more',
    async run({ store }) {
      await fill(store, LETTERS)
      const page = await store.query('p', { limit: 2, after: 'c' })
      expect(page).toMatchObject({ rows: [{ sk: 'd' }, { sk: 'e' }], more: false })
    },
  },
  {
    title: 'a deleted row is not met',
    async run({ store }) {
      await fill(store, LETTERS)
      await commit(store, remove(key('p', 'b')), remove(key('p', 'e')))
      expect(await sortKeys(store, 'p', { limit: 9 })).toStrictEqual(['a', 'c', 'd'])
    },
  },
  {
    title: 'pages go on from a row deleted meanwhile',
    async run({ store }) {
      await fill(store, LETTERS)
      expect(await sortKeys(store, 'p', { limit: 2 })).toStrictEqual(['a', 'b'])
      await commit(store, remove(key('p', 'b')))
      expect(await sortKeys(store, 'p', { limit: 9, after: 'b' })).toStrictEqual(['c', 'd', 'e'])
    },
  },
  {
    title: 'the rows of one kind are a range of their prefix',
    async run({ store }) {
      await fill(store, ['@HEAD', 'B#BTC', 'B#USD', 'B', 'C#1', 'E#1'])
      const balances = { limit: 9, from: 'B#', to: 'B#\u{10ffff}' }
      expect(await sortKeys(store, 'p', balances)).toStrictEqual(['B#BTC', 'B#USD'])
    },
  },
]
