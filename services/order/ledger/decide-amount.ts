/** Amounts as a customer writes them. */
import { parseDecimal } from '@cnop/contract/money.ts'
import { type FieldError, Problem } from '@cnop/contract/problem.ts'

export const invalidInput = (errors: readonly FieldError[]): Problem =>
  new Problem('invalid-input', { errors })

/** Text to units, or what is wrong with it. */
export function readAmount(text: string, scale: number): bigint | string {
  const units = parseDecimal(text, scale)
  if (units !== undefined) return units
  return scale === 0 ? 'Use a whole number.' : `Use at most ${scale} decimal places.`
}

export function readPositiveAmount(text: string, scale: number): bigint | string {
  const amount = readAmount(text, scale)
  return typeof amount === 'bigint' && amount <= 0n ? 'Use an amount of more than zero.' : amount
}

/** The units of an amount that must be one; throws `invalid-input`. */
export function decideAmount(field: string, amount: bigint | string): bigint {
  if (typeof amount === 'string') throw invalidInput([{ field, message: amount }])
  return amount
}
