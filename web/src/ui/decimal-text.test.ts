import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTypedDecimal } from './decimal-text.ts'

const read = (typed: string, placesMax = 8) => {
  const result = readTypedDecimal(typed, placesMax)
  return result.kind === 'decimal' ? result.text : result.kind
}

describe('a typed decimal', () => {
  it.each([
    ['12.5', '12.5'],
    ['12,5', '12.5'],
    ['.5', '0.5'],
    [',5', '0.5'],
    ['1.', '1'],
    ['007', '7'],
    ['0.500', '0.5'],
    ['1,234.50', '1234.5'],
    ['1.234,50', '1234.5'],
    ['1,234,567', '1234567'],
    ["1'234.5", '1234.5'],
    [' 1 234,5 ', '1234.5'],
    ['1.234', '1.234'],
    ['0,001', '0.001'],
    ['0', '0'],
    ['', 'empty'],
  ])('takes "%s" for %s', (typed, text) => {
    expect(read(typed)).toBe(text)
  })

  it.each([
    '1,234',
    '.',
    ',',
    '1..2',
    '1,2,3',
    '-1',
    '+1',
    '1e5',
    '0x10',
    '١٢',
    '$5',
    '1.2.3',
    '12,34.5',
  ])('never guesses what "%s" means', (typed) => {
    expect(read(typed)).toBe('unclear')
  })

  it('refuses places that the asset does not have, and takes zeros beyond them', () => {
    expect(read('1.23456', 2)).toBe('unclear')
    expect(read('1.2300', 2)).toBe('1.23')
  })

  it('gives back every plain decimal as it was', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.integer({ min: 0, max: 99_999_999 }),
        (whole, rest) => {
          const places = String(rest).padStart(8, '0').replace(/0+$/, '')
          const text = places === '' ? `${whole}` : `${whole}.${places}`
          expect(read(text)).toBe(text)
        },
      ),
    )
  })
})
