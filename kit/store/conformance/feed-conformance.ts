import { expect } from 'vitest'
import type { Op, Store } from '../store.ts'
import {
  check,
  commit,
  key,
  newToken,
  put,
  read,
  refusalOf,
  remove,
  type StoreCase,
  times,
  update,
} from './store-case.ts'

const A = key('p', 'a')
const B = key('p', 'b')
/** A distant store tells of a change some time after it. */
const FEED_MS_MAX = 10_000

/** Follows the feed until every expected partition was named. */
async function follow(
  store: Store,
  after: string,
  expected: readonly string[],
): Promise<{ seen: ReadonlySet<string>; cursor: string }> {
  const seen = new Set<string>()
  const deadline = Date.now() + FEED_MS_MAX
  let cursor = after
  while (!expected.every((pk) => seen.has(pk)) && Date.now() < deadline) {
    const page = await store.changes(cursor, 2)
    for (const pk of page.partitions) seen.add(pk)
    cursor = page.cursor
  }
  return { seen, cursor }
}

function sorted(partitions: Iterable<string>): readonly string[] {
  return [...partitions].sort()
}

export const FEED_CASES: readonly StoreCase[] = [
  {
    title: 'a store without rows has no partitions',
    async run({ store }) {
      expect(await store.partitions('', 10)).toStrictEqual([])
    },
  },
  {
    title: 'every partition is named once, in the order of UTF-8 bytes',
    async run({ store }) {
      const ordered = ['\0', 'A', 'a', 'a\0', 'aa', 'b', 'é', '\uffff', '😀']
      for (const pk of ordered.toReversed()) {
        await commit(store, put(key(pk, 'x'), {}), put(key(pk, 'y'), {}))
      }
      expect(await store.partitions('', 100)).toStrictEqual(ordered)
    },
  },
  {
    title: 'partitions continue behind the given one, which need not exist',
    async run({ store }) {
      await commit(store, ...['a', 'c', 'e'].map((pk) => put(key(pk, 'x'), {})))
      expect(await store.partitions('a', 10)).toStrictEqual(['c', 'e'])
      expect(await store.partitions('b', 10)).toStrictEqual(['c', 'e'])
      expect(await store.partitions('e', 10)).toStrictEqual([])
    },
  },
  {
    title: 'pages of partitions meet each of them once',
    async run({ store }) {
      const all = times(25, (index) => `p${String(index).padStart(2, '0')}`)
      await commit(store, ...all.map((pk) => put(key(pk, 'x'), {})))
      const met: string[] = []
      for (let page = await store.partitions('', 7); page.length > 0; ) {
        met.push(...page)
        page = await store.partitions(met.at(-1) as string, 7)
      }
      expect(met).toStrictEqual(all)
    },
  },
  {
    title: 'a partition goes with its last row',
    async run({ store }) {
      await commit(store, put(A, {}), put(B, {}), put(key('q', 'a'), {}))
      await commit(store, remove(A))
      expect(await store.partitions('', 10)).toStrictEqual(['p', 'q'])
      await commit(store, remove(B))
      expect(await store.partitions('', 10)).toStrictEqual(['q'])
    },
  },
  {
    title: 'a list of partitions refuses a limit of none and of 1001',
    async run({ store }) {
      expect(await refusalOf(store.partitions('', 0))).toBe('TypeError')
      expect(await refusalOf(store.partitions('', 1001))).toBe('too-large')
    },
  },
  {
    title: 'a feed without changes gives back the cursor it was given',
    async run({ unheard, note }) {
      expect(await unheard.changes('', 10)).toStrictEqual({ partitions: [], cursor: '' })
      await commit(unheard, put(A, { n: 1n }))
      const { cursor } = await follow(unheard, '', ['p'])
      const page = await unheard.changes(cursor, 10)
      expect(page).toStrictEqual({ partitions: [], cursor })
      note(`${page.partitions.length} changes`)
    },
  },
  {
    title: 'a put, an update and a delete are each a change',
    async run({ unheard, note }) {
      let cursor = ''
      const changes: readonly Op[] = [put(A, { n: 1n }), update(A, { n: 2n }), remove(A)]
      for (const op of changes) {
        await commit(unheard, op)
        const followed = await follow(unheard, cursor, ['p'])
        expect(sorted(followed.seen)).toStrictEqual(['p'])
        cursor = followed.cursor
        note(`${op.kind}: ${sorted(followed.seen)}`)
      }
    },
  },
  {
    title: 'a commit names every partition it changes',
    async run({ unheard, note }) {
      await commit(unheard, ...['c', 'a', 'b'].map((pk) => put(key(pk, 'x'), { n: 1n })))
      const { seen } = await follow(unheard, '', ['a', 'b', 'c'])
      expect(sorted(seen)).toStrictEqual(['a', 'b', 'c'])
      note(sorted(seen).join())
    },
  },
  {
    title: 'neither a check nor a refused transaction is a change',
    async run({ unheard, note }) {
      const checked = key('checked', 'a')
      const refused = commit(unheard, put(key('refused', 'a'), {}), check(A, { equals: {} }))
      expect(await refusalOf(refused)).toBe('condition-failed 1')
      await commit(unheard, check(checked, { absent: true }), put(A, { n: 1n }))
      const { seen } = await follow(unheard, '', ['p'])
      expect(sorted(seen)).toStrictEqual(['p'])
      note(sorted(seen).join())
    },
  },
  {
    title: 'small pages of changes lose none',
    async run({ unheard, note }) {
      const all = times(20, (index) => `p${String(index).padStart(2, '0')}`)
      for (const pk of all) await commit(unheard, put(key(pk, 'x'), { n: 1n }))
      const { seen } = await follow(unheard, '', all)
      expect(sorted(seen)).toStrictEqual(all)
      note(sorted(seen).join())
    },
  },
  {
    title: 'a cursor continues where it was taken',
    async run({ unheard, note }) {
      await commit(unheard, put(key('before', 'x'), { n: 1n }))
      const { cursor } = await follow(unheard, '', ['before'])
      await commit(unheard, put(key('later', 'x'), { n: 1n }))
      const { seen } = await follow(unheard, cursor, ['later'])
      expect(sorted(seen)).toStrictEqual(['later'])
      note(sorted(seen).join())
    },
  },
  {
    title: 'a cursor the store does not know has expired',
    async run({ store }) {
      expect(await refusalOf(store.changes('nonsense', 10))).toBe('cursor-expired')
    },
  },
  {
    title: 'a page of changes refuses a limit of none and of 1001',
    async run({ store }) {
      expect(await refusalOf(store.changes('', 0))).toBe('TypeError')
      expect(await refusalOf(store.changes('', 1001))).toBe('too-large')
    },
  },
  {
    title: 'the same token with the same ops is applied once',
    async run({ store }) {
      const token = newToken()
      const ops = [put(A, { n: 1n })]
      await store.transact(ops, { token })
      await commit(store, put(A, { n: 2n }))
      await store.transact(ops, { token })
      expect(await read(store, A)).toStrictEqual({ n: 2n })
    },
  },
  {
    title: 'a token is known again though its conditions hold no more',
    async run({ store }) {
      const token = newToken()
      const ops = [put(A, { n: 1n }, { absent: true }), update(B, { n: 1n }, { absent: true })]
      await store.transact(ops, { token })
      await store.transact(structuredClone(ops), { token })
      expect(await store.snapshot([A, B])).toStrictEqual([{ n: 1n }, { n: 1n }])
    },
  },
  {
    title: 'the same token with other ops is refused and applies nothing',
    async run({ store }) {
      const token = newToken()
      await store.transact([put(A, { n: 1n })], { token })
      const others = [
        [put(A, { n: 2n })],
        [put(B, { n: 1n })],
        [put(A, { n: 1n }, { absent: true })],
        [put(A, { n: 1n }, { equals: {} })],
        [update(A, { n: 1n })],
        [put(A, { n: 1n }), put(B, { n: 1n })],
      ]
      for (const ops of others) {
        expect(await refusalOf(store.transact(ops, { token }))).toBe('token-mismatch')
      }
      expect(await store.snapshot([A, B])).toStrictEqual([{ n: 1n }, undefined])
    },
  },
  {
    title: 'the token of a refused transaction was not used up',
    async run({ store }) {
      const token = newToken()
      const ops = [update(A, { n: 2n }, { equals: { n: 1n } })]
      expect(await refusalOf(store.transact(ops, { token }))).toBe('condition-failed 0')
      expect(await refusalOf(store.transact(ops, { token }))).toBe('condition-failed 0')
      await commit(store, put(A, { n: 1n }))
      await store.transact(ops, { token })
      expect(await read(store, A)).toStrictEqual({ n: 2n })
    },
  },
  {
    title: 'the same ops under two tokens are two transactions',
    async run({ store }) {
      const ops = [put(A, { n: 1n }, { absent: true })]
      await store.transact(ops, { token: newToken() })
      expect(await refusalOf(store.transact(ops, { token: newToken() }))).toBe('condition-failed 0')
    },
  },
]
