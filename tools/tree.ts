import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** The text of every file of the project, by its path from the root, with forward slashes. */
export type Tree = ReadonlyMap<string, string>

/** What an installation or a run leaves in the tree; git ignores it too. */
const LEFT_BY_RUNS =
  /(^|\/)(\.git|node_modules|dist|coverage|\.env|\.DS_Store|[^/]+\.log)$|^data$|^\.dynamodb-local(-|$)|^bench\/(.*\/)?(soak-)?results\.json$/
const BINARY = /\.(png|jpe?g|gif|webp|avif|ico|woff2?|ttf|gz|zip|sqlite|db)$/

export function isLeftByRuns(path: string): boolean {
  return LEFT_BY_RUNS.test(path)
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs|cjs|js|css)$/.test(path)
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith('tests/')
}

/** Binary files are there by name, without their bytes. */
export function readTree(root: string): Tree {
  return new Map(
    filesIn(root, '').map((path) => [
      path,
      BINARY.test(path) ? '' : readFileSync(join(root, path), 'utf8'),
    ]),
  )
}

function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => ({ entry, path: posix.join(folder, entry.name) }))
    .filter(({ path }) => !isLeftByRuns(path))
    .flatMap(({ entry, path }) => (entry.isDirectory() ? filesIn(root, path) : [path]))
}
