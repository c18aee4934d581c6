import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRow, encodeRow } from './row-codec.ts'
import { boundsOf, compareKeys, itemBytes } from './row-rules.ts'
import type { Field, QueryRange } from './store.ts'

const text = fc.string({ unit: 'binary' })
const nearSurrogates = fc.string({
  unit: fc.constantFrom('\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'a'),
})
const field: fc.Arbitrary<Field> = fc.oneof(
  text,
  fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  fc.boolean(),
  fc.uint8Array(),
)
const row = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  field,
)

test('keys are in the order of their UTF-8 bytes, whatever text they are', () => {
  const keys = fc.oneof(text, nearSurrogates)
  fc.assert(
    fc.property(keys, keys, (left, right) => {
      const expected = Buffer.compare(Buffer.from(left), Buffer.from(right))
      expect(Math.sign(compareKeys(left, right))).toBe(expected)
    }),
    { numRuns: 5000 },
  )
})

test('a row is the same after encoding and decoding', () => {
  fc.assert(
    fc.property(row, (given) => {
      expect(decodeRow(encodeRow(given))).toStrictEqual({ ...given })
    }),
    { numRuns: 2000 },
  )
})

test('equal rows have equal encodings, in whatever order their fields were named', () => {
  fc.assert(
    fc.property(row, (given) => {
      const reversed = Object.fromEntries(Object.entries(given).reverse())
      expect(encodeRow(reversed)).toBe(encodeRow(given))
    }),
  )
})

test('rows that differ in the kind of a value have different encodings', () => {
  const rows = [
    { a: 1n },
    { a: '1' },
    { a: 'n1' },
    { a: true },
    { a: 'true' },
    { a: Buffer.from('1') },
  ]
  expect(new Set(rows.map(encodeRow)).size).toBe(rows.length)
})

test('a row read back holds its bytes alone, not a part of a larger buffer', () => {
  const { raw } = decodeRow(encodeRow({ raw: new Uint8Array([1, 2, 3]) }))
  expect((raw as Uint8Array).buffer.byteLength).toBe(3)
})

test('an encoding of an unknown kind is refused, never guessed', () => {
  expect(() => decodeRow('{"a":"z1"}')).toThrow('kind')
})

test.each([
  [{}, 6],
  [{ a: '' }, 7],
  [{ a: 'é東😀' }, 7 + 2 + 3 + 4],
  [{ a: true, b: false }, 6 + 2 + 2],
  [{ a: new Uint8Array(5) }, 7 + 5],
  [{ a: 0n }, 7 + 1 + 1],
  [{ a: 12n }, 7 + 1 + 1],
  [{ a: 123n }, 7 + 2 + 1],
  [{ a: -123n }, 7 + 2 + 2],
  [{ a: 10n ** 38n - 1n }, 7 + 19 + 1],
])('a row is as large as DynamoDB counts it: %o', (given, bytes) => {
  expect(itemBytes({ pk: 'p', sk: 's' }, given)).toBe(bytes)
})

test('no row is larger than its encoding says at most', () => {
  fc.assert(
    fc.property(row, (given) => {
      const atMost = 3 * (2 + encodeRow(given).length) + 4
      expect(itemBytes({ pk: 'p', sk: 's' }, given)).toBeLessThanOrEqual(atMost)
    }),
    { numRuns: 2000 },
  )
})

test('bounds admit exactly the keys that from, to and after admit', () => {
  const key = fc.string({
    unit: fc.constantFrom('a', 'b', '\uffff', '😀'),
    minLength: 1,
    maxLength: 3,
  })
  const range = fc.record(
    { from: key, to: key, after: key, reverse: fc.boolean(), limit: fc.constant(1) },
    { requiredKeys: ['limit'] },
  )
  fc.assert(
    fc.property(range, key, (given, sk) => {
      const { low, high } = boundsOf(given)
      const aboveLow = compareKeys(sk, low.sk) > (low.inclusive ? -1 : 0)
      const belowHigh = high === undefined || compareKeys(high.sk, sk) > (high.inclusive ? -1 : 0)
      expect(aboveLow && belowHigh).toBe(admits(given, sk))
    }),
    { numRuns: 5000 },
  )
})

function admits({ from, to, after, reverse }: QueryRange, sk: string): boolean {
  const bytes = Buffer.from(sk)
  const order = (other: string) => Buffer.compare(bytes, Buffer.from(other))
  if (from !== undefined && order(from) < 0) return false
  if (to !== undefined && order(to) > 0) return false
  if (after === undefined) return true
  return reverse ? order(after) < 0 : order(after) > 0
}
