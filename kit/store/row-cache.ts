/**
 * The rows asked for last, as the file has them. A store is the only writer of its file, so what it
 * wrote or read is what is there; a commit that fails empties the cache, since its rows are not.
 */
import { createRecentMap } from '../recent-map.ts'
import type { Key } from './store.ts'

export type RowCache = {
  /** The encoded row; `undefined` where there is none. */
  textAt(key: Key): string | undefined
  wrote(key: Key, text: string | undefined): void
  clear(): void
}

/** At about half a kilobyte each, five megabytes at most. */
const ROWS_MAX = 10_000

export function createRowCache(
  read: (key: Key) => string | undefined,
  rowsMax = ROWS_MAX,
): RowCache {
  /** `null`: the file has no such row. */
  const rows = createRecentMap<string | null>(rowsMax)
  const nameOf = ({ pk, sk }: Key): string => `${pk.length}:${pk}${sk}`

  return {
    textAt(key) {
      const name = nameOf(key)
      const known = rows.get(name)
      if (known !== undefined) return known ?? undefined
      const text = read(key)
      rows.set(name, text ?? null)
      return text
    },
    /** A row that is new is rarely asked for soon, and those that are written again are. */
    wrote(key, text) {
      const name = nameOf(key)
      if (typeof rows.get(name) === 'string') rows.set(name, text ?? null)
      else rows.delete(name)
    },
    clear: () => rows.clear(),
  }
}
