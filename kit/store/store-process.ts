/**
 * A process of its own that opens a store's file and does as told, for tests that kill it, starve
 * it, or run beside it. Lines on its output are written before the next step is taken.
 */
import { writeSync } from 'node:fs'
import { backupStore } from './backup.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { type Store, StoreFault, StoreOpenError } from './store.ts'

const WRITERS = 8

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

function open(file: string): Store {
  return openSqliteStore({
    file,
    now: () => Date.now(),
    onFatal: () => {
      say('fatal')
      process.exit(70)
    },
  })
}

/** Each transaction writes two rows in two partitions; its number is said once it is durable. */
async function writeForever(store: Store, run: string): Promise<void> {
  let last = 0
  const write = async () => {
    while (true) {
      last += 1
      const sk = `${run}.${last}`
      const row = { text: sk.padEnd(400, '.') }
      await store.transact(
        [
          { kind: 'put', key: { pk: 'left', sk }, row, when: { absent: true } },
          { kind: 'put', key: { pk: 'right', sk }, row, when: { absent: true } },
        ],
        { token: sk },
      )
      say(sk)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}

async function obey([order, file = '', argument = '']: readonly string[]): Promise<void> {
  switch (order) {
    case 'open':
      await open(file).close()
      return say('opened')
    case 'write':
      return writeForever(open(file), argument)
    case 'backup':
      backupStore({ from: file, to: argument })
      return say('taken')
    default:
      throw new Error(`No such order: ${order}`)
  }
}

function report(error: unknown): void {
  if (error instanceof StoreFault) say(`fault ${error.code}`)
  else if (error instanceof StoreOpenError) say(error.message)
  else throw error
}

await obey(process.argv.slice(2)).catch(report)
