import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { commit, key, put, refusalOf, remove, times } from './conformance/store-case.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { stateHash } from './state-hash.ts'
import { StoreOpenError } from './store.ts'

const directory = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(directory, { recursive: true }))
let files = 0

const A = key('p', 'a')
const B = key('q', 'b')

function openNew() {
  files += 1
  const file = join(directory, `${files}.db`)
  const onFatal = (error: unknown) => {
    throw error
  }
  return { file, store: openSqliteStore({ file, now: () => 0, onFatal }) }
}

test('a reader stays at its moment while the store goes on', async () => {
  const { file, store } = openNew()
  await commit(store, put(A, { n: 1n }))
  const { cursor } = await store.changes('', 9)
  const reader = openSqliteReader({ file })
  await commit(store, put(A, { n: 2n }), put(B, { n: 2n }))
  expect(await reader.snapshot([A, B])).toStrictEqual([{ n: 1n }, undefined])
  expect(await reader.query('p', { limit: 9 })).toStrictEqual({
    rows: [{ sk: 'a', row: { n: 1n } }],
    more: false,
  })
  expect(await reader.partitions('', 9)).toStrictEqual(['p'])
  expect(await reader.changes('', 9)).toStrictEqual({ partitions: ['p'], cursor })
  await reader.close()
  const later = openSqliteReader({ file })
  expect(await later.snapshot([A, B])).toStrictEqual([{ n: 2n }, { n: 2n }])
  await later.close()
  await store.close()
})

test('a reader reads a file that no process has open', async () => {
  const { file, store } = openNew()
  await commit(store, put(A, { n: 1n }))
  await store.close()
  const reader = openSqliteReader({ file })
  expect(await reader.snapshot([A])).toStrictEqual([{ n: 1n }])
  await reader.close()
})

test('a reader obeys the limits of a store', async () => {
  const { file, store } = openNew()
  const reader = openSqliteReader({ file })
  expect(await refusalOf(reader.snapshot([A, A]))).toBe('TypeError')
  expect(await refusalOf(reader.query('p', { limit: 1001 }))).toBe('too-large')
  await reader.close()
  await store.close()
})

test('a reader of no file is refused with what to check', () => {
  const open = () => openSqliteReader({ file: join(directory, 'none.db') })
  expect(open).toThrow(StoreOpenError)
  expect(open).toThrow('Check that it and its directory exist')
})

test('the hash over a reader is of one moment, however the store goes on meanwhile', async () => {
  const { file, store } = openNew()
  await commit(store, ...times(100, (index) => put(key(`p${index}`, 'x'), { n: 0n })))
  const before = await stateHash(store)
  const reader = openSqliteReader({ file })
  const writes = times(50, (index) =>
    commit(store, put(key(`p${index}`, 'x'), { n: 1n }), remove(key(`p${99 - index}`, 'x'))),
  )
  expect(await stateHash(reader)).toBe(before)
  await Promise.all(writes)
  expect(await stateHash(reader)).toBe(before)
  expect(await stateHash(store)).not.toBe(before)
  await reader.close()
  await store.close()
})
