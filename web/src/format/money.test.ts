import { afterEach, describe, expect, it } from 'vitest'
import { chooseFormats } from './formats.ts'
import {
  directionOf,
  showChange,
  showCompactUsd,
  showPrice,
  showQuantity,
  showSignedUsd,
  showUsd,
} from './money.ts'

afterEach(() => chooseFormats({ locale: 'en-US', timeZone: undefined }))

describe('money as people read it', () => {
  it('keeps every digit of a sum that no floating-point number could hold', () => {
    expect(showUsd('90071992547409931234.57')).toBe('$90,071,992,547,409,931,234.57')
    expect(showQuantity('0.123456789012345678')).toBe('0.123456789012345678')
  })

  it('writes a real minus, an explicit plus and no sign on nothing', () => {
    expect(showSignedUsd('-12.3')).toBe('−$12.30')
    expect(showSignedUsd('12.3')).toBe('+$12.30')
    expect(showSignedUsd('0.00')).toBe('$0.00')
    expect(showChange('-1.58')).toBe('−1.58%')
    expect(showChange('4.3')).toBe('+4.30%')
  })

  it('shortens sums whose size matters', () => {
    expect(showCompactUsd('1160400000000')).toBe('$1.16T')
    expect(showCompactUsd(null)).toBe('–')
  })

  it.each([
    ['67298.67', '$67,298.67'],
    ['1', '$1.00'],
    ['0.0661', '$0.0661'],
    ['0.99996', '$1.00'],
    ['0.000614', '$0.000614'],
    ['0.5', '$0.50'],
  ])('shows the price %s as %s', (text, shown) => {
    expect(showPrice(text)).toEqual({ shown })
  })

  it('counts the zeros of a tiny price, and keeps the full value for those who listen', () => {
    expect(showPrice('0.000006141')).toEqual({ shown: '$0.0₅6141', spoken: '$0.000006141' })
    expect(showPrice('0.000000000012')).toEqual({ shown: '$0.0₁₀12', spoken: '$0.000000000012' })
  })

  it('never lets rounding of a tiny price gain or lose a zero', () => {
    expect(showPrice('0.0000099999').shown).toBe('$0.0₄1')
  })

  it('follows the chosen language, in tiny prices too', () => {
    chooseFormats({ locale: 'de-DE', timeZone: undefined })
    expect(showUsd('1234.5')).toBe('1.234,50\u00a0$')
    expect(showPrice('0.000006141').shown).toContain('0,0₅6141')
  })

  it('tells nothing from up and down', () => {
    expect([
      directionOf('0.00'),
      directionOf('-0.0'),
      directionOf('-0.01'),
      directionOf('3'),
    ]).toEqual(['flat', 'flat', 'down', 'up'])
  })
})
