import { decodeRow } from './row-codec.ts'
import { checkSnapshot, checkSnapshotBytes, type SizedRow } from './row-rules.ts'
import type { Key, Row } from './store.ts'

/** The rows of an embedded store at one moment: nothing can come between, because nothing waits. */
export function readSnapshot(
  keys: readonly Key[],
  textAt: (key: Key) => string | undefined,
): readonly (Row | undefined)[] {
  checkSnapshot(keys)
  const sized: SizedRow[] = []
  const rows = keys.map((key) => {
    const text = textAt(key)
    if (text === undefined) return undefined
    const row = decodeRow(text)
    sized.push({ key, row, text })
    return row
  })
  checkSnapshotBytes(sized)
  return rows
}
