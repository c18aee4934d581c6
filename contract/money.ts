/**
 * The only money arithmetic there is, on the server and in the pages.
 *
 * Amounts are whole numbers of an asset's smallest unit (`bigint`) at a scale that is fixed for
 * ever; on the wire they are decimal text. No floating-point number is ever on the way.
 */

/** Decimal places of a US dollar amount: one unit is a cent. */
export const USD_SCALE = 2
/** Decimal places of a price in US dollars. */
export const PRICE_SCALE = 12
/** Decimal places of an equity ratio or percentage as the wire carries it. */
export const PERCENT_SCALE = 2

const DECIMAL = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/
const INTEGER_DIGITS_MAX = 26

export const pow10 = (exponent: number): bigint => 10n ** BigInt(exponent)

/**
 * Decimal text to units at `scale`. `undefined` when the text is no plain decimal (signs other
 * than a leading minus, exponents, other scripts' digits) or needs more places than the scale has.
 */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '0', fraction = ''] = match
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > scale || whole.length > INTEGER_DIGITS_MAX) return undefined
  const units = BigInt(whole + significant.padEnd(scale, '0'))
  return sign === '-' ? -units : units
}

/** Units at `scale` to decimal text with at least `placesMin` places and no further trailing zeros. */
export function formatDecimal(units: bigint, scale: number, placesMin = 0): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  let places = scale
  while (places > placesMin && digits[whole.length + places - 1] === '0') places -= 1
  const fraction = places > 0 ? `.${digits.slice(whole.length, whole.length + places)}` : ''
  return `${units < 0n ? '-' : ''}${whole}${fraction}`
}

export const parseUsd = (text: string): bigint | undefined => parseDecimal(text, USD_SCALE)
/** Cents to text with exactly two places: `1234.50`. */
export const formatUsd = (cents: bigint): string => formatDecimal(cents, USD_SCALE, USD_SCALE)
export const parsePrice = (text: string): bigint | undefined => parseDecimal(text, PRICE_SCALE)
/** A price with at least two places: `67298.67`, `0.00000123`. */
export const formatPrice = (price: bigint): string => formatDecimal(price, PRICE_SCALE, USD_SCALE)

/** Division towards negative infinity; `divisor` is positive. */
export function divideDown(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

/** Division towards positive infinity; `divisor` is positive. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return -divideDown(-dividend, divisor)
}

/** Division to the nearest whole number, halves away from zero; `divisor` is positive. */
export function divideNearest(dividend: bigint, divisor: bigint): bigint {
  const half = divisor / 2n
  return dividend < 0n ? -((-dividend + half) / divisor) : (dividend + half) / divisor
}

/** The divisor that turns quantity units times price units into cents. */
const notionalDivisor = (quantityScale: number): bigint =>
  pow10(quantityScale + PRICE_SCALE - USD_SCALE)

/** What a quantity costs, in cents, rounded up: what a buyer is charged. */
export const notionalUp = (quantity: bigint, price: bigint, quantityScale: number): bigint =>
  divideUp(quantity * price, notionalDivisor(quantityScale))

/** What a quantity yields, in cents, rounded down: what a seller receives. */
export const notionalDown = (quantity: bigint, price: bigint, quantityScale: number): bigint =>
  divideDown(quantity * price, notionalDivisor(quantityScale))

/** What a quantity is worth on a statement, in cents, rounded to the nearest. */
export const notionalNearest = (quantity: bigint, price: bigint, quantityScale: number): bigint =>
  divideNearest(quantity * price, notionalDivisor(quantityScale))

/** The greatest quantity whose cost, rounded up, is at most `cents`. `price` is positive. */
export const quantityFor = (cents: bigint, price: bigint, quantityScale: number): bigint =>
  divideDown(cents * notionalDivisor(quantityScale), price)

/** The least quantity that yields, rounded down, at least `cents`. `price` is positive. */
export const quantityYielding = (cents: bigint, price: bigint, quantityScale: number): bigint =>
  divideUp(cents * notionalDivisor(quantityScale), price)

/** Basis points of an amount, rounded up: a fee. */
export const basisPointsUp = (cents: bigint, basisPoints: bigint): bigint =>
  divideUp(cents * basisPoints, 10_000n)

/** `part` of `whole` in percent with two places; `0.00` when `whole` is zero or less. */
export const percentOf = (part: bigint, whole: bigint): string =>
  formatDecimal(
    whole > 0n ? divideNearest(part * 10_000n, whole) : 0n,
    PERCENT_SCALE,
    PERCENT_SCALE,
  )

export const minOf = (left: bigint, right: bigint): bigint => (left < right ? left : right)
