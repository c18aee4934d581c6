import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runChild, Trouble } from './run-child.mjs'

const LOCK_BEAT_MS = 1_000
const LOCK_STALE_MS = 10_000

/**
 * What npm records of a package in a lockfile, as far as it is read here.
 * @typedef {object} Locked
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 * @property {string | string[]} [os]
 * @property {string | string[]} [cpu]
 * @property {Record<string, string>} [bin]
 */

/**
 * Makes `folder/node_modules` what `folder/package-lock.json` says, if it is not. Without anything
 * to do this says nothing and asks no network. `lock` is a file that only one installer holds.
 * @param {{ folder: string, what: string, lock: string }} job
 */
export async function installLocked({ folder, what, lock }) {
  if (isInstalled(folder)) return
  await alone(lock, async () => {
    if (isInstalled(folder)) return
    process.stderr.write(`Installing ${what} …\n`)
    await npmCi(folder, what)
  })
}

/**
 * Whether npm's own record of what it put there agrees with the lockfile, is of this platform,
 * and nothing it names has gone since.
 * @param {string} folder
 */
function isInstalled(folder) {
  const present = packagesIn(join(folder, 'node_modules', '.package-lock.json'))
  const wanted = packagesIn(join(folder, 'package-lock.json'))
  wanted.delete('')
  return (
    present.size > 0 &&
    [...wanted].every(([path, locked]) => agrees(locked, present.get(path))) &&
    [...present].every(([path, found]) => isWhole(join(folder, path), found))
  )
}

/** @param {string} file @returns {Map<string, Locked>} */
function packagesIn(file) {
  if (!existsSync(file)) return new Map()
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages))
}

/**
 * Optional packages of other platforms are in the lockfile only.
 * @param {Locked} locked @param {Locked | undefined} found
 */
function agrees(locked, found) {
  if (found === undefined) return Boolean(locked.optional || locked.devOptional)
  return found.version === locked.version && found.integrity === locked.integrity
}

/** @param {string} path @param {Locked} found */
function isWhole(path, found) {
  const runsHere =
    !found.optional ||
    ([found.os ?? process.platform].flat().includes(process.platform) &&
      [found.cpu ?? process.arch].flat().includes(process.arch))
  const files = ['package.json', ...Object.values(found.bin ?? {})]
  return runsHere && files.every((file) => existsSync(join(path, file)))
}

/** @param {string} lock @param {() => Promise<void>} work */
async function alone(lock, work) {
  for (let waits = 0; !takes(lock); waits += 1) {
    if (waits === 0) process.stderr.write('Waiting for another install of this folder to end …\n')
    await sleep(200)
  }
  const beat = setInterval(() => writeFileSync(lock, ''), LOCK_BEAT_MS)
  try {
    await work()
  } finally {
    clearInterval(beat)
    rmSync(lock, { force: true })
  }
}

/** A lock that no longer beats was left by a process that was killed. @param {string} lock */
function takes(lock) {
  try {
    writeFileSync(lock, '', { flag: 'wx' })
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EEXIST')
      throw new Trouble(`Cannot install here, ${lock} cannot be written: ${code}`)
  }
  const beatAtMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
  if (Date.now() - beatAtMs > LOCK_STALE_MS) rmSync(lock, { force: true })
  return false
}

/** @param {string} folder @param {string} what */
async function npmCi(folder, what) {
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--prefer-offline']
  const patience = ['--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=3000']
  const args = ['ci', ...flags, ...patience, '--no-audit', '--no-fund', '--loglevel=error']
  // npm names its own script to what it runs; through that no shell is needed, on Windows too.
  const script = process.env['npm_execpath'] ?? ''
  const byScript = script.endsWith('npm-cli.js')
  const { code, said } = await runChild(
    byScript ? process.execPath : 'npm',
    byScript ? [script, ...args] : args,
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: !byScript && process.platform === 'win32',
    },
  )
  if (code !== 0) throw new Trouble(`Could not install ${what}: ${reason(said, code)}`)
}

/** One sentence out of what npm said before it failed. @param {string} said @param {number} exit */
function reason(said, exit) {
  const lines = [...said.matchAll(/^npm (?:error|ERR!) (\S.*)$/gm)].map(([, line = '']) => line)
  const code = lines.find((line) => line.startsWith('code '))?.slice(5) ?? `exit code ${exit}`
  if (/^(ENOTFOUND|EAI_AGAIN|ECONN\w+|\w*TIMEDOUT|\w*TIMEOUT|E\w+UNREACH)$/.test(code)) {
    return `the package registry cannot be reached (${code}); with a network, run the same command again.`
  }
  const detail = lines.find((line) => !/^(code|errno|syscall|path) /.test(line))
  return `npm ended with ${code}${detail ? ` (${detail})` : ''}.`
}
