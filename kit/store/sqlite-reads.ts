/** What can be read from a store's file; each of these is one moment of it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeRow } from './row-codec.ts'
import { type Bounds, boundsOf, checkLimit, checkPartitionsAfter, checkQuery } from './row-rules.ts'
import { single } from './sqlite-file.ts'
import { type ChangePage, type Key, type QueryPage, type QueryRange, StoreFault } from './store.ts'

export type SqliteReads = {
  /** The stored row in its encoded form. */
  textAt(key: Key): string | undefined
  query(pk: string, range: QueryRange): QueryPage
  changes(after: string, limit: number): ChangePage
  partitions(after: string, limit: number): readonly string[]
}

export function createSqliteReads(db: DatabaseSync): SqliteReads {
  const selectText = prepareArrays(db, 'select value from items where pk = ? and sk = ?')
  const selectNextPartition = prepareArrays(
    db,
    'select pk from items where pk > ? order by pk limit 1',
  )
  const selectPage = createPageStatements(db)
  return {
    textAt({ pk, sk }) {
      return firstText(selectText.get(pk, sk))
    },
    query(pk, range) {
      checkQuery(pk, range)
      const { limit, reverse = false } = range
      const bounds = boundsOf(range)
      const sortKeys = bounds.high ? [bounds.low.sk, bounds.high.sk] : [bounds.low.sk]
      const found = rowsOf(selectPage(bounds, reverse).all(pk, ...sortKeys, limit + 1))
      const rows = found.slice(0, limit).map(([sk, text]) => ({ sk, row: decodeRow(text) }))
      return { rows, more: found.length > limit }
    },
    changes: createChangeReads(db),
    /** Leaps from each partition to the next, and so reads one row of each. */
    partitions(after, limit) {
      checkPartitionsAfter(after)
      checkLimit(limit)
      const partitions: string[] = []
      for (let pk: string | undefined = after; partitions.length < limit; partitions.push(pk)) {
        pk = firstText(selectNextPartition.get(pk))
        if (pk === undefined) break
      }
      return partitions
    },
  }
}

/** A query has one of twelve shapes; each is prepared when it is first asked for. */
function createPageStatements(db: DatabaseSync) {
  const statements = new Map<string, StatementSync>()
  return ({ low, high }: Bounds, reverse: boolean): StatementSync => {
    const above = `sk ${low.inclusive ? '>=' : '>'} ?`
    const below = high === undefined ? '' : `and sk ${high.inclusive ? '<=' : '<'} ?`
    const order = reverse ? 'desc' : 'asc'
    const sql = `select sk, value from items where pk = ? and ${above} ${below} order by sk ${order} limit ?`
    const statement = statements.get(sql) ?? prepareArrays(db, sql)
    statements.set(sql, statement)
    return statement
  }
}

/** A cursor names the timeline and the last change read; it is good for that timeline only. */
function createChangeReads(db: DatabaseSync): (after: string, limit: number) => ChangePage {
  const timeline = String(single(db, `select value from facts where name = 'timeline'`))
  const selectEnds = db.prepare(
    `select (select min(seq) from changes) as oldest, (select max(seq) from changes) as newest`,
  )
  const selectChanges = db.prepare('select seq, pk from changes where seq > ? order by seq limit ?')
  return (after, limit) => {
    checkLimit(limit)
    const found = selectChanges.all(positionOf(after), limit)
    const last = found.at(-1)
    const cursor = last === undefined ? after : `${timeline}.${last['seq']}`
    return { partitions: found.map((change) => String(change['pk'])), cursor }
  }

  function positionOf(cursor: string): number {
    const { oldest, newest } = selectEnds.get() ?? {}
    const forgotten = Number(oldest ?? 1) - 1
    if (cursor === '') return forgotten
    const position = Number(cursor.slice(timeline.length + 1))
    const known = cursor === `${timeline}.${position}`
    if (known && position >= forgotten && position <= Number(newest)) return position
    throw new StoreFault('cursor-expired', 'The changes behind this cursor are not kept')
  }
}

function prepareArrays(db: DatabaseSync, sql: string): StatementSync {
  return db.prepare(sql, { returnArrays: true })
}

/** The rows of a statement prepared to return arrays, of which all columns are text. */
function rowsOf(found: unknown): readonly (readonly [string, string])[] {
  return found as readonly (readonly [string, string])[]
}

function firstText(row: unknown): string | undefined {
  return (row as readonly [string] | undefined)?.[0]
}
