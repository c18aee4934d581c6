/** Copies of a store's file: taken while the store runs, and put back in an empty place. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  beginTimeline,
  checkIdentity,
  explained,
  lockFile,
  openFileToRead,
  single,
} from './sqlite-file.ts'
import { StoreOpenError } from './store.ts'

/**
 * Writes what the store holds at one moment into a file of its own. Call it from another process
 * than the store's, which it would keep from everything else. A backup under its name is whole.
 */
export function backupStore({ from, to }: { from: string; to: string }): void {
  refuseToOverwrite(to)
  const db = openFileToRead(from)
  try {
    explained(`${to} (a backup of ${from})`, () => {
      writeWhole(to, (partial) => db.prepare('vacuum into ?').run(partial))
    })
  } finally {
    db.close()
  }
}

/**
 * Puts a backup where a store's file is to be. Refuses to replace a store, and a backup that is
 * damaged, of another program, or of a newer version. Throws a `StoreOpenError`.
 */
export function restoreStore({ from, to }: { from: string; to: string }): void {
  const lock = lockFile(to)
  try {
    refuseToOverwrite(to)
    refuseLiveFile(from)
    explained(from, () => {
      writeWhole(to, (partial) => {
        copyFileSync(from, partial)
        prepareRestored(partial, from)
      })
    })
  } finally {
    lock.release()
  }
}

/** The log beside a file is part of it: alone, it would be taken for the log of the next one. */
function refuseToOverwrite(file: string): void {
  for (const name of [file, `${file}-wal`]) {
    if (existsSync(name)) {
      throw new StoreOpenError(`${name} exists and is not overwritten. Move it away first.`)
    }
  }
}

/** A file with a log is not all there is of it: a copy would lack the latest changes. */
function refuseLiveFile(file: string): void {
  if (!existsSync(`${file}-wal`)) return
  throw new StoreOpenError(`${file} is the file of a running store. Take a backup of it first.`)
}

/** Under another name until all of it is on the disk. */
function writeWhole(file: string, write: (partial: string) => void): void {
  const partial = `${file}.partial`
  removeWithLogs(partial)
  try {
    write(partial)
    flush(partial)
    renameSync(partial, file)
  } finally {
    removeWithLogs(partial)
  }
  // A directory cannot be opened on Windows, which keeps a rename without being asked to.
  if (process.platform !== 'win32') flush(dirname(file))
}

/** What an interrupted attempt left beside a file would be replayed into the next one. */
function removeWithLogs(file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}

function prepareRestored(partial: string, from: string): void {
  const db = new DatabaseSync(partial)
  try {
    checkIdentity(db, from)
    if (single(db, 'pragma integrity_check') !== 'ok') {
      throw new StoreOpenError(`${from} is damaged. Restore another backup.`)
    }
    beginTimeline(db)
  } finally {
    db.close()
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
