import { expect, test } from 'vitest'
import { rankOf } from './order-of-tests.ts'

test('files that kill platforms come first, and those of one module last', () => {
  const files = [
    '/a/kit/ids.test.ts',
    '/a/bench/soak.test.ts',
    '/a/tests/journeys/races.test.ts',
    '/a/tests/faults/killed-processes.test.ts',
    '/a/tests/browser/trading.test.ts',
  ]
  expect(files.toSorted((one, other) => rankOf(one) - rankOf(other))).toEqual([
    '/a/tests/faults/killed-processes.test.ts',
    '/a/tests/browser/trading.test.ts',
    '/a/tests/journeys/races.test.ts',
    '/a/bench/soak.test.ts',
    '/a/kit/ids.test.ts',
  ])
})
