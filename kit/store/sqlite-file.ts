/** Opening a store's file: who may have it, whether it is one, and whether the disk keeps its word. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { StoreOpenError } from './store.ts'

/** Marks a file as a store of this platform: the letters CNOP. */
const APPLICATION_ID = 0x434e4f50
const SCHEMA_VERSION = 2
const PAGE_BYTES = 4096
const BUSY_MS = 1000
const SYNCHRONOUS_FULL = 2

/**
 * New rows stand at the end of the table in the order they came, whoever's they are, and only their
 * keys are sorted: the rows of a commit share a few pages. In a table sorted by key each would dirty
 * a page of its own, and one of more than a kilobyte a second one.
 */
const ITEMS = `
  create table items (
    pk text not null, sk text not null, value text not null, primary key (pk, sk)
  ) strict;
`

/**
 * `timeline` names this history of changes, so that a cursor of another history is recognised.
 * `opens` counts; it is what the probe writes.
 */
const SCHEMA = `
  ${ITEMS}
  create table changes (seq integer primary key, pk text not null) strict;
  create table facts (name text primary key, value text not null) without rowid, strict;
  insert into facts values ('timeline', lower(hex(randomblob(8)))), ('opens', '0');
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${SCHEMA_VERSION};
`

/** The first format sorted the rows themselves. */
const FROM_FIRST_FORMAT = `
  alter table items rename to sorted_items;
  ${ITEMS}
  insert into items select pk, sk, value from sorted_items order by pk, sk;
  drop table sorted_items;
  pragma user_version = ${SCHEMA_VERSION};
`

/**
 * The log is copied into the file every 12 MiB instead of every 4: pages written again and again
 * are copied a third as often, and no commit waits more than some 15 ms for it. After a long reader
 * the log shrinks back to 64 MiB.
 *
 * Sixteen mebibytes of pages stay in memory: a hundred busy customers touch more than the two that
 * SQLite keeps by itself, and pages fetched anew for every commit cost a third of an order.
 */
const PRAGMAS = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma wal_autocheckpoint = 3000;
  pragma cache_size = -16384;
  pragma journal_size_limit = ${64 * 1024 * 1024};
`

/** The result codes of SQLite that are told apart. */
export const SQLITE_CODES = {
  permission: 3,
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

/** An extended code of `ioError`. */
const NO_ROOM_FOR_INDEX = 4874

/** The primary result code of an error of SQLite; `undefined` for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error && 'errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** Opens a file to write, and makes it when it is not there. The caller holds its lock. */
export function openFile(
  file: string,
  { bytesMax }: { bytesMax?: number | undefined },
): DatabaseSync {
  return openWith({ file, readOnly: false }, (db) => {
    const fresh = isEmpty(db)
    if (!fresh) checkIdentity(db, file)
    db.exec(PRAGMAS)
    if (bytesMax !== undefined) {
      db.exec(`pragma max_page_count = ${Math.floor(bytesMax / PAGE_BYTES)}`)
    }
    if (fresh) db.exec(`begin immediate; ${SCHEMA} commit`)
    else if (formatOf(db) < SCHEMA_VERSION) {
      db.exec(`begin immediate; ${FROM_FIRST_FORMAT} commit`)
    }
    probe(db, file)
  })
}

/** Opens a file that is there, while a store may be writing to it. */
export function openFileToRead(file: string): DatabaseSync {
  return openWith({ file, readOnly: true }, (db) => checkIdentity(db, file))
}

export type FileLock = { release(): void }

/**
 * Takes the file for this process alone, readers excepted. The lock is the operating system's on a
 * file beside it, so it ends with the process however that ends.
 */
export function lockFile(file: string): FileLock {
  return explained(file, () => {
    mkdirSync(dirname(file), { recursive: true })
    const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 })
    try {
      lock.exec('pragma journal_mode = memory; begin exclusive')
    } catch (error) {
      lock.close()
      throw error
    }
    return { release: () => lock.close() }
  })
}

/** A copy that goes on by itself is another history: cursors of the first do not fit it. */
export function beginTimeline(db: DatabaseSync): void {
  db.exec(`update facts set value = lower(hex(randomblob(8))) where name = 'timeline'`)
}

export function checkIdentity(db: DatabaseSync, file: string): void {
  if (single(db, 'pragma application_id') !== APPLICATION_ID) {
    throw new StoreOpenError(
      `${file} is a database of another program. Move it away, or choose another data directory.`,
    )
  }
  const version = formatOf(db)
  if (version > SCHEMA_VERSION) {
    throw new StoreOpenError(
      `${file} was written by a newer version of this program (its format is ${version}, this ` +
        `version knows ${SCHEMA_VERSION}). Start the newer version, or restore an older backup.`,
    )
  }
}

const formatOf = (db: DatabaseSync): number => Number(single(db, 'pragma user_version'))

/** Runs what touches a store's file, and says what a failure means for its operator. */
export function explained<Result>(file: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof StoreOpenError) throw error
    throw new StoreOpenError(explain(file, error), { cause: error })
  }
}

/** What a failure of an open file means for its operator. What SQLite did not say was in a row. */
export const explainFailure = (file: string, error: unknown): string =>
  sqliteCode(error) === undefined ? damaged(file) : explain(file, error)

const damaged = (file: string): string =>
  `${file} is damaged or no store at all. Restore a backup, or move it away to begin with an empty store.`

const full = (file: string): string =>
  `The disk of ${file} is full. Free some space and start again.`

/** SQLite calls it a failure of the disk when there is no room for the index of its log. */
const isWantOfRoom = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === NO_ROOM_FOR_INDEX

function explain(file: string, error: unknown): string {
  switch (sqliteCode(error)) {
    case SQLITE_CODES.busy:
      return `${file} is in use by another process. Stop that one first, or choose another data directory.`
    case SQLITE_CODES.corrupt:
    case SQLITE_CODES.notADatabase:
      return damaged(file)
    case SQLITE_CODES.full:
      return full(file)
    case SQLITE_CODES.ioError:
      if (isWantOfRoom(error)) return full(file)
      return `The disk of ${file} fails to read or write. Check the disk, then start again or restore a backup.`
    case SQLITE_CODES.permission:
    case SQLITE_CODES.readOnly:
    case SQLITE_CODES.cannotOpen:
      return `${file} cannot be opened. Check that it and its directory exist, belong to this user and can be written.`
    default: {
      const reason = error instanceof Error ? error.message : String(error)
      return `${file} cannot be opened (${reason}). Check that its directory exists, belongs to this user and can be written.`
    }
  }
}

function openWith(
  { file, readOnly }: { file: string; readOnly: boolean },
  prepare: (db: DatabaseSync) => void,
): DatabaseSync {
  return explained(file, () => {
    const db = new DatabaseSync(file, { readOnly, timeout: BUSY_MS })
    try {
      prepare(db)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

function isEmpty(db: DatabaseSync): boolean {
  return (
    single(db, 'select count(*) from sqlite_schema') === 0 &&
    single(db, 'pragma application_id') === 0 &&
    formatOf(db) === 0
  )
}

/**
 * Writes once and looks again: some builds of SQLite fall back to a weaker setting with the first
 * write, and would lose acknowledged changes in a power cut.
 */
function probe(db: DatabaseSync, file: string): void {
  db.exec(`update facts set value = value + 1 where name = 'opens'`)
  if (single(db, 'pragma journal_mode') !== 'wal') {
    throw new StoreOpenError(
      `The disk of ${file} cannot hold a write-ahead log, as network drives cannot. Choose a directory on a local disk.`,
    )
  }
  if (single(db, 'pragma synchronous') !== SYNCHRONOUS_FULL) {
    throw new StoreOpenError(
      `This SQLite would lose changes to ${file} in a power cut: it does not stay on synchronous=FULL. Run the Node version this program asks for.`,
    )
  }
}

/** The one value that a statement gives. */
export function single(db: DatabaseSync, sql: string): SQLOutputValue | undefined {
  return Object.values(db.prepare(sql).get() ?? {})[0]
}
