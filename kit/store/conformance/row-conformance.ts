import { expect } from 'vitest'
import { commit, key, put, read, remove, type StoreCase, update } from './store-case.ts'

const A = key('p', 'a')
const B = key('p', 'b')

export const ROW_CASES: readonly StoreCase[] = [
  {
    title: 'a row comes back with every field as it was put',
    async run({ store }) {
      const row = { text: 'pear', count: 12n, fresh: true, raw: new Uint8Array([0, 1, 255]) }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'a key without a row reads as undefined',
    async run({ store }) {
      expect(await store.snapshot([A])).toStrictEqual([undefined])
    },
  },
  {
    title: 'a snapshot answers in the order of its keys',
    async run({ store }) {
      await commit(store, put(A, { n: 1n }), put(B, { n: 2n }))
      const keys = [B, key('q', 'none'), A]
      expect(await store.snapshot(keys)).toStrictEqual([{ n: 2n }, undefined, { n: 1n }])
    },
  },
  {
    title: 'a snapshot of no keys is empty',
    async run({ store }) {
      expect(await store.snapshot([])).toStrictEqual([])
    },
  },
  {
    title: 'a put replaces the whole row',
    async run({ store }) {
      await commit(store, put(A, { n: 1n, old: true }))
      await commit(store, put(A, { n: 2n }))
      expect(await read(store, A)).toStrictEqual({ n: 2n })
    },
  },
  {
    title: 'an update sets the named fields and keeps the rest',
    async run({ store }) {
      await commit(store, put(A, { n: 1n, kept: 'yes' }))
      await commit(store, update(A, { n: 2n, added: false }))
      expect(await read(store, A)).toStrictEqual({ n: 2n, kept: 'yes', added: false })
    },
  },
  {
    title: 'an update may change the kind of a field',
    async run({ store }) {
      await commit(store, put(A, { field: 1n }))
      await commit(store, update(A, { field: 'one' }))
      expect(await read(store, A)).toStrictEqual({ field: 'one' })
    },
  },
  {
    title: 'an update where no row is makes one',
    async run({ store }) {
      await commit(store, update(A, { n: 1n }))
      expect(await read(store, A)).toStrictEqual({ n: 1n })
    },
  },
  {
    title: 'a delete removes the row',
    async run({ store }) {
      await commit(store, put(A, { n: 1n }), put(B, { n: 2n }))
      await commit(store, remove(A))
      expect(await store.snapshot([A, B])).toStrictEqual([undefined, { n: 2n }])
    },
  },
  {
    title: 'a delete where no row is succeeds',
    async run({ store }) {
      await commit(store, remove(A))
      expect(await read(store, A)).toBeUndefined()
    },
  },
  {
    title: 'a row put again after its delete has none of its old fields',
    async run({ store }) {
      await commit(store, put(A, { old: true }))
      await commit(store, remove(A))
      await commit(store, update(A, { n: 1n }))
      expect(await read(store, A)).toStrictEqual({ n: 1n })
    },
  },
  {
    title: 'a row without fields is a row',
    async run({ store }) {
      await commit(store, put(A, {}))
      expect(await read(store, A)).toStrictEqual({})
    },
  },
  {
    title: 'one transaction puts, updates and deletes together',
    async run({ store }) {
      await commit(store, put(A, { n: 1n }), put(B, { n: 1n }))
      await commit(store, put(key('q', 'c'), { n: 3n }), update(A, { n: 2n }), remove(B))
      expect(await store.snapshot([A, B, key('q', 'c')])).toStrictEqual([
        { n: 2n },
        undefined,
        { n: 3n },
      ])
    },
  },
  {
    title: 'empty text and empty bytes are values',
    async run({ store }) {
      const row = { text: '', raw: new Uint8Array() }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'whole numbers keep all of 38 digits and their sign',
    async run({ store }) {
      const largest = 10n ** 38n - 1n
      const row = { largest, least: -largest, zero: 0n, negative: -1n }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'whole numbers keep trailing zeros and what a float would lose',
    async run({ store }) {
      const row = { round: 10n ** 37n, odd: 2n ** 53n + 1n }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'text that looks like another kind stays text',
    async run({ store }) {
      const row = { number: '007', truth: 'true', nothing: 'null', json: '{"a":1}', tagged: 'n5' }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'both truth values come back',
    async run({ store }) {
      await commit(store, put(A, { yes: true, no: false }))
      expect(await read(store, A)).toStrictEqual({ yes: true, no: false })
    },
  },
  {
    title: 'all 256 byte values come back',
    async run({ store }) {
      const raw = Uint8Array.from({ length: 256 }, (_, index) => index)
      await commit(store, put(A, { raw }))
      expect(await read(store, A)).toStrictEqual({ raw })
    },
  },
  {
    title: 'a view of bytes is stored as the bytes it shows',
    async run({ store }) {
      const raw = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)
      await commit(store, put(A, { raw }))
      expect(await read(store, A)).toStrictEqual({ raw: new Uint8Array([1, 2, 3]) })
    },
  },
  {
    title: 'text of every script and control comes back',
    async run({ store }) {
      const row = {
        scripts: 'Grüße 東京 مرحبا 😀👩‍👩‍👧',
        controls: '\0\b\n\r\t\u001f\u007f\u2028\u2029\ufeff',
        quotes: `"'\\\`/`,
        edges: '\ud7ff\ue000\uffff\u{10000}\u{10ffff}',
      }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'a field may have any name but the reserved ones',
    async run({ store }) {
      const row = {
        constructor: 1n,
        toString: 'x',
        '10': true,
        '9': false,
        'größe #1.x': 2n,
        PK: 'y',
      }
      await commit(store, put(A, row))
      expect(await read(store, A)).toStrictEqual(row)
    },
  },
  {
    title: 'the same sort key in two partitions is two rows',
    async run({ store }) {
      await commit(store, put(key('p', 'a'), { n: 1n }), put(key('q', 'a'), { n: 2n }))
      expect(await read(store, key('p', 'a'))).toStrictEqual({ n: 1n })
      expect(await read(store, key('q', 'a'))).toStrictEqual({ n: 2n })
    },
  },
  {
    title: 'keys whose parts join to the same text are different keys',
    async run({ store }) {
      await commit(store, put(key('a', 'bc'), { n: 1n }), put(key('ab', 'c'), { n: 2n }))
      const keys = [key('a', 'bc'), key('ab', 'c'), key('abc', 'c')]
      expect(await store.snapshot(keys)).toStrictEqual([{ n: 1n }, { n: 2n }, undefined])
    },
  },
  {
    title: 'keys are told apart by their bytes, not by how they look',
    async run({ store }) {
      const composed = key('p', '\u00e9')
      const decomposed = key('p', 'e\u0301')
      await commit(store, put(composed, { n: 1n }), put(decomposed, { n: 2n }), put(A, { n: 3n }))
      const keys = [composed, decomposed, key('P', 'a')]
      expect(await store.snapshot(keys)).toStrictEqual([{ n: 1n }, { n: 2n }, undefined])
    },
  },
  {
    title: 'keys of every script are found again',
    async run({ store }) {
      const keys = [key('東京', '😀'), key('a\0b', 'c\0'), key(`"'\\`, '%_*'), key(' ', '\n')]
      await commit(store, ...keys.map((at, index) => put(at, { n: BigInt(index) })))
      const rows = await store.snapshot(keys)
      expect(rows).toStrictEqual(keys.map((_, index) => ({ n: BigInt(index) })))
    },
  },
  {
    title: 'changing a row that was read changes nothing in the store',
    async run({ store }) {
      await commit(store, put(A, { n: 1n, raw: new Uint8Array([1, 2]) }))
      const row = (await read(store, A)) as { n: bigint; raw: Uint8Array }
      row.n = 99n
      row.raw[0] = 99
      const queried = (await store.query('p', { limit: 1 })).rows[0]?.row as typeof row
      queried.raw[1] = 99
      expect(await read(store, A)).toStrictEqual({ n: 1n, raw: new Uint8Array([1, 2]) })
    },
  },
  {
    title: 'changing a row after it was put changes nothing in the store',
    async run({ store }) {
      const row = { n: 1n, raw: new Uint8Array([1, 2]) }
      await commit(store, put(A, row))
      await commit(store, update(B, row))
      row.n = 99n
      row.raw[0] = 99
      const stored = { n: 1n, raw: new Uint8Array([1, 2]) }
      expect(await store.snapshot([A, B])).toStrictEqual([stored, stored])
    },
  },
]
