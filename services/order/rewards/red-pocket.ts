/** The phrases that pay a red pocket, and how much each: a file that the operator may replace. */
import { parseUsd } from '@cnop/contract/money.ts'

export type RedPocket = {
  /** Cents that a phrase pays; `undefined` for one that is not of the list. */
  readonly amountOf: (phrase: string) => bigint | undefined
}

/** More is a slip of the operator's. */
const CENTS_MAX = 10_000_00n
const PHRASE_LENGTH_MAX = 100

/** Throws one sentence that names the entry at fault. */
export function readRedPocket(source: unknown): RedPocket {
  const { phrases, ...others } = membersOf(source, 'The list')
  refuseUnknown(others, 'The list')
  if (!Array.isArray(phrases) || phrases.length === 0) return unusable('The list', 'has no phrases')
  const amounts = new Map<string, bigint>()
  for (const [index, entry] of phrases.entries()) {
    const place = `Entry ${index + 1}`
    const { said, cents } = entryOf(entry, place)
    if (amounts.has(said)) unusable(place, 'repeats a phrase')
    amounts.set(said, cents)
  }
  return { amountOf: (phrase) => amounts.get(spoken(phrase)) }
}

function entryOf(entry: unknown, place: string): { said: string; cents: bigint } {
  const { phrase, amount_usd, ...others } = membersOf(entry, place)
  refuseUnknown(others, place)
  const said = typeof phrase === 'string' ? spoken(phrase) : ''
  if (said === '' || said.length > PHRASE_LENGTH_MAX)
    return unusable(place, `needs a phrase of 1 to ${PHRASE_LENGTH_MAX} characters`)
  const cents = typeof amount_usd === 'string' ? parseUsd(amount_usd) : undefined
  if (cents === undefined || cents <= 0n || cents > CENTS_MAX)
    return unusable(place, 'needs an amount_usd such as "88.88", of no more than 10000.00')
  return { said, cents }
}

/** However it is typed: full width or not, in capitals or not, with one blank or several. */
const spoken = (phrase: string): string =>
  phrase.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()

function membersOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  return unusable(place, 'is no JSON object')
}

function refuseUnknown(others: object, place: string): void {
  const [name] = Object.keys(others)
  if (name !== undefined) unusable(place, `has the unknown member ${name}`)
}

function unusable(place: string, complaint: string): never {
  throw new Error(`${place} ${complaint}.`)
}
