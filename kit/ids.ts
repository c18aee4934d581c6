/** Identifiers that rise in the order they are made, also within a millisecond: ULIDs. */
import { randomFillSync } from 'node:crypto'
import { monotonicFactory } from 'ulid'

const POOL_BYTES = 4096

/** Numbers from 0 up to, not including, 1, of the system's own chance, drawn many at a time. */
function createPooledChance(): () => number {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  return () => {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const drawn = pool.readUInt8(used)
    used += 1
    return drawn / 256
  }
}

export function createIds(now: () => number): () => string {
  const next = monotonicFactory(createPooledChance())
  return () => next(now())
}
