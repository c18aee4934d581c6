/**
 * `npm run bundle [-- <folder>]`: the server, its commands and the pages in one folder that needs
 * nothing but Node beside it, for images. `node server/main.mjs` starts what `npm start` does.
 */
import { existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { DIST } from '../web/build-state.ts'
import { buildPages } from './build-pages.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The platform, and what somebody who runs it asks beside it. */
const ENTRIES = [
  'main',
  'health-command',
  'table-command',
  'audit-command',
  'operator',
  'repair-command',
] as const

/** Files that the code finds beside itself stand beside the bundle, threads bundled like it. */
function filesBeside(): Plugin {
  const beside = /new URL\('([\w-]+)\.(\w+)', import\.meta\.url\)/g
  return {
    name: 'files-beside',
    transform: {
      filter: { id: /\.ts$/, code: beside },
      async handler(code, id) {
        for (const [, name, ending] of code.matchAll(beside)) {
          const file = join(dirname(id), `${name}.${ending}`)
          if (ending === 'ts') this.emitFile({ type: 'chunk', id: file, fileName: `${name}.mjs` })
          else
            this.emitFile({
              type: 'asset',
              fileName: basename(file),
              source: await this.fs.readFile(file),
            })
        }
        return code.replace(beside, (whole) => whole.replace(".ts'", ".mjs'"))
      },
    },
  }
}

/** Anything that was in the folder is replaced. */
export async function bundle(folder: string): Promise<void> {
  await buildPages()
  if (!existsSync(DIST)) throw new Error('There are no built pages.')
  await rm(folder, { recursive: true, force: true })
  const input = Object.fromEntries(
    ENTRIES.map((name) => [name, join(ROOT, 'services', `${name}.ts`)]),
  )
  const made = await rolldown({ input, platform: 'node', plugins: [filesBeside()] })
  await made.write({
    dir: join(folder, 'server'),
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    keepNames: true,
  })
  await made.close()
  await mkdir(join(folder, 'web'), { recursive: true })
  await cp(DIST, join(folder, 'web/dist'), { recursive: true })
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(ROOT, 'dist'))
  await bundle(folder)
  process.stdout.write(`The bundle is in ${folder}\n`)
}
