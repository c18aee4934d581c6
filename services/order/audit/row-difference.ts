import type { Row } from '@cnop/kit/store/store.ts'

/** The first column in which two rows differ, by name; `undefined` when they are equal. */
export function differingColumn(expected: Row, stored: Row): string | undefined {
  const columns = new Set([...Object.keys(expected), ...Object.keys(stored)])
  return [...columns].sort().find((column) => expected[column] !== stored[column])
}
