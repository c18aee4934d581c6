/** Writes commands to a store's file, many of them in one durable commit. */
import type { DatabaseSync } from 'node:sqlite'
import { type Command, evaluateCommand, partitionsWritten, type Write } from './command.ts'
import type { RowCache } from './row-cache.ts'
import { single } from './sqlite-file.ts'
import { StoreFault } from './store.ts'
import type { TokenMemory } from './token-memory.ts'

/** Old changes are deleted this many at a time, so that most commits delete none. */
const CHANGES_TRIMMED_AT_ONCE = 1024

/** `undefined` for a command that was applied, now or before under the same token. */
export type Verdict = StoreFault | undefined

export type SqliteWriter = {
  /**
   * Applies the commands one after another, each to the rows as the ones before it left them, and
   * makes all of it durable. Gives the fault of each command that was refused. When it throws, no
   * command was applied, unless it was the commit that failed: then nobody knows.
   */
  commit(commands: readonly Command[]): readonly Verdict[]
}

export function createSqliteWriter({
  db,
  rows,
  tokens,
  changesKept,
}: {
  db: DatabaseSync
  rows: RowCache
  tokens: TokenMemory
  changesKept: number
}): SqliteWriter {
  const begin = db.prepare('begin immediate')
  const end = db.prepare('commit')
  const put = db.prepare(
    'insert into items values (?, ?, ?) on conflict do update set value = excluded.value',
  )
  const remove = db.prepare('delete from items where pk = ? and sk = ?')
  const insertChange = db.prepare('insert into changes values (?, ?)')
  const trimChanges = db.prepare('delete from changes where seq <= ?')
  // A commit that fails leaves these ahead of the rows: a gap in the numbers, and no harm.
  let newest = Number(single(db, 'select max(seq) from changes'))
  let oldest = Number(single(db, 'select min(seq) from changes'))

  return {
    commit(commands) {
      const applied: string[] = []
      try {
        begin.run()
        const verdicts = commands.map((command) => tryCommand(command, applied))
        trim()
        end.run()
        return verdicts
      } catch (error) {
        for (const token of applied) tokens.forget(token)
        rows.clear()
        // For some errors SQLite has done so by itself.
        if (db.isTransaction) db.exec('rollback')
        throw error
      }
    },
  }

  function tryCommand(command: Command, applied: string[]): Verdict {
    try {
      if (tokens.applied(command.token, command.fingerprint)) return undefined
      const writes = evaluateCommand(command, rows.textAt)
      for (const write of writes) writeItem(write)
      for (const pk of partitionsWritten(writes)) insertChange.run(++newest, pk)
      tokens.remember(command.token, command.fingerprint)
      applied.push(command.token)
      return undefined
    } catch (error) {
      if (error instanceof StoreFault) return error
      throw error
    }
  }

  function writeItem({ key, text }: Write): void {
    if (text === undefined) remove.run(key.pk, key.sk)
    else put.run(key.pk, key.sk, text)
    rows.wrote(key, text)
  }

  function trim(): void {
    if (newest - oldest < changesKept + CHANGES_TRIMMED_AT_ONCE) return
    trimChanges.run(newest - changesKept)
    oldest = newest - changesKept + 1
  }
}
