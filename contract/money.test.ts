import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  basisPointsUp,
  divideDown,
  divideNearest,
  divideUp,
  formatDecimal,
  formatPrice,
  formatUsd,
  minOf,
  notionalDown,
  notionalNearest,
  notionalUp,
  parseDecimal,
  parsePrice,
  parseUsd,
  percentOf,
  quantityFor,
  quantityYielding,
} from './money.ts'

const UNITS = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
const POSITIVE = fc.bigInt({ min: 1n, max: 10n ** 20n })
const SCALE = fc.nat(12)

describe('decimal text is read', () => {
  it.each<[string, number, bigint | undefined]>([
    ['0', 2, 0n],
    ['12.34', 2, 1_234n],
    ['12.3', 2, 1_230n],
    ['-12.34', 2, -1_234n],
    ['1.50', 1, 15n],
    ['1.5000', 1, 15n],
    ['1.000', 0, 1n],
    ['1.05', 1, undefined],
    ['1.501', 2, undefined],
    ['', 2, undefined],
    ['.5', 2, undefined],
    ['5.', 2, undefined],
    ['05', 2, undefined],
    ['+5', 2, undefined],
    ['--5', 2, undefined],
    ['1e3', 2, undefined],
    ['1,000', 2, undefined],
    [' 5', 2, undefined],
    ['5 ', 2, undefined],
    ['٥', 2, undefined],
  ])('%j at %i places as %s', (text, scale, units) => {
    expect(parseDecimal(text, scale)).toBe(units)
  })

  it('with at most 26 digits before the point', () => {
    const longest = '9'.repeat(26)
    expect(parseUsd(longest)).toBe(BigInt(`${longest}00`))
    expect(parseUsd(`-${longest}`)).toBe(-BigInt(`${longest}00`))
    expect(parseUsd(`1${'0'.repeat(26)}`)).toBeUndefined()
  })

  it('as the units it was written from, whatever they are', () => {
    fc.assert(
      fc.property(UNITS, SCALE, SCALE, (units, scale, placesMin) => {
        const text = formatDecimal(units, scale, Math.min(placesMin, scale))
        expect(parseDecimal(text, scale)).toBe(units)
      }),
    )
  })
})

describe('units are written', () => {
  it.each<[bigint, number, number, string]>([
    [0n, 0, 0, '0'],
    [0n, 2, 2, '0.00'],
    [0n, 8, 0, '0'],
    [1n, 8, 0, '0.00000001'],
    [-1n, 8, 0, '-0.00000001'],
    [150n, 2, 0, '1.5'],
    [150n, 2, 2, '1.50'],
    [-150n, 2, 2, '-1.50'],
    [-100n, 2, 0, '-1'],
    [1_000n, 0, 0, '1000'],
    [-1_000n, 0, 0, '-1000'],
  ])('%s at %i places, at least %i of them shown, as %s', (units, scale, placesMin, text) => {
    expect(formatDecimal(units, scale, placesMin)).toBe(text)
  })

  it('with two places for dollars, and at least two for a price', () => {
    expect(formatUsd(-5n)).toBe('-0.05')
    expect(formatUsd(123_450n)).toBe('1234.50')
    expect(formatPrice(67_298n * 10n ** 12n)).toBe('67298.00')
    expect(formatPrice(1_230_000n)).toBe('0.00000123')
    expect(parsePrice('0.000000000001')).toBe(1n)
  })
})

describe('division', () => {
  it.each<[bigint, bigint, { down: bigint; up: bigint; nearest: bigint }]>([
    [0n, 3n, { down: 0n, up: 0n, nearest: 0n }],
    [6n, 3n, { down: 2n, up: 2n, nearest: 2n }],
    [7n, 3n, { down: 2n, up: 3n, nearest: 2n }],
    [8n, 3n, { down: 2n, up: 3n, nearest: 3n }],
    [5n, 2n, { down: 2n, up: 3n, nearest: 3n }],
    [-6n, 3n, { down: -2n, up: -2n, nearest: -2n }],
    [-7n, 3n, { down: -3n, up: -2n, nearest: -2n }],
    [-8n, 3n, { down: -3n, up: -2n, nearest: -3n }],
    [-5n, 2n, { down: -3n, up: -2n, nearest: -3n }],
  ])('of %s by %s rounds as its name says', (dividend, divisor, { down, up, nearest }) => {
    expect(divideDown(dividend, divisor)).toBe(down)
    expect(divideUp(dividend, divisor)).toBe(up)
    expect(divideNearest(dividend, divisor)).toBe(nearest)
  })

  it('is off by less than one, and to the nearest by at most a half', () => {
    fc.assert(
      fc.property(UNITS, POSITIVE, (dividend, divisor) => {
        const below = dividend - divideDown(dividend, divisor) * divisor
        const above = divideUp(dividend, divisor) * divisor - dividend
        const off = divideNearest(dividend, divisor) * divisor - dividend
        expect(below >= 0n && below < divisor).toBe(true)
        expect(above >= 0n && above < divisor).toBe(true)
        expect(2n * off <= divisor && 2n * off >= -divisor).toBe(true)
      }),
    )
  })
})

describe('what a quantity is worth', () => {
  it.each<[string, string, { down: string; nearest: string; up: string }]>([
    ['0.01', '50000', { down: '500.00', nearest: '500.00', up: '500.00' }],
    ['0.5', '0.01', { down: '0.00', nearest: '0.01', up: '0.01' }],
    ['0.333', '1', { down: '0.33', nearest: '0.33', up: '0.34' }],
    ['0.337', '1', { down: '0.33', nearest: '0.34', up: '0.34' }],
    ['0', '50000', { down: '0.00', nearest: '0.00', up: '0.00' }],
  ])('of %s at %s is paid down, stated to the nearest and charged up', (size, at, worth) => {
    const quantity = parseDecimal(size, 8) ?? 0n
    const price = parsePrice(at) ?? 0n
    expect({
      down: formatUsd(notionalDown(quantity, price, 8)),
      nearest: formatUsd(notionalNearest(quantity, price, 8)),
      up: formatUsd(notionalUp(quantity, price, 8)),
    }).toEqual(worth)
  })

  it('is the least that yields the value, and the greatest that costs no more', () => {
    const cents = fc.bigInt({ min: 1n, max: 10n ** 12n })
    fc.assert(
      fc.property(cents, POSITIVE, fc.nat(8), (value, price, scale) => {
        const most = quantityFor(value, price, scale)
        expect(notionalUp(most, price, scale)).toBeLessThanOrEqual(value)
        expect(notionalUp(most + 1n, price, scale)).toBeGreaterThan(value)
        const least = quantityYielding(value, price, scale)
        expect(notionalDown(least, price, scale)).toBeGreaterThanOrEqual(value)
        expect(notionalDown(least - 1n, price, scale)).toBeLessThan(value)
      }),
    )
  })
})

it('a fee is rounded up to the cent', () => {
  expect(basisPointsUp(50_000n, 25n)).toBe(125n)
  expect(basisPointsUp(50_001n, 25n)).toBe(126n)
  expect(basisPointsUp(1n, 1n)).toBe(1n)
  expect(basisPointsUp(50_000n, 0n)).toBe(0n)
})

it.each<[bigint, bigint, string]>([
  [1n, 4n, '25.00'],
  [1n, 3n, '33.33'],
  [2n, 3n, '66.67'],
  [3n, 2n, '150.00'],
  [-1n, 3n, '-33.33'],
  [0n, 5n, '0.00'],
  [1n, 1n, '100.00'],
])('%s of %s is %s percent', (part, whole, percent) => {
  expect(percentOf(part, whole)).toBe(percent)
})

it('of nothing, or less, everything is 0.00 percent', () => {
  expect([percentOf(5n, 0n), percentOf(5n, -5n), percentOf(0n, 0n)]).toEqual([
    '0.00',
    '0.00',
    '0.00',
  ])
})

it('the lesser of two amounts is the lesser, in either order', () => {
  expect([minOf(1n, 2n), minOf(2n, 1n), minOf(-1n, 0n), minOf(3n, 3n)]).toEqual([1n, 1n, -1n, 3n])
})
