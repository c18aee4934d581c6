import { describe, expect, it } from 'vitest'
import shipped from './red-pocket.json' with { type: 'json' }
import { readRedPocket } from './red-pocket.ts'

const listOf = (...phrases: unknown[]) => ({ phrases })
const GOOD = { phrase: 'Gong Xi', amount_usd: '88.88' }

it('the list that ships with the platform can be used', () => {
  expect(readRedPocket(shipped).amountOf('恭喜发财')).toBe(8_888n)
})

it('a phrase is the same however it is typed', () => {
  const { amountOf } = readRedPocket(listOf(GOOD))
  for (const typed of ['gong xi', ' GONG   XI\n', 'Ｇｏｎｇ　ｘｉ'])
    expect(amountOf(typed)).toBe(8_888n)
})

it('any other phrase is not of the list', () => {
  const { amountOf } = readRedPocket(listOf(GOOD))
  for (const typed of ['gong', 'gongxi', '', '__proto__', 'toString'])
    expect(amountOf(typed)).toBeUndefined()
})

describe('a list is refused', () => {
  it.each<[string, unknown, string]>([
    ['that is none', null, 'The list is no JSON object.'],
    ['that is an array', [], 'The list is no JSON object.'],
    ['without phrases', {}, 'The list has no phrases.'],
    ['of no phrases', listOf(), 'The list has no phrases.'],
    ['with more in it', { ...listOf(GOOD), note: 'x' }, 'The list has the unknown member note.'],
    ['with a text for an entry', listOf('x'), 'Entry 1 is no JSON object.'],
    [
      'with more in an entry',
      listOf({ ...GOOD, note: 'x' }),
      'Entry 1 has the unknown member note.',
    ],
    [
      'with an empty phrase',
      listOf({ ...GOOD, phrase: ' ' }),
      'Entry 1 needs a phrase of 1 to 100 characters.',
    ],
    [
      'with a phrase that nobody can say',
      listOf({ ...GOOD, phrase: 'x'.repeat(101) }),
      'Entry 1 needs a phrase of 1 to 100 characters.',
    ],
    [
      'that says a phrase twice',
      listOf(GOOD, { ...GOOD, phrase: 'gong  xi' }),
      'Entry 2 repeats a phrase.',
    ],
    ...['0.00', '-1.00', '1.001', '10000.01', 'a lot', '', 88.88].map(
      (amount_usd): [string, unknown, string] => [
        `with the amount ${JSON.stringify(amount_usd)}`,
        listOf({ ...GOOD, amount_usd }),
        'Entry 1 needs an amount_usd such as "88.88", of no more than 10000.00.',
      ],
    ),
  ])('%s', (_, source, complaint) => {
    expect(() => readRedPocket(source)).toThrow(new Error(complaint))
  })
})
