/** A PostgreSQL of its own for one run: a new cluster on a socket, with the bare route in front. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ended, SERVER_CPU, type Started, startOn } from '../measure.ts'

const INSTALLED = '/usr/lib/postgresql'

function binaries(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined
  const version = readdirSync(INSTALLED).toSorted().at(-1)
  const folder = join(INSTALLED, version ?? '', 'bin')
  return existsSync(join(folder, 'postgres')) ? folder : undefined
}

/** PostgreSQL does not run as root; where we are root it runs as its own user. */
function asPostgres(command: string, args: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ['runuser', ['-u', 'postgres', '--', command, ...args]]
    : [command, [...args]]
}

function giveToPostgres(folder: string): void {
  if (process.getuid?.() !== 0) return
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  chownSync(folder, id('-u'), id('-g'))
  chmodSync(folder, 0o755)
}

/** `undefined` where PostgreSQL is not installed. */
export async function startPostgres(): Promise<Pick<Started, 'url' | 'stop'> | undefined> {
  const bin = binaries()
  if (bin === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'cnop-bench-postgres-'))
  giveToPostgres(folder)
  const data = join(folder, 'data')
  const [initdb, initArgs] = asPostgres(join(bin, 'initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
  ])
  execFileSync(initdb, initArgs, { stdio: 'ignore', cwd: folder })
  const settings = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`]
  const [postgres, args] = asPostgres('taskset', [
    '-c',
    String(SERVER_CPU),
    join(bin, 'postgres'),
    '-D',
    data,
    ...settings,
  ])
  const child = spawn(postgres, args, { stdio: 'ignore', cwd: folder })
  const [ready, readyArgs] = [join(bin, 'pg_isready'), ['-h', folder, '-t', '10']]
  for (let attempt = 0; attempt < 50 && !accepts(ready, readyArgs); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const front = await startOn(SERVER_CPU, './baselines/postgres-server.ts', { args: [folder] })
  return {
    url: front.url,
    async stop() {
      await front.stop()
      await ended(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function accepts(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
