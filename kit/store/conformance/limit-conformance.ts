import { expect } from 'vitest'
import {
  type Condition,
  type Field,
  type Key,
  type Row,
  STORE_LIMITS,
  type Store,
} from '../store.ts'
import {
  check,
  commit,
  key,
  newToken,
  put,
  read,
  refusalOf,
  type StoreCase,
  times,
  update,
} from './store-case.ts'

const A = key('p', 'a')
/** Names and key of a row `{ text }` at A: `pk`, `sk`, `p`, `a` and `text`. */
const BYTES_AROUND_TEXT = 2 + 2 + 1 + 1 + 4
const ROOM = STORE_LIMITS.rowBytesMax - BYTES_AROUND_TEXT

function rowCase(title: string, row: Row, expected: string): StoreCase {
  return {
    title,
    async run({ store }) {
      expect(await refusalOf(commit(store, put(A, row)))).toBe(expected)
      expect((await read(store, A)) === undefined).toBe(expected !== 'not refused')
    },
  }
}

function keyCase(title: string, at: Key, expected: string): StoreCase {
  return {
    title,
    async run({ store }) {
      expect(await refusalOf(commit(store, put(at, { n: 1n })))).toBe(expected)
      expect(await refusalOf(store.snapshot([at]))).toBe(expected)
    },
  }
}

function conditionCase(title: string, when: Condition, expected: string): StoreCase {
  return {
    title,
    async run({ store }) {
      expect(await refusalOf(commit(store, check(A, when)))).toBe(expected)
    },
  }
}

function queryCase(
  title: string,
  range: Parameters<Store['query']>[1],
  expected: string,
): StoreCase {
  return {
    title,
    async run({ store }) {
      expect(await refusalOf(store.query('p', range))).toBe(expected)
    },
  }
}

function fields(count: number): Record<string, bigint> {
  return Object.fromEntries(times(count, (index) => [`f${index}`, 0n]))
}

function smuggled(field: unknown): Row {
  return { field: field as Field }
}

export const LIMIT_CASES: readonly StoreCase[] = [
  {
    title: 'a snapshot reads 100 keys and refuses 101',
    async run({ store }) {
      const keys = times(101, (index) => key('p', String(index)))
      expect(await store.snapshot(keys.slice(1))).toHaveLength(100)
      expect(await refusalOf(store.snapshot(keys))).toBe('too-large')
    },
  },
  {
    title: 'a snapshot refuses a key named twice',
    async run({ store }) {
      expect(await refusalOf(store.snapshot([A, key('p', 'b'), { ...A }]))).toBe('TypeError')
    },
  },
  {
    title: 'a snapshot refuses more than 4 MB of rows',
    async run({ store }) {
      const keys = times(11, (index) => key('p', String(index)))
      const text = 'x'.repeat(399 * 1024)
      for (const at of keys) await commit(store, put(at, { text }))
      expect(await store.snapshot(keys.slice(1))).toHaveLength(10)
      expect(await refusalOf(store.snapshot(keys))).toBe('too-large')
    },
  },
  {
    title: 'a transaction holds 100 ops and refuses 101',
    async run({ store }) {
      const ops = times(101, (index) => put(key('p', String(index)), { n: 1n }))
      expect(await refusalOf(commit(store, ...ops))).toBe('too-large')
      expect(await read(store, key('p', '0'))).toBeUndefined()
      await commit(store, ...ops.slice(1))
      expect(await read(store, key('p', '100'))).toStrictEqual({ n: 1n })
    },
  },
  {
    title: 'a transaction refuses a key named twice, even by a check',
    async run({ store }) {
      const twice = commit(store, put(A, { n: 1n }), check({ ...A }, { absent: true }))
      expect(await refusalOf(twice)).toBe('TypeError')
      expect(await read(store, A)).toBeUndefined()
    },
  },
  {
    title: 'a transaction of no ops is refused',
    async run({ store }) {
      expect(await refusalOf(commit(store))).toBe('TypeError')
    },
  },
  {
    title: 'a transaction without a token is refused',
    async run({ store }) {
      expect(await refusalOf(store.transact([put(A, {})], { token: '' }))).toBe('TypeError')
    },
  },
  {
    title: 'a transaction refuses more than 4 MB and applies none of it',
    async run({ store }) {
      const text = 'x'.repeat(399 * 1024)
      const ops = times(11, (index) => put(key('p', String(index)), { text }))
      expect(await refusalOf(commit(store, ...ops))).toBe('too-large')
      expect(await read(store, key('p', '0'))).toBeUndefined()
      await commit(store, ...ops.slice(1))
      expect(await read(store, key('p', '10'))).toStrictEqual({ text })
    },
  },
  rowCase('a row holds exactly 400 KB', { text: 'x'.repeat(ROOM) }, 'not refused'),
  rowCase('a row refuses one byte more than 400 KB', { text: 'x'.repeat(ROOM + 1) }, 'too-large'),
  rowCase('a row is measured in UTF-8 bytes', { text: 'é'.repeat(ROOM / 2 + 1) }, 'too-large'),
  rowCase('a row counts bytes as bytes', { text: new Uint8Array(ROOM) }, 'not refused'),
  rowCase(
    'a row refuses one byte of bytes too many',
    { text: new Uint8Array(ROOM + 1) },
    'too-large',
  ),
  rowCase('the names of fields count', { [`text${'x'.repeat(ROOM)}`]: 'x' }, 'too-large'),
  {
    title: 'an update refuses to grow a row beyond 400 KB, and leaves it as it was',
    async run({ store }) {
      const text = 'x'.repeat(ROOM)
      await commit(store, put(A, { text }))
      expect(await refusalOf(commit(store, update(A, { more: 'x' })))).toBe('too-large')
      expect(await read(store, A)).toStrictEqual({ text })
    },
  },
  rowCase('a whole number of 39 digits is refused', { n: 10n ** 38n }, 'too-large'),
  rowCase('a negative number of 39 digits is refused', { n: -(10n ** 38n) }, 'too-large'),
  conditionCase('a condition refuses 39 digits too', { atLeast: { n: 10n ** 38n } }, 'too-large'),
  conditionCase(
    'a condition names up to 100 fields',
    { equals: fields(50), atLeast: fields(50) },
    'condition-failed 0',
  ),
  conditionCase(
    'a condition refuses more than 100 fields',
    { equals: fields(50), atLeast: fields(51) },
    'too-large',
  ),
  {
    title: 'an update names up to 100 fields, with its condition',
    async run({ store }) {
      await commit(store, put(A, fields(200)))
      const when = { equals: fields(50) }
      expect(await refusalOf(commit(store, update(A, fields(50), when)))).toBe('not refused')
      expect(await refusalOf(commit(store, update(A, fields(51), when)))).toBe('too-large')
    },
  },
  {
    title: 'an update that sets nothing is refused',
    async run({ store }) {
      expect(await refusalOf(commit(store, update(A, {})))).toBe('TypeError')
    },
  },
  keyCase('a partition key holds 2048 bytes', key('p'.repeat(2048), 'a'), 'not refused'),
  keyCase('a partition key refuses 2049 bytes', key('p'.repeat(2049), 'a'), 'too-large'),
  keyCase('a sort key holds 1024 bytes', key('p', 's'.repeat(1024)), 'not refused'),
  keyCase('a sort key refuses 1025 bytes', key('p', 's'.repeat(1025)), 'too-large'),
  keyCase('a key is measured in UTF-8 bytes', key('p', '東'.repeat(342)), 'too-large'),
  keyCase('a partition key is not empty', key('', 'a'), 'TypeError'),
  keyCase('a sort key is not empty', key('p', ''), 'TypeError'),
  keyCase('a key refuses half a surrogate pair', key('p', 'a\ud800'), 'TypeError'),
  rowCase('text refuses half a surrogate pair', { text: '\udc00' }, 'TypeError'),
  rowCase('a name refuses half a surrogate pair', { '\ud800': 'x' }, 'TypeError'),
  rowCase('a field cannot have an empty name', { '': 'x' }, 'TypeError'),
  rowCase('a field cannot be named pk', { pk: 'x' }, 'TypeError'),
  rowCase('a field cannot be named sk', { sk: 'x' }, 'TypeError'),
  rowCase('a field cannot be named __proto__', { ['__proto__']: 'x' }, 'TypeError'),
  rowCase('a floating number is refused', smuggled(1.5), 'TypeError'),
  rowCase('null is refused', smuggled(null), 'TypeError'),
  rowCase('undefined is refused', smuggled(undefined), 'TypeError'),
  rowCase('an object is refused', smuggled({ a: 1n }), 'TypeError'),
  rowCase('a list is refused', smuggled(['a']), 'TypeError'),
  queryCase('a page of 1000 may be asked for', { limit: 1000 }, 'not refused'),
  queryCase('a page of 1001 is refused', { limit: 1001 }, 'too-large'),
  queryCase('a page of none is refused', { limit: 0 }, 'TypeError'),
  queryCase('a page of one and a half is refused', { limit: 1.5 }, 'TypeError'),
  queryCase('a bound is not empty', { limit: 1, from: '' }, 'TypeError'),
  queryCase('a bound refuses 1025 bytes', { limit: 1, after: 'x'.repeat(1025) }, 'too-large'),
  {
    title: 'a query of an empty partition key is refused',
    async run({ store }) {
      expect(await refusalOf(store.query('', { limit: 1 }))).toBe('TypeError')
    },
  },
  {
    title: 'what is refused for its form takes no token with it',
    async run({ store }) {
      const token = newToken()
      expect(await refusalOf(store.transact([put(A, smuggled(1))], { token }))).toBe('TypeError')
      await store.transact([put(A, { field: 1n })], { token })
      expect(await read(store, A)).toStrictEqual({ field: 1n })
    },
  },
]
