import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DIST, isBuilt } from '../../web/build-state.ts'

const BUILD = fileURLToPath(new URL('../../web/build.ts', import.meta.url))
const LOCK = join(
  tmpdir(),
  `cnop-build-${createHash('sha256').update(DIST).digest('hex').slice(0, 16)}`,
)
/** Longer than any build takes: whoever holds the lock for so long was killed. */
const HELD_MS_MAX = 100_000

/** The pages of the present sources, as `npm start` would serve them. Test files run side by side: one builds, the others wait. */
export async function buildPages(): Promise<void> {
  while (!isBuilt()) {
    if (!takesLock()) {
      await pause(200)
      continue
    }
    try {
      if (!isBuilt()) await build()
    } finally {
      rmSync(LOCK, { recursive: true, force: true })
    }
  }
}

async function build(): Promise<void> {
  const child = spawn(process.execPath, [BUILD], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The pages could not be built: ${code}`)
}

function takesLock(): boolean {
  try {
    mkdirSync(LOCK)
    return true
  } catch (error) {
    if (!isThere(error)) throw error
    const heldSinceMs = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - heldSinceMs > HELD_MS_MAX) rmSync(LOCK, { recursive: true, force: true })
    return false
  }
}

/** Somebody holds the lock; whatever else is wrong with the folder would never pass. */
const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST'
