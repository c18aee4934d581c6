/** Finding the journal event of a moment without reading the journal: its times never fall. */

import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { eventKey, loadEvent } from './journal-rows.ts'

/** Events looked at in one read; a journal of a million needs four reads. */
const PROBES_MAX = 31n

/** How many of the events 1 to `seqMax` happened before `timeMs`: the sequence of the last that did. */
export async function countEventsBefore({
  store,
  userId,
  seqMax,
  timeMs,
}: {
  store: Pick<StoreReader, 'snapshot'>
  userId: string
  seqMax: bigint
  timeMs: number
}): Promise<bigint> {
  let before = 0n
  let notBefore = seqMax + 1n
  while (notBefore - before > 1n) {
    const probes = probesBetween(before, notBefore)
    const rows = await store.snapshot(probes.map((seq) => eventKey(userId, seq)))
    for (const [index, seq] of probes.entries()) {
      const row = rows[index]
      if (row === undefined) throw new CorruptRow('bytes', `there: event ${seq} is missing`)
      if (Date.parse(loadEvent(row).at) < timeMs) {
        before = seq
      } else {
        notBefore = seq
        break
      }
    }
  }
  return before
}

/** Whole numbers between two others, rising, evenly spread, at most `PROBES_MAX`. */
function probesBetween(low: bigint, high: bigint): bigint[] {
  const gaps = high - low
  const parts = gaps < PROBES_MAX + 1n ? gaps : PROBES_MAX + 1n
  return Array.from({ length: Number(parts) - 1 }, (_, index) => {
    return low + (gaps * BigInt(index + 1)) / parts
  })
}
