import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** Stands where npm does: writes down that it was called, then installs what the lockfile names. */
const NPM = `
const { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
appendFileSync(process.env.NPM_CALLS, process.cwd() + ' ' + process.argv.slice(2).join(' ') + '\\n')
if (process.env.NPM_SAYS) {
  process.stderr.write(process.env.NPM_SAYS)
  process.exit(1)
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
delete packages['']
for (const [path, { bin = {} }] of Object.entries(packages)) {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'package.json'), '{}')
  for (const file of Object.values(bin)) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    symlinkSync(process.execPath, join(path, file))
  }
}
setTimeout(() => writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages })), 100)
`

const TARGET = `
process.on('SIGTERM', () => setTimeout(() => process.stdout.write('ending', () => process.exit(7)), 100))
process.stdout.write(JSON.stringify({ node: process.argv0, args: process.argv.slice(2), path: process.env.PATH, flags: process.execArgv, malloc: process.env.MALLOC_MMAP_THRESHOLD_ }))
if (process.argv[2] === 'wait') setInterval(() => {}, 1000)
process.exitCode = Number(process.argv[2] ?? 0) || 0
`

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bootstrap-'))
  for (const file of ['bootstrap', 'install-locked', 'run-child']) {
    await cp(join(import.meta.dirname, `${file}.mjs`), join(root, 'tools', `${file}.mjs`))
  }
  await mkdir(join(root, 'runtime'))
  await writeFile(join(root, 'npm-cli.js'), NPM)
  await writeFile(join(root, 'target.mjs'), TARGET)
  await writeFile(join(root, 'npm-calls'), '')
  await lockPackages({ 'node_modules/left': { version: '1.0.0', integrity: 'sha512-left' } })
})

afterEach(() => rm(root, { recursive: true }))

test('the packages are installed once, from the lockfile, without install scripts', async () => {
  const first = await bootstrap()
  expect(first).toMatchObject({ code: 0, err: 'Installing the packages …\n' })
  const second = await bootstrap()
  expect(second).toMatchObject({ code: 0, err: '' })
  expect(await npmCalls()).toEqual([expect.stringMatching(/ ci .*--ignore-scripts/)])
})

test('what is started is told to keep its memory small, unless its user says otherwise', async () => {
  const { out } = await bootstrap()
  expect(JSON.parse(out)).toMatchObject({
    flags: ['--max-semi-space-size=12', '--heap-growing-percent=50'],
    malloc: '1048576',
  })
  const own = await bootstrap({ env: { MALLOC_MMAP_THRESHOLD_: '65536' } })
  expect(JSON.parse(own.out)).toMatchObject({ malloc: '65536' })
})

test('a production environment still gets the tools the checks need', async () => {
  await bootstrap({ env: { NODE_ENV: 'production', npm_config_omit: 'dev' } })
  expect(await npmCalls()).toEqual([expect.stringContaining('--include=dev')])
})

test('a changed lockfile is installed again', async () => {
  await bootstrap()
  await lockPackages({ 'node_modules/left': { version: '1.0.0', integrity: 'sha512-other' } })
  await bootstrap()
  expect(await npmCalls()).toHaveLength(2)
})

test('a package that was deleted is installed again', async () => {
  await bootstrap()
  await rm(join(root, 'node_modules/left'), { recursive: true })
  await bootstrap()
  expect(await npmCalls()).toHaveLength(2)
})

test('packages copied from another platform are installed again', async () => {
  const binary = { version: '1.0.0', optional: true, os: ['plan9'] }
  await lockPackages({ 'node_modules/binary': binary })
  await bootstrap()
  await bootstrap()
  expect(await npmCalls()).toHaveLength(2)
})

test('two at once install once, and both run', async () => {
  const both = await Promise.all([bootstrap(), bootstrap()])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(await npmCalls()).toHaveLength(1)
})

test('an installer that was killed does not keep the next one waiting for ever', async () => {
  const lock = join(root, 'runtime/.installing')
  await writeFile(lock, '')
  await utimes(lock, new Date(0), new Date(0))
  expect(await bootstrap()).toMatchObject({ code: 0 })
  await expect(readFile(lock)).rejects.toThrow('ENOENT')
})

test('an older Node fetches the runtime, and whatever the target starts finds it first', async () => {
  await lockRuntime()
  const { code, out, err } = await bootstrap({ host: { node: '20.19.0' } })
  expect({ code, err }).toEqual({
    code: 0,
    err: 'Installing a current Node …\nInstalling the packages …\n',
  })
  const ran = JSON.parse(out) as { node: string; path: string }
  expect(ran.node).toContain(join(root, 'runtime/node_modules'))
  expect(ran.path.startsWith(dirname(ran.node))).toBe(true)
})

test('a current Node fetches no runtime', async () => {
  await bootstrap({ host: { node: '24.12.0' } })
  expect(await npmCalls()).toEqual([expect.stringMatching(new RegExp(`^${root} `))])
})

test('a Node too old to start with gets one sentence that names what is needed', async () => {
  const { code, err } = await bootstrap({ host: { node: '20.18.3' } })
  expect({ code, err }).toEqual({
    code: 1,
    err: 'This needs Node 20.19 or later; found 20.18.3.\n',
  })
})

test('a platform without a Node to fetch gets one sentence that names what is needed', async () => {
  const { code, err } = await bootstrap({ host: { node: '22.0.0', platform: 'freebsd' } })
  expect(code).toBe(1)
  expect(err).toMatch(/^This needs Node 24\.12 or later, found 22\.0\.0, .*please install it\.\n$/)
})

test('without a network one sentence says so', async () => {
  const said = 'npm error code ENOTFOUND\nnpm error network request failed\nnpm error more\n'
  const { code, err } = await bootstrap({ env: { NPM_SAYS: said } })
  expect(code).toBe(1)
  expect(err.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^Could not install the packages: .*cannot be reached \(ENOTFOUND\)/),
    '',
  ])
})

test('a package that is not the one of the lockfile is named', async () => {
  const said = 'npm ERR! code EINTEGRITY\nnpm ERR! left: checksum failed\n'
  const { code, err } = await bootstrap({ env: { NPM_SAYS: said } })
  expect(code).toBe(1)
  expect(err).toContain('npm ended with EINTEGRITY (left: checksum failed).')
})

test('arguments and the exit code pass through', async () => {
  const { code, out } = await bootstrap({ args: ['3', '--flag', 'two words'] })
  expect(code).toBe(3)
  expect(JSON.parse(out)).toMatchObject({ args: ['3', '--flag', 'two words'] })
})

test('a signal reaches the target, which is given the time to end', async () => {
  const child = start({ args: ['wait'] })
  await once(child.stdout!, 'data')
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([7, null])
})

test('a target whose npm was ended is told to end too', async () => {
  const child = start({
    args: ['wait'],
    env: { npm_lifecycle_event: 'start' },
    via: ['sh', '-c', '"$@" & wait', 'sh'],
  })
  await once(child.stdout!, 'data')
  child.kill('SIGKILL')
  expect(await text(child.stdout!)).toBe('ending')
})

test('a target ended by a signal is reported as a shell would', async () => {
  await writeFile(join(root, 'target.mjs'), "process.kill(process.pid, 'SIGKILL')")
  expect(await bootstrap()).toMatchObject({ code: 137 })
})

type Run = {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly host?: { readonly node?: string; readonly platform?: string }
  /** What stands between this test and the bootstrap. */
  readonly via?: readonly string[]
}

/** Starts the bootstrap of the temporary project on a host that claims to be `host`. */
function start({ args = [], env = {}, host = {}, via = [] }: Run): ChildProcess {
  const claims = [
    host.node && `Object.defineProperty(process.versions, 'node', { value: '${host.node}' })`,
    host.platform && `Object.defineProperty(process, 'platform', { value: '${host.platform}' })`,
  ]
  const claim = `data:text/javascript,${encodeURIComponent(claims.filter(Boolean).join('\n'))}`
  const node = [process.execPath, '--import', claim]
  const argv = [...via, ...node, join(root, 'tools/bootstrap.mjs'), 'target.mjs', ...args]
  const npm = { npm_execpath: join(root, 'npm-cli.js'), NPM_CALLS: join(root, 'npm-calls') }
  return spawn(argv[0]!, argv.slice(1), { cwd: root, env: { ...npm, ...env } })
}

async function bootstrap(run: Run = {}): Promise<{ code: number; out: string; err: string }> {
  const child = start(run)
  const [[code], out, err] = await Promise.all([
    once(child, 'close'),
    text(child.stdout!),
    text(child.stderr!),
  ])
  return { code, out, err }
}

async function npmCalls(): Promise<string[]> {
  return (await readFile(join(root, 'npm-calls'), 'utf8')).split('\n').filter(Boolean)
}

function lockPackages(packages: object): Promise<void> {
  const lock = { packages: { '': {}, ...packages } }
  return writeFile(join(root, 'package-lock.json'), JSON.stringify(lock))
}

/** The runtime's real lockfile, cut down to the package of this platform. */
async function lockRuntime(): Promise<void> {
  const file = join(import.meta.dirname, '../runtime/package-lock.json')
  const { packages } = JSON.parse(await readFile(file, 'utf8')) as { packages: object }
  const mine = Object.entries(packages).filter(
    ([, { os, cpu }]) => os === process.platform && cpu === process.arch,
  )
  const lock = { packages: Object.fromEntries(mine) }
  await writeFile(join(root, 'runtime/package-lock.json'), JSON.stringify(lock))
}
