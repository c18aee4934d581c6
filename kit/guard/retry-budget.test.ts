import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRetryBudget } from './retry-budget.ts'

test('at most a tenth of the calls is repeated, beside the first', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (steps) => {
      const budget = createRetryBudget()
      let calls = 0
      let repeats = 0
      for (const fails of steps) {
        budget.noteCall()
        calls += 1
        if (fails && budget.take()) repeats += 1
        expect(repeats).toBeLessThanOrEqual(1 + calls / 10)
      }
    }),
  )
})

test('a long quiet time allows no burst', () => {
  const budget = createRetryBudget()
  for (let i = 0; i < 100_000; i += 1) budget.noteCall()
  let repeats = 0
  while (budget.take()) repeats += 1
  expect(repeats).toBe(10)
})
