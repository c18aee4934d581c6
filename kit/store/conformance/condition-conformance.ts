import { expect } from 'vitest'
import type { Condition, Row } from '../store.ts'
import {
  check,
  commit,
  key,
  put,
  read,
  refusalOf,
  remove,
  type StoreCase,
  update,
} from './store-case.ts'

const A = key('p', 'a')
const B = key('p', 'b')
const C = key('q', 'c')

/** Whether the condition holds for the row, tried with a write that is read back. */
function conditionCase(title: string, expected: boolean, example: { row?: Row; when: Condition }) {
  return {
    title,
    async run({ store }: Parameters<StoreCase['run']>[0]) {
      if (example.row !== undefined) await commit(store, put(A, example.row))
      const refusal = await refusalOf(commit(store, put(B, { n: 1n }), check(A, example.when)))
      expect(refusal).toBe(expected ? 'not refused' : 'condition-failed 1')
      expect(await read(store, B)).toStrictEqual(expected ? { n: 1n } : undefined)
    },
  }
}

const ROW: Row = { n: 10n, text: 'ten', on: true, raw: new Uint8Array([1, 0]) }

export const CONDITION_CASES: readonly StoreCase[] = [
  conditionCase('absent holds where no row is', true, { when: { absent: true } }),
  conditionCase('absent fails where a row is', false, { row: {}, when: { absent: true } }),
  conditionCase('equals holds for equal text', true, {
    row: ROW,
    when: { equals: { text: 'ten' } },
  }),
  conditionCase('equals fails for other text', false, {
    row: ROW,
    when: { equals: { text: 'Ten' } },
  }),
  conditionCase('equals holds for an equal number', true, {
    row: ROW,
    when: { equals: { n: 10n } },
  }),
  conditionCase('equals fails for another number', false, {
    row: ROW,
    when: { equals: { n: 11n } },
  }),
  conditionCase('equals holds for an equal truth value', true, {
    row: ROW,
    when: { equals: { on: true } },
  }),
  conditionCase('equals fails for another truth value', false, {
    row: ROW,
    when: { equals: { on: false } },
  }),
  conditionCase('equals holds for equal bytes', true, {
    row: ROW,
    when: { equals: { raw: new Uint8Array([1, 0]) } },
  }),
  conditionCase('equals fails for other bytes', false, {
    row: ROW,
    when: { equals: { raw: new Uint8Array([1]) } },
  }),
  conditionCase('equals fails for a number given as text', false, {
    row: ROW,
    when: { equals: { n: '10' } },
  }),
  conditionCase('equals fails for a field the row does not have', false, {
    row: ROW,
    when: { equals: { other: 10n } },
  }),
  conditionCase('equals needs every named field to be equal', false, {
    row: ROW,
    when: { equals: { n: 10n, text: 'eleven' } },
  }),
  conditionCase('equals fails where no row is', false, { when: { equals: { n: 10n } } }),
  conditionCase('an empty equals holds where a row is', true, { row: {}, when: { equals: {} } }),
  conditionCase('an empty equals fails where no row is', false, { when: { equals: {} } }),
  conditionCase('an empty condition needs the row to exist', false, { when: {} }),
  conditionCase('at least holds for the very number', true, {
    row: ROW,
    when: { atLeast: { n: 10n } },
  }),
  conditionCase('at least holds for a greater number', true, {
    row: ROW,
    when: { atLeast: { n: 9n } },
  }),
  conditionCase('at least fails for a smaller number', false, {
    row: ROW,
    when: { atLeast: { n: 11n } },
  }),
  conditionCase('at least compares numbers, not digits', true, {
    row: { n: 10n },
    when: { atLeast: { n: 9n } },
  }),
  conditionCase('at least orders negative numbers', false, {
    row: { n: -2n },
    when: { atLeast: { n: -1n } },
  }),
  conditionCase('at least tells 38-digit numbers apart', false, {
    row: { n: 10n ** 37n },
    when: { atLeast: { n: 10n ** 37n + 1n } },
  }),
  conditionCase('at least fails for text', false, { row: ROW, when: { atLeast: { text: 1n } } }),
  conditionCase('at least fails for a field the row does not have', false, {
    row: ROW,
    when: { atLeast: { other: 0n } },
  }),
  conditionCase('at least fails where no row is', false, { when: { atLeast: { n: 0n } } }),
  conditionCase('equals and at least must both hold', false, {
    row: ROW,
    when: { equals: { text: 'ten' }, atLeast: { n: 11n } },
  }),
  conditionCase('equals and at least hold together', true, {
    row: ROW,
    when: { equals: { text: 'ten' }, atLeast: { n: 10n } },
  }),
  {
    title: 'a put is refused when its own condition fails',
    async run({ store }) {
      await commit(store, put(A, { n: 1n }))
      const second = commit(store, put(A, { n: 2n }, { absent: true }))
      expect(await refusalOf(second)).toBe('condition-failed 0')
      expect(await read(store, A)).toStrictEqual({ n: 1n })
    },
  },
  {
    title: 'an update is refused when its own condition fails, and makes no row',
    async run({ store }) {
      const refused = commit(store, update(A, { n: 2n }, { equals: { n: 1n } }))
      expect(await refusalOf(refused)).toBe('condition-failed 0')
      expect(await read(store, A)).toBeUndefined()
    },
  },
  {
    title: 'an update whose condition holds is applied',
    async run({ store }) {
      await commit(store, put(A, { n: 1n, kept: true }))
      await commit(store, update(A, { n: 2n }, { equals: { n: 1n }, atLeast: { n: 1n } }))
      expect(await read(store, A)).toStrictEqual({ n: 2n, kept: true })
    },
  },
  {
    title: 'a delete is refused when its own condition fails',
    async run({ store }) {
      await commit(store, put(A, { n: 1n }))
      const refused = commit(store, remove(A, { equals: { n: 2n } }))
      expect(await refusalOf(refused)).toBe('condition-failed 0')
      await commit(store, remove(A, { equals: { n: 1n } }))
      expect(await read(store, A)).toBeUndefined()
    },
  },
  {
    title: 'a refusal names every op whose condition failed, and no other',
    async run({ store }) {
      await commit(store, put(B, { n: 1n }))
      const refused = commit(
        store,
        put(A, { n: 1n }, { equals: { n: 0n } }),
        put(B, { n: 2n }, { equals: { n: 1n } }),
        remove(C, { atLeast: { n: 0n } }),
        put(key('r', 'd'), { n: 1n }),
      )
      expect(await refusalOf(refused)).toBe('condition-failed 0,2')
    },
  },
  {
    title: 'a refused transaction changes nothing, wherever the failing op stands',
    async run({ store }) {
      await commit(store, put(A, { n: 1n }), put(B, { n: 1n }))
      const failing = check(C, { equals: {} })
      const writes = [update(A, { n: 2n }), remove(B), put(key('r', 'd'), { n: 1n })]
      for (const position of [0, 1, 2, 3]) {
        const refused = commit(store, ...writes.toSpliced(position, 0, failing))
        expect(await refusalOf(refused)).toBe(`condition-failed ${position}`)
      }
      const rows = await store.snapshot([A, B, key('r', 'd')])
      expect(rows).toStrictEqual([{ n: 1n }, { n: 1n }, undefined])
    },
  },
  {
    title: 'a transaction of checks alone is allowed',
    async run({ store }) {
      await commit(store, check(A, { absent: true }), check(B, { absent: true }))
      expect(await refusalOf(commit(store, check(A, { equals: {} })))).toBe('condition-failed 0')
    },
  },
]
