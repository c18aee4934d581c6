import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { commit, refusalOf } from './conformance/store-case.ts'
import { createMemoryStore } from './memory-store.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Condition, Key, Op, QueryRange, Row, Store } from './store.ts'

/**
 * The plainest store there can be: rows in a map, everything by scanning. It knows nothing of the
 * adapters' code.
 */
class Model {
  rows = new Map<string, { readonly key: Key; readonly row: Row }>()

  at({ pk, sk }: Key): Row | undefined {
    return this.rows.get(JSON.stringify([pk, sk]))?.row
  }

  transact(ops: readonly Op[]): string {
    const failed = ops.flatMap((op, index) => (this.holds(op) ? [] : [index]))
    if (failed.length > 0) return `condition-failed ${failed.join(',')}`
    for (const op of ops) {
      const name = JSON.stringify([op.key.pk, op.key.sk])
      if (op.kind === 'put') this.rows.set(name, { key: op.key, row: op.row })
      if (op.kind === 'delete') this.rows.delete(name)
      if (op.kind === 'update') {
        this.rows.set(name, { key: op.key, row: { ...this.at(op.key), ...op.set } })
      }
    }
    return 'not refused'
  }

  holds({ key, when }: Op): boolean {
    const row = this.at(key)
    if (when === undefined) return true
    if ('absent' in when) return row === undefined
    const equal = Object.entries(when.equals ?? {}).every(([name, field]) => row?.[name] === field)
    const enough = Object.entries(when.atLeast ?? {}).every(([name, least]) => {
      const field = row?.[name]
      return typeof field === 'bigint' && field >= least
    })
    return row !== undefined && equal && enough
  }

  query(pk: string, { from, to, after, limit, reverse }: QueryRange) {
    const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
    const sign = reverse ? -1 : 1
    const matching = [...this.rows.values()]
      .filter(({ key }) => key.pk === pk)
      .map(({ key, row }) => ({ sk: key.sk, row }))
      .filter(({ sk }) => from === undefined || order(sk, from) >= 0)
      .filter(({ sk }) => to === undefined || order(sk, to) <= 0)
      .filter(({ sk }) => after === undefined || sign * order(sk, after) > 0)
      .sort((a, b) => sign * order(a.sk, b.sk))
    return { rows: matching.slice(0, limit), more: matching.length > limit }
  }

  partitions(): readonly string[] {
    return [...new Set([...this.rows.values()].map(({ key }) => key.pk))].sort()
  }
}

const anyPk = fc.constantFrom('p', 'q')
const anySk = fc.constantFrom('a', 'b', 'é', '\uffff', '😀')
const anyKey = fc.record({ pk: anyPk, sk: anySk })
const anyAmount = fc.bigInt({ min: -2n, max: 2n })
const anyFields = fc.dictionary(fc.constantFrom('m', 'n'), anyAmount, {
  minKeys: 1,
  noNullPrototype: true,
})
const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant({ absent: true } as const),
  fc.record({ equals: anyFields, atLeast: anyFields }, { requiredKeys: [] }),
)
const maybeWhen = { when: fc.option(anyCondition, { nil: undefined }) }
const anyOp = fc
  .oneof(
    fc.record({ kind: fc.constant('put'), key: anyKey, row: anyFields, ...maybeWhen }),
    fc.record({ kind: fc.constant('update'), key: anyKey, set: anyFields, ...maybeWhen }),
    fc.record({ kind: fc.constant('delete'), key: anyKey, ...maybeWhen }),
    fc.record({ kind: fc.constant('check'), key: anyKey, when: anyCondition }),
  )
  .map((given) => given as Op)
const anyTransaction = fc.uniqueArray(anyOp, {
  minLength: 1,
  maxLength: 4,
  selector: (given) => `${given.key.pk}${given.key.sk}`,
})
const anyRange = fc.record(
  {
    limit: fc.integer({ min: 1, max: 4 }),
    from: anySk,
    to: anySk,
    after: anySk,
    reverse: fc.boolean(),
  },
  { requiredKeys: ['limit'] },
)
const anyStep = fc.oneof(
  { weight: 2, arbitrary: fc.array(anyTransaction, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.record({ pk: anyPk, range: anyRange }) },
)

const directory = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(directory, { recursive: true }))
let files = 0

test.each<[string, () => Store]>([
  ['memory', () => createMemoryStore({ now: () => 0 })],
  [
    'SQLite',
    () => {
      files += 1
      const onFatal = (error: unknown) => {
        throw error
      }
      return openSqliteStore({ file: join(directory, `${files}.db`), now: () => 0, onFatal })
    },
  ],
])('the %s store answers every sequence of calls as the plainest store does', async (_, open) => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 12 }), async (steps) => {
      const store = open()
      const model = new Model()
      for (const given of steps) {
        if (Array.isArray(given)) {
          const together = given.map((ops) => refusalOf(commit(store, ...ops)))
          const expected = given.map((ops) => model.transact(ops))
          expect(await Promise.all(together)).toStrictEqual(expected)
          refused += expected.filter((outcome) => outcome !== 'not refused').length
        } else {
          expect(await store.query(given.pk, given.range)).toStrictEqual(
            model.query(given.pk, given.range),
          )
        }
        expect(await store.partitions('', 10)).toStrictEqual(model.partitions())
      }
      await store.close()
    }),
    { numRuns: 200 },
  )
  expect(refused).toBeGreaterThan(100)
})
