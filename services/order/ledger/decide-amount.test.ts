import { expect, it } from 'vitest'
import { toldOf } from '../testing/circumstances.ts'
import { decideAmount, readAmount, readPositiveAmount } from './decide-amount.ts'

it.each<[string, number, bigint | string]>([
  ['-1.5', 2, -150n],
  ['0', 2, 0n],
  ['1.005', 2, 'Use at most 2 decimal places.'],
  ['one', 8, 'Use at most 8 decimal places.'],
  ['-3', 0, -3n],
  ['1.5', 0, 'Use a whole number.'],
])('%j at %i places is an amount of %s', (text, scale, units) => {
  expect(readAmount(text, scale)).toBe(units)
})

it.each<[string, number, bigint | string]>([
  ['0.01', 2, 1n],
  ['0', 2, 'Use an amount of more than zero.'],
  ['-1', 2, 'Use an amount of more than zero.'],
  ['0.001', 2, 'Use at most 2 decimal places.'],
])('%j at %i places, where only more than zero will do, is %s', (text, scale, units) => {
  expect(readPositiveAmount(text, scale)).toBe(units)
})

it('an amount that is none is refused with the field it stands in', () => {
  expect(decideAmount('amount', 5n)).toBe(5n)
  expect(toldOf(() => decideAmount('amount', readAmount('x', 0)))).toEqual([
    'invalid-input amount: Use a whole number.',
  ])
})
