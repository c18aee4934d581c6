/**
 * The rows asked for last, as the file has them. A store is the only writer of its file, so what it
 * wrote or read is what is there; a commit that fails empties the cache, since its rows are not.
 */
import type { Key } from './store.ts'

export type RowCache = {
  /** The encoded row; `undefined` where there is none. */
  textAt(key: Key): string | undefined
  wrote(key: Key, text: string | undefined): void
  clear(): void
}

/** At about half a kilobyte each, some five megabytes. */
const ROWS_MAX = 10_000

export function createRowCache(
  read: (key: Key) => string | undefined,
  rowsMax = ROWS_MAX,
): RowCache {
  /** In the order of the last write or read, so the first is the one untouched longest. */
  const rows = new Map<string, string | undefined>()
  const nameOf = ({ pk, sk }: Key): string => `${pk.length}:${pk}${sk}`

  const keep = (name: string, text: string | undefined): void => {
    rows.delete(name)
    rows.set(name, text)
    if (rows.size <= rowsMax) return
    const [oldest = name] = rows.keys()
    rows.delete(oldest)
  }

  return {
    textAt(key) {
      const name = nameOf(key)
      const known = rows.get(name)
      const text = known !== undefined || rows.has(name) ? known : read(key)
      keep(name, text)
      return text
    },
    wrote: (key, text) => keep(nameOf(key), text),
    clear: () => rows.clear(),
  }
}
