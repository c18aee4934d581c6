/** The pages as they were built, in memory: each file plain and pressed, with its name in a cache. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

export type Encoding = 'br' | 'gzip'

export type BuiltFile = {
  /** From the root of the door, with a leading slash. */
  readonly path: string
  readonly type: string
  /** Its name holds a hash of its bytes, so what has that name never changes. */
  readonly immutable: boolean
  readonly etag: string
  readonly plain: Buffer
  readonly pressed: ReadonlyMap<Encoding, Buffer>
}

export type BuiltPages = {
  /** Addresses that are pages, parameters as `:name`. */
  readonly paths: readonly string[]
  /** What every page begins with. */
  readonly page: BuiltFile
  /** The code that writes pages, and the code in a browser of each kind that it writes. */
  readonly writing:
    | {
        readonly bundle: string
        readonly kinds: Readonly<Record<string, readonly string[]>>
      }
    | undefined
  readonly files: readonly BuiltFile[]
}

const MANIFEST = 'pages.json'
const PAGE = '/index.html'
const WRITING = 'writing/write-page.mjs'
const HASHED = /^\/app\//

const PRESSED: readonly (readonly [Encoding, string])[] = [
  ['br', '.br'],
  ['gzip', '.gz'],
]

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** `undefined` where no pages were built: the platform is whole without them. */
export function readBuiltPages(folder: string): BuiltPages | undefined {
  const manifest = join(folder, MANIFEST)
  if (!existsSync(manifest)) return undefined
  const { paths, written } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    paths: readonly string[]
    written?: Readonly<Record<string, readonly string[]>>
  }
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) in TYPES)
    .map((entry) => readBuiltFile(folder, join(entry.parentPath, entry.name)))
  const page = all.find(({ path }) => path === PAGE)
  if (page === undefined) return undefined
  return {
    paths,
    page,
    writing: written && { bundle: join(folder, WRITING), kinds: written },
    files: all.filter((file) => file !== page),
  }
}

function readBuiltFile(folder: string, file: string): BuiltFile {
  const plain = readFileSync(file)
  const path = `/${relative(folder, file).split(sep).join('/')}`
  return {
    path,
    type: TYPES[extname(file)] ?? 'application/octet-stream',
    immutable: HASHED.test(path),
    etag: createHash('sha256').update(plain).digest('base64url').slice(0, 16),
    plain,
    pressed: new Map(
      PRESSED.filter(([, ending]) => existsSync(file + ending)).map(([encoding, ending]) => [
        encoding,
        readFileSync(file + ending),
      ]),
    ),
  }
}
