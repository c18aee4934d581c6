/** What keeps the platform from starting is said in a sentence that a person can act on. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newCustomer } from '../customers.ts'
import { startProcess, startTogether } from '../topologies.ts'

const MAIN = fileURLToPath(new URL('../../services/main.ts', import.meta.url))
const ANY_PORTS = { GATEWAY_PORT: '0', INTERNAL_PORT: '0' } as const
const SECRET = 'a-secret-that-only-tests-would-use'
const PAGE_BYTES = 4096

type Ending = {
  readonly code: unknown
  readonly said: string
  readonly complaint: string
}

/** The program, started and expected to end by itself. */
function endingOf(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Ending> {
  const options = {
    env: { ...ANY_PORTS, CALLER_SECRET: SECRET, ...env },
    timeout: 25_000,
    killSignal: 'SIGKILL',
  } as const
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], options, (error, said, complaint) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), said, complaint }),
    )
  })
}

/** One sentence, or one for each fault, and nothing else: no stack, no line of a log. */
const refused = (...lines: readonly string[]): Ending => ({
  code: 1,
  said: '',
  complaint: `${lines.join('\n')}\n`,
})

describe('a start that cannot be', () => {
  let folder: string
  /** A data folder that has been used, at rest. Only copies of it are harmed. */
  let used: string
  let copies = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cnop-start-'))
    used = join(folder, 'used')
    const platform = await startTogether({ dataDir: used })
    const customer = await newCustomer(platform.url)
    await customer.deposit('100')
    await platform.stop()
  })
  afterAll(() => rm(folder, { recursive: true }))

  function copyOfUsed(): string {
    copies += 1
    const copy = join(folder, `copy-${copies}`)
    cpSync(used, copy, { recursive: true })
    return copy
  }

  describe('on the data of another process', () => {
    it('names the file that is in use', async () => {
      const dataDir = copyOfUsed()
      const { child } = await startProcess({ ...ANY_PORTS, DATA_DIR: dataDir })
      try {
        expect(await endingOf({ DATA_DIR: dataDir })).toEqual(
          refused(
            `${join(dataDir, 'inventory.db')} is in use by another process. Stop that one first, or choose another data directory.`,
          ),
        )
      } finally {
        const exited = once(child, 'exit')
        child.kill('SIGTERM')
        await exited
      }
    })
  })

  describe('on a port that is taken', () => {
    const taken = createServer()
    let port: string

    beforeAll(async () => {
      await once(taken.listen(0, '127.0.0.1'), 'listening')
      const address = taken.address()
      port = String(typeof address === 'object' ? address?.port : address)
    })
    afterAll(() => taken.close())

    it.each([
      ['of the public door', { GATEWAY_PORT: 'taken' }],
      ['of the operator', { INTERNAL_PORT: 'taken' }],
      ['of a service apart', { SERVICES: 'auth', AUTH_PORT: 'taken', CALLER_SECRET: SECRET }],
    ])('names the port %s', async (_, env) => {
      const asked = Object.entries(env).map(([name, value]) => [
        name,
        value === 'taken' ? port : value,
      ])
      expect(await endingOf({ DATA_DIR: copyOfUsed(), ...Object.fromEntries(asked) })).toEqual(
        refused(
          `Cannot listen on 127.0.0.1:${port}: another program listens there. Choose another port or address.`,
        ),
      )
    })

    it.each([
      ['192.0.2.1', 'this machine does not have that address'],
      ['nowhere.invalid', 'no address is known under that name'],
    ])('names the address %s that cannot be listened on', async (HOST, trouble) => {
      expect(await endingOf({ DATA_DIR: copyOfUsed(), HOST })).toEqual(
        refused(`Cannot listen on ${HOST}:0: ${trouble}. Choose another port or address.`),
      )
    })
  })

  describe('in a folder that takes no data', () => {
    const advice = 'Set DATA_DIR to a folder this user may write to.'

    it('names a file in its place', async () => {
      const file = join(folder, 'a-file')
      writeFileSync(file, '')
      expect(await endingOf({ DATA_DIR: file })).toEqual(
        refused(`The data folder ${file} cannot be made (EEXIST). ${advice}`),
      )
      expect(await endingOf({ DATA_DIR: join(file, 'data') })).toEqual(
        refused(`The data folder ${join(file, 'data')} cannot be made (ENOTDIR). ${advice}`),
      )
    })

    /** Root may write to any folder but those that the kernel makes up. */
    function readOnlyFolder(): string {
      if (process.getuid?.() === 0) return '/proc'
      const made = join(folder, 'read-only')
      mkdirSync(made)
      chmodSync(made, 0o500)
      return made
    }

    it('names a folder that cannot be written to', async () => {
      const dataDir = readOnlyFolder()
      const { code, said, complaint } = await endingOf({ CALLER_SECRET: '', DATA_DIR: dataDir })
      expect({ code, said }).toEqual({ code: 1, said: '' })
      expect(complaint.replace(/\([A-Z]+\)/, '(…)')).toBe(
        `The data folder ${dataDir} cannot be written to (…). ${advice}\n`,
      )
      expect(await endingOf({ DATA_DIR: dataDir, CALLER_SECRET: SECRET })).toEqual(
        refused(
          `${join(dataDir, 'inventory.db')} cannot be opened. Check that it and its directory exist, belong to this user and can be written.`,
        ),
      )
    })
  })

  describe('on a file that it does not understand', () => {
    it('names a file of a newer version, and leaves it as it is', async () => {
      const dataDir = copyOfUsed()
      const file = join(dataDir, 'order.db')
      alter(file, 'pragma user_version = 99')
      const before = readFileSync(file)
      expect(await endingOf({ DATA_DIR: dataDir })).toEqual(
        refused(
          `${file} was written by a newer version of this program (its format is 99, this version knows 2). Start the newer version, or restore an older backup.`,
        ),
      )
      expect(readFileSync(file)).toEqual(before)
    })

    it('names a file that is damaged', async () => {
      const dataDir = copyOfUsed()
      const file = join(dataDir, 'user.db')
      overwrite(file, 0, PAGE_BYTES)
      expect(await endingOf({ DATA_DIR: dataDir })).toEqual(
        refused(
          `${file} is damaged or no store at all. Restore a backup, or move it away to begin with an empty store.`,
        ),
      )
    })

    it('names a file whose damage only shows when it is read', async () => {
      const dataDir = copyOfUsed()
      const file = join(dataDir, 'auth.db')
      overwrite(file, rootOf(file, 'items') * PAGE_BYTES, PAGE_BYTES)
      expect(await endingOf({ DATA_DIR: dataDir })).toEqual(
        refused(
          `${file} is damaged or no store at all. Restore a backup, or move it away to begin with an empty store.`,
        ),
      )
    })

    it('names a database of another program', async () => {
      const dataDir = copyOfUsed()
      const file = join(dataDir, 'order.db')
      alter(file, 'pragma application_id = 1')
      expect(await endingOf({ DATA_DIR: dataDir })).toEqual(
        refused(
          `${file} is a database of another program. Move it away, or choose another data directory.`,
        ),
      )
    })

    it('says which prices a folder holds when another feed is asked for', async () => {
      const env = { MARKET_FEED: 'coingecko', COINGECKO_URL: 'http://127.0.0.1:9' }
      expect(await endingOf({ DATA_DIR: copyOfUsed(), ...env })).toEqual(
        refused(
          'The data directory holds prices of the simulator feed, but MARKET_FEED is coingecko. Set MARKET_FEED=simulator, or give the coingecko feed a DATA_DIR of its own.',
        ),
      )
    })
  })

  describe('with a configuration that makes no sense', () => {
    it('names every fault at once, and touches no data', async () => {
      const dataDir = join(folder, 'never-made')
      const env = { GATEWAY_PORT: 'http', LOG_LEVEL: 'loud', ORDER_MAX_USD: '-1', PEERS: 'x' }
      const { code, said, complaint } = await endingOf({ DATA_DIR: dataDir, ...env })
      expect({ code, said }).toEqual({ code: 1, said: '' })
      const [first, ...faults] = complaint.trimEnd().split('\n')
      expect(first).toBe('The configuration is not usable:')
      expect(faults.map((fault) => fault.split(' ')[3]).toSorted()).toEqual(
        Object.keys(env).toSorted(),
      )
      expect(() => readFileSync(dataDir)).toThrow('ENOENT')
    })

    it('shows no demo, whose password everybody knows, to other machines', async () => {
      const dataDir = join(folder, 'demo')
      expect(await endingOf({ DATA_DIR: dataDir, HOST: '0.0.0.0' }, ['--demo'])).toEqual(
        refused(
          'The configuration is not usable:',
          '  - --demo makes a customer whose password everybody knows: HOST must be this machine, such as 127.0.0.1, not 0.0.0.0',
        ),
      )
      expect(existsSync(dataDir)).toBe(false)
    })

    it('names what a model of insights lacks, and what is too much', async () => {
      const half = { MODEL_URL: 'http://127.0.0.1:9/v1', GOOGLE_GEMINI_API_KEY: 'x' }
      const { complaint } = await endingOf({ DATA_DIR: join(folder, 'never-made'), ...half })
      expect(complaint).toContain('MODEL_URL and MODEL_NAME must be set together.')
      expect(complaint).toContain('MODEL_URL must not be set beside GOOGLE_GEMINI_API_KEY')
    })

    it.each([
      ['that is nowhere', undefined, 'ENOENT'],
      ['that is no JSON', '{"phrases":', 'It is no JSON.'],
      ['with half an entry', '{"phrases":[{"phrase":"x"}]}', 'Entry 1 needs an amount_usd'],
    ])('names a file of phrases %s', async (_, content, complaint) => {
      const file = join(folder, 'phrases.json')
      await rm(file, { force: true })
      if (content !== undefined) writeFileSync(file, content)
      const ending = await endingOf({ DATA_DIR: join(folder, 'phrases'), RED_POCKET_FILE: file })
      expect(ending.code).toBe(1)
      expect(ending.complaint).toContain('RED_POCKET_FILE must name a list of phrases.')
      expect(ending.complaint).toContain(complaint)
      expect(ending.complaint).not.toContain('at ')
    })

    it('names the services that would be needed and are nowhere', async () => {
      const env = { SERVICES: 'gateway,user', PEERS: 'auth=http://127.0.0.1:9' }
      expect(await endingOf({ DATA_DIR: folder, CALLER_SECRET: SECRET, ...env })).toEqual(
        refused(
          'The configuration is not usable:',
          '  - PEERS must say where inventory, order, insights can be reached, or SERVICES must run them.',
        ),
      )
    })
  })
})

function alter(file: string, sql: string): void {
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.close()
}

/** Pages count from 1; gives the one before, so that it is a position in the file. */
function rootOf(file: string, table: string): number {
  const db = new DatabaseSync(file)
  const sql = `select rootpage - 1 as page from sqlite_schema where name = '${table}'`
  const page = Number(db.prepare(sql).get()?.['page'])
  db.close()
  return page
}

function overwrite(file: string, from: number, count: number): void {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xff, from, from + count))
}
