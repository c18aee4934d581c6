/**
 * The store in one file of one process. Every transaction of one turn of the event loop shares one
 * durable commit: waiting for the disk is what costs, and it costs the same for one as for many.
 */
import type { DatabaseSync } from 'node:sqlite'
import { type Command, createCommand } from './command.ts'
import { type CommitFigures, createGroupCommit } from './group-commit.ts'
import { readSnapshot } from './read-snapshot.ts'
import { createRowCache, type RowCache } from './row-cache.ts'
import {
  explained,
  explainFailure,
  type FileLock,
  lockFile,
  openFile,
  SQLITE_CODES,
  sqliteCode,
} from './sqlite-file.ts'
import { createSqliteReads, type SqliteReads } from './sqlite-reads.ts'
import { createSqliteWriter, type SqliteWriter, type Verdict } from './sqlite-writer.ts'
import { type Store, StoreFault } from './store.ts'
import { createTokenMemory } from './token-memory.ts'

const CHANGES_KEPT = 1_000_000

export type SqliteStoreOptions = {
  /** Made, with its directory, when it is not there. A `.lock` file stands beside it. */
  readonly file: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /**
   * The disk failed, and nobody knows what it holds: end the process, and let the next start read
   * it from the log. The error says what to do, and its cause what happened. Should this return,
   * the store refuses everything from then on.
   */
  readonly onFatal: (error: Error) => void
  readonly onCommit?: (figures: CommitFigures) => void
  /** How far the file may grow before it refuses transactions as a full disk does. */
  readonly bytesMax?: number
  readonly changesKept?: number
}

/** Throws a `StoreOpenError`, which tells the operator what to do. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const { file, onFatal, onCommit } = options
  const lock = lockFile(file)
  const { db, reads, rows, writer } = openLocked(options, lock)
  const group = createGroupCommit({ commit, onCommit })
  let refusal: string | undefined

  return {
    snapshot: (keys) => read(() => readSnapshot(keys, rows.textAt)),
    query: (pk, range) => read(() => reads.query(pk, range)),
    changes: (after, limit) => read(() => reads.changes(after, limit)),
    partitions: (after, limit) => read(() => reads.partitions(after, limit)),
    async transact(ops, transactOptions) {
      refuseWhenOver()
      await group.submit(createCommand(ops, transactOptions))
    },
    async close() {
      if (!db.isOpen) return
      group.finish()
      refusal ??= 'The store is closed'
      db.close()
      lock.release()
    },
  }

  function refuseWhenOver(): void {
    if (refusal !== undefined) throw new StoreFault('unavailable', refusal)
  }

  async function read<Result>(run: () => Result): Promise<Result> {
    refuseWhenOver()
    try {
      return run()
    } catch (error) {
      if (error instanceof StoreFault || error instanceof TypeError) throw error
      if (sqliteCode(error) !== SQLITE_CODES.busy) breakOff(error)
      throw new StoreFault('unavailable', 'The store cannot be read', { cause: error })
    }
  }

  function commit(commands: readonly Command[]): readonly Verdict[] {
    if (refusal !== undefined) {
      const message = refusal
      return commands.map(() => new StoreFault('unavailable', message))
    }
    try {
      return writer.commit(commands)
    } catch (error) {
      const fault = faultOf(error)
      return commands.map(() => fault)
    }
  }

  /** What rolled back by itself is known; anything else is not, and nothing may build on it. */
  function faultOf(error: unknown): StoreFault {
    switch (sqliteCode(error)) {
      case SQLITE_CODES.full:
        return new StoreFault('unavailable', 'The disk is full', { cause: error })
      case SQLITE_CODES.busy:
        return new StoreFault('unavailable', 'Another process writes to the file', { cause: error })
      default:
        breakOff(error)
        return new StoreFault('outcome-unknown', 'The disk failed', { cause: error })
    }
  }

  function breakOff(error: unknown): void {
    refusal = 'The disk failed'
    onFatal(new Error(explainFailure(file, error), { cause: error }))
  }
}

type OpenedFile = {
  readonly db: DatabaseSync
  readonly reads: SqliteReads
  readonly rows: RowCache
  readonly writer: SqliteWriter
}

function openLocked(
  { file, now, bytesMax, changesKept = CHANGES_KEPT }: SqliteStoreOptions,
  lock: FileLock,
): OpenedFile {
  let db: DatabaseSync | undefined
  try {
    return explained(file, () => {
      db = openFile(file, { bytesMax })
      const reads = createSqliteReads(db)
      const rows = createRowCache(reads.textAt)
      const tokens = createTokenMemory({ now })
      return {
        db,
        reads,
        rows,
        writer: createSqliteWriter({ db, rows, tokens, changesKept }),
      }
    })
  } catch (error) {
    db?.close()
    lock.release()
    throw error
  }
}
