import { readSnapshot } from './read-snapshot.ts'
import { openFileToRead } from './sqlite-file.ts'
import { createSqliteReads } from './sqlite-reads.ts'
import type { StoreReader } from './store.ts'

/**
 * Reads a store's file as it is at this moment and stays at it, while the store's own process goes
 * on writing. The log cannot shrink meanwhile: close the reader soon. Throws a `StoreOpenError`.
 */
export function openSqliteReader({ file }: { file: string }): StoreReader {
  const db = openFileToRead(file)
  db.exec('begin')
  // The moment is that of the first row read after `begin`, which this reads.
  const reads = createSqliteReads(db)
  return {
    snapshot: async (keys) => readSnapshot(keys, reads.textAt),
    query: async (pk, range) => reads.query(pk, range),
    changes: async (after, limit) => reads.changes(after, limit),
    partitions: async (after, limit) => reads.partitions(after, limit),
    async close() {
      if (db.isOpen) db.close()
    },
  }
}
