/**
 * The baseline of durable orders: the same shape of transaction (3 reads, 6 conditional writes of
 * 300 bytes, one durable commit each) straight on `node:sqlite`, without HTTP.
 */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const ROW = 'x'.repeat(300)
const READ_KEYS = ['@HEAD', 'B#BTC', 'B#USD']

export function sqliteTransactionsPerSecond(options: {
  file: string
  seconds: number
  users: number
}): number {
  const db = new DatabaseSync(options.file)
  try {
    db.exec('pragma journal_mode=wal; pragma synchronous=full')
    db.exec(
      'create table items(pk text, sk text, value text, version integer, primary key (pk, sk)) without rowid',
    )
    const read = db.prepare('select value, version from items where pk = ? and sk = ?')
    const insert = db.prepare('insert into items values (?, ?, ?, 1)')
    const update = db.prepare(
      'update items set value = ?, version = version + 1 where pk = ? and sk = ? and version = ?',
    )
    const versions = new Map<string, number>()
    const write = (user: string, key: string, version: number | undefined): void => {
      if (version === undefined) insert.run(user, key, ROW)
      else if (update.run(ROW, user, key, version).changes !== 1) throw new Error('lost update')
    }
    const transact = (number: number): void => {
      const user = `U#${String(number % options.users).padStart(8, '0')}`
      const version = versions.get(user)
      for (const key of READ_KEYS) read.get(user, key)
      db.exec('begin immediate')
      for (const key of READ_KEYS) write(user, key, version)
      const unique = String(number).padStart(16, '0')
      for (const prefix of ['E#', 'I#', 'O#']) insert.run(user, `${prefix}${unique}`, ROW)
      db.exec('commit')
      versions.set(user, (version ?? 0) + 1)
    }
    const startedAt = performance.now()
    let count = 0
    while (performance.now() - startedAt < options.seconds * 1000) {
      transact(count)
      count += 1
    }
    return count / ((performance.now() - startedAt) / 1000)
  } finally {
    db.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${options.file}${suffix}`, { force: true })
  }
}
