/**
 * Decimal text as people read it. The digits are those of the wire: they go to the formatter as
 * text and are never a floating-point number on the way.
 */
import {
  divideNearest,
  formatDecimal,
  PRICE_SCALE,
  parseDecimal,
  pow10,
} from '@cnop/contract/money.ts'
import { numberFormat } from './formats.ts'

/** What stands where a value is not known. */
export const UNKNOWN = '–'

type Numeric = Intl.StringNumericLiteral

const SCALE_MAX = 18
const MINUS = '−'

const withMinus = (text: string): string => text.replace('-', MINUS)

const written = (text: string, options: Intl.NumberFormatOptions): string =>
  withMinus(numberFormat(options).format(text as Numeric))

const USD = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const

/** `1234.5` is `$1,234.50`. */
export const showUsd = (text: string): string => written(text, USD)

/** `+$12.30`, `−$12.30`; nothing has no sign. */
export const showSignedUsd = (text: string): string =>
  written(text, { ...USD, signDisplay: 'exceptZero' })

/** `$1.16T`: for sums whose size matters and whose cents do not. */
export const showCompactUsd = (text: string | null): string =>
  text === null
    ? UNKNOWN
    : written(text, {
        ...USD,
        notation: 'compact',
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
      })

export const showCompact = (text: string | null): string =>
  text === null ? UNKNOWN : written(text, { notation: 'compact', maximumFractionDigits: 2 })

/** `+4.34%`, always with two places. */
export const showChange = (percent: string): string =>
  `${written(percent, { signDisplay: 'exceptZero', minimumFractionDigits: 2, maximumFractionDigits: 2 })}%`

export const showPercent = (percent: string): string =>
  `${written(percent, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}%`

/** Every place that counts, grouped. */
export const showQuantity = (text: string): string =>
  written(text, { maximumFractionDigits: SCALE_MAX })

export const showCount = (count: number): string => numberFormat({}).format(count)

export type Direction = 'up' | 'down' | 'flat'

export function directionOf(text: string | null): Direction {
  if (text === null || /^-?[0.]*$/.test(text)) return 'flat'
  return text.startsWith('-') ? 'down' : 'up'
}

/** Never by colour alone. */
export const ARROWS: Readonly<Record<Direction, string>> = { up: '▲', down: '▼', flat: '' }

/** Below this many zeros behind the point they are written out, beyond they are counted: `0.0₅614`. */
const ZEROS_SHOWN_MAX = 3
const SIGNIFICANT_PLACES = 4

/**
 * A price: cents from one dollar up, four significant places below, and a count of zeros where
 * there are many. `spoken` is the full value, for those who listen; absent when it is what is shown.
 */
export function showPrice(text: string): { readonly shown: string; readonly spoken?: string } {
  const units = parseDecimal(text, PRICE_SCALE)
  if (units === undefined) return { shown: UNKNOWN }
  const size = units < 0n ? -units : units
  if (size >= pow10(PRICE_SCALE) || size === 0n) return { shown: showUsd(text) }
  const places = Math.min(PRICE_SCALE, zerosBehindPoint(size) + SIGNIFICANT_PLACES)
  const rounded = divideNearest(size, pow10(PRICE_SCALE - places)) * pow10(PRICE_SCALE - places)
  const sign = units < 0n ? '-' : ''
  const zeros = zerosBehindPoint(rounded)
  if (zeros <= ZEROS_SHOWN_MAX) {
    const few = formatDecimal(rounded, PRICE_SCALE)
    return { shown: written(sign + few, { ...USD, maximumFractionDigits: PRICE_SCALE }) }
  }
  const digits = rounded.toString().replace(/0+$/, '')
  const [symbol, point] = aroundZero()
  return {
    shown: withMinus(`${sign}${symbol}0${point}0${lowered(zeros)}${digits}`),
    spoken: written(text, { ...USD, maximumFractionDigits: PRICE_SCALE }),
  }
}

/** Of a price below one dollar. */
const zerosBehindPoint = (size: bigint): number => PRICE_SCALE - size.toString().length

/** The currency sign and the decimal point of the chosen language. */
function aroundZero(): readonly [string, string] {
  const parts = numberFormat(USD).formatToParts(0)
  const textOf = (type: string): string => parts.find((part) => part.type === type)?.value ?? ''
  return [textOf('currency'), textOf('decimal')]
}

const lowered = (count: number): string =>
  [...String(count)].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join('')
