import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  check,
  commit,
  key,
  put,
  read,
  refusalOf,
  remove,
  times,
  update,
} from './conformance/store-case.ts'
import type { CommitFigures } from './group-commit.ts'
import { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(directory, { recursive: true }))
let files = 0

const A = key('p', 'a')
const B = key('p', 'b')

function newFile(): string {
  files += 1
  return join(directory, `${files}.db`)
}

function open(options: Partial<SqliteStoreOptions> = {}) {
  return openSqliteStore({
    file: newFile(),
    now: () => 0,
    onFatal: (error) => {
      throw error
    },
    ...options,
  })
}

test('what was committed is there when the file is opened again', async () => {
  const file = newFile()
  const row = { text: 'pear', n: -(10n ** 37n), on: false, raw: new Uint8Array([0, 255]) }
  const first = open({ file })
  await commit(first, put(A, row), put(B, { n: 1n }))
  await commit(first, update(B, { n: 2n }))
  await first.close()
  const second = open({ file })
  expect(await second.snapshot([A, B])).toStrictEqual([row, { n: 2n }])
  await second.close()
})

test('closing finishes what was begun', async () => {
  const file = newFile()
  const first = open({ file })
  const begun = times(300, (index) => commit(first, put(key('p', String(index)), {})))
  await first.close()
  await Promise.all(begun)
  const second = open({ file })
  expect((await second.query('p', { limit: 1000 })).rows).toHaveLength(300)
  await second.close()
})

test('transactions of one turn share one commit', async () => {
  const commits: CommitFigures[] = []
  const store = open({ onCommit: (figures) => commits.push(figures) })
  await Promise.all(times(64, (index) => commit(store, put(key(`p${index}`, 'x'), {}))))
  expect(commits).toMatchObject([{ transactions: 64, refused: 0 }])
  await store.close()
})

test('each transaction of a turn meets the rows as the ones before it left them', async () => {
  const store = open()
  const outcomes = await Promise.all(
    [
      commit(store, put(A, { n: 1n }, { absent: true })),
      commit(store, put(A, { n: 9n }, { absent: true })),
      commit(store, update(A, { n: 2n }, { equals: { n: 1n } })),
      commit(store, remove(A, { atLeast: { n: 2n } }), put(B, { n: 3n })),
      commit(store, put(A, { n: 4n }, { absent: true }), check(B, { equals: { n: 3n } })),
    ].map(refusalOf),
  )
  const applied = 'not refused'
  expect(outcomes).toStrictEqual([applied, 'condition-failed 0', applied, applied, applied])
  expect(await store.snapshot([A, B])).toStrictEqual([{ n: 4n }, { n: 3n }])
  await store.close()
})

test('a refused transaction of a turn writes nothing that a later one of the turn could see', async () => {
  const store = open()
  const outcomes = await Promise.all(
    [
      commit(store, put(A, { n: 1n }), check(B, { equals: {} })),
      commit(store, put(B, { n: 2n }), check(A, { absent: true })),
    ].map(refusalOf),
  )
  expect(outcomes).toStrictEqual(['condition-failed 1', 'not refused'])
  expect(await store.snapshot([A, B])).toStrictEqual([undefined, { n: 2n }])
  await store.close()
})

test('a token sent twice in one turn is applied once', async () => {
  const store = open()
  const ops = [put(A, { n: 1n }, { absent: true })]
  await Promise.all([store.transact(ops, { token: 't' }), store.transact(ops, { token: 't' })])
  const other = store.transact([put(A, { n: 2n })], { token: 't' })
  expect(await refusalOf(other)).toBe('token-mismatch')
  expect(await read(store, A)).toStrictEqual({ n: 1n })
  await store.close()
})

test('a token works again after ten minutes', async () => {
  let nowMs = 0
  const store = open({ now: () => nowMs })
  const ops = [put(A, { n: 1n }, { absent: true })]
  await store.transact(ops, { token: 't' })
  nowMs = 10 * 60 * 1000
  expect(await refusalOf(store.transact(ops, { token: 't' }))).toBe('condition-failed 0')
  await store.close()
})

test('when the disk is full nothing of the turn is applied, and reads go on', async () => {
  const store = open({ bytesMax: 200 * 1024 })
  await commit(store, put(A, { n: 1n }))
  const text = 'x'.repeat(100 * 1024)
  const outcomes = await Promise.all(
    [
      store.transact([update(A, { n: 2n })], { token: 'small' }),
      commit(store, put(A, {}, { absent: true })),
      commit(store, put(key('p', 'large'), { text })),
      commit(store, put(key('q', 'large'), { text })),
    ].map(refusalOf),
  )
  expect(outcomes).toStrictEqual(times(4, () => 'unavailable'))
  expect((await store.query('p', { limit: 9 })).rows).toStrictEqual([{ sk: 'a', row: { n: 1n } }])
  expect(await store.partitions('', 9)).toStrictEqual(['p'])
  expect((await store.changes('', 9)).partitions).toStrictEqual(['p'])
  await store.transact([update(A, { n: 2n })], { token: 'small' })
  expect(await read(store, A)).toStrictEqual({ n: 2n })
  await store.close()
})

test('what a full disk refused can be sent again under its token when there is room', async () => {
  const store = open({ bytesMax: 200 * 1024 })
  const large = { text: 'x'.repeat(100 * 1024) }
  await commit(store, put(A, large))
  const ops = [put(B, large)]
  expect(await refusalOf(store.transact(ops, { token: 't' }))).toBe('unavailable')
  expect(await refusalOf(store.transact(ops, { token: 't' }))).toBe('unavailable')
  await commit(store, remove(A))
  await store.transact(ops, { token: 't' })
  expect(await store.snapshot([A, B])).toStrictEqual([undefined, large])
  await store.close()
})

test('changes survive the end of the process, and cursors with them', async () => {
  const file = newFile()
  const first = open({ file })
  await commit(first, put(key('first', 'x'), {}))
  const { cursor } = await first.changes('', 9)
  await commit(first, put(key('second', 'x'), {}))
  await first.close()
  const second = open({ file })
  await commit(second, put(key('third', 'x'), {}))
  expect((await second.changes(cursor, 9)).partitions).toStrictEqual(['second', 'third'])
  await second.close()
})

test('changes are in commit order', async () => {
  const store = open()
  const order = ['c', 'a', 'b', 'a', 'd']
  for (const pk of order) await commit(store, put(key(pk, 'x'), {}))
  await Promise.all(['z', 'y'].map((pk) => commit(store, put(key(pk, 'x'), {}))))
  expect((await store.changes('', 100)).partitions).toStrictEqual([...order, 'z', 'y'])
  await store.close()
})

test('changes beyond those kept are forgotten, and a cursor among them has expired', async () => {
  const store = open({ changesKept: 100 })
  await commit(store, put(key('old', 'x'), {}))
  const { cursor } = await store.changes('', 9)
  const kept = times(1300, (index) => `p${index}`)
  for (const pk of kept) void commit(store, put(key(pk, 'x'), {}))
  await commit(store, put(key('last', 'x'), {}))
  expect(await refusalOf(store.changes(cursor, 9))).toBe('cursor-expired')
  const found: string[] = []
  for (let page = await store.changes('', 1000); page.partitions.length > 0; ) {
    found.push(...page.partitions)
    page = await store.changes(page.cursor, 1000)
  }
  const all = [...kept, 'last']
  expect(found.length).toBeGreaterThanOrEqual(100)
  expect(found.length).toBeLessThan(1300)
  expect(found).toStrictEqual(all.slice(-found.length))
  await store.close()
})

test('a cursor of another file has expired', async () => {
  const one = open()
  const other = open()
  for (const store of [one, other]) await commit(store, put(A, {}))
  const { cursor } = await one.changes('', 9)
  expect(await refusalOf(other.changes(cursor, 9))).toBe('cursor-expired')
  await one.close()
  await other.close()
})
