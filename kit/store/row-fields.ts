/**
 * Columns of a stored row as what they must be. A row that is not what was written is worse than
 * no row: reading it throws, and nothing is decided on it.
 */
import type { Row } from './store.ts'

export class CorruptRow extends Error {
  constructor(column: string, expected: string) {
    super(`The column ${column} of a stored row is not ${expected}`)
    this.name = 'CorruptRow'
  }
}

export function textIn(row: Row, column: string): string {
  const field = row[column]
  if (typeof field !== 'string') throw new CorruptRow(column, 'text')
  return field
}

export function unitsIn(row: Row, column: string): bigint {
  const field = row[column]
  if (typeof field !== 'bigint') throw new CorruptRow(column, 'a whole number')
  return field
}

export function truthIn(row: Row, column: string): boolean {
  const field = row[column]
  if (typeof field !== 'boolean') throw new CorruptRow(column, 'a truth value')
  return field
}

export const countIn = (row: Row, column: string): number => Number(unitsIn(row, column))

export const optionalTextIn = (row: Row, column: string): string | undefined =>
  row[column] === undefined ? undefined : textIn(row, column)

export const optionalUnitsIn = (row: Row, column: string): bigint | undefined =>
  row[column] === undefined ? undefined : unitsIn(row, column)

/** One of a closed list of names. */
export function nameIn<const Name extends string>(
  row: Row,
  column: string,
  names: readonly Name[],
): Name {
  const field = textIn(row, column)
  const name = names.find((known) => known === field)
  if (name === undefined) throw new CorruptRow(column, `one of ${names.join(', ')}`)
  return name
}

/** The same columns without those that hold nothing: what is absent is not stored. */
export function withoutAbsent<Columns extends Record<string, unknown>>(
  columns: Columns,
): { [Name in keyof Columns]: Exclude<Columns[Name], undefined> } {
  const present: Record<string, unknown> = {}
  for (const name of Object.keys(columns)) {
    if (columns[name] !== undefined) present[name] = columns[name]
  }
  return present as { [N in keyof Columns]: Exclude<Columns[N], undefined> }
}
