/**
 * Whether the built pages are those of the present sources: the build leaves a hash of what it was
 * made from, and whoever starts the platform compares. Needs nothing installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export const DIST = fileURLToPath(new URL('dist', import.meta.url))
/** What the door reads to know which addresses are pages. */
export const MANIFEST = join(DIST, 'pages.json')

const SOURCES = ['web/**/*.{ts,tsx,css,js,html,svg,txt,json}', 'contract/*.ts', 'package-lock.json']
const NO_SOURCES = ['**/node_modules', 'web/dist', '**/*.test.{ts,tsx}', '**/testing']

export function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const file of globSync(SOURCES, { cwd: ROOT, exclude: NO_SOURCES }).sort()) {
    hash.update(`${file.replaceAll('\\', '/')}\0`).update(readFileSync(join(ROOT, file)))
  }
  return hash.digest('hex')
}

export function isBuilt(): boolean {
  if (!existsSync(MANIFEST)) return false
  const { sources } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { sources?: string }
  return sources === hashOfSources()
}
