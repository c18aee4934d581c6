/** Tables as files for spreadsheets, which take text that begins in certain ways for a formula. */

const PLAIN_NUMBER = /^-?[0-9]+(\.[0-9]+)?$/
const BEGINS_FORMULA = /^[=+\-@\t\r]/
const NEEDS_QUOTES = /[",\r\n]/

/** RFC 4180: a line of names, then one line for each row. */
export const csvOf = (names: readonly string[], rows: readonly (readonly string[])[]): string =>
  [names, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')

/** A number is left as it is; any other text that a spreadsheet would run is marked as text. */
function cellOf(value: string): string {
  const harmless = !BEGINS_FORMULA.test(value) || PLAIN_NUMBER.test(value)
  const text = harmless ? value : `'${value}`
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
