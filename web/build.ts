/**
 * `npm run build -w web`: the pages, made once and pressed as small as they get, so that the door
 * only hands out bytes. The manifest is written last: a build that was cut off is no build.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build, type InlineConfig, type Rolldown } from 'vite'
import { DIST, hashOfSources, MANIFEST } from './build-state.ts'
import { PAGE_PATHS, WRITTEN_PAGES } from './src/page-paths.ts'

const PRESSABLE = /\.(js|css|html|svg|txt)$/

async function buildPages(): Promise<void> {
  const sources = hashOfSources()
  // Whatever the shell or a test runner says: this is what visitors get.
  env['NODE_ENV'] = 'production'
  const made = await buildFrom({})
  await buildFrom({ build: { ssr: 'src/write-page.tsx' } })
  await Promise.all(
    filesIn(DIST)
      .filter((file) => PRESSABLE.test(file))
      .map(press),
  )
  const written = Object.entries(WRITTEN_PAGES).map(([path, source]) => [
    path,
    neededBy(source, made),
  ])
  const manifest = { sources, paths: PAGE_PATHS, written: Object.fromEntries(written) }
  writeFileSync(`${MANIFEST}.new`, JSON.stringify(manifest))
  await rename(`${MANIFEST}.new`, MANIFEST)
}

async function buildFrom(more: InlineConfig): Promise<readonly Rolldown.OutputChunk[]> {
  const made = await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
    logLevel: 'warn',
    ...more,
  })
  const { output } = made as Rolldown.RolldownOutput
  return output.filter((file) => file.type === 'chunk')
}

/** The code of a page beside what every page needs, to be asked for together with the page. */
function neededBy(source: string, made: readonly Rolldown.OutputChunk[]): readonly string[] {
  const needed = new Set<string>()
  const need = (fileName: string): void => {
    if (needed.has(fileName) || /\/(ground|rolldown-runtime)-/.test(fileName)) return
    needed.add(fileName)
    for (const next of made.find((chunk) => chunk.fileName === fileName)?.imports ?? []) need(next)
  }
  for (const { fileName, facadeModuleId } of made)
    if (facadeModuleId?.endsWith(`/${source}`)) need(fileName)
  return [...needed].map((fileName) => `/${fileName}`)
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

async function press(file: string): Promise<void> {
  const bytes = readFileSync(file)
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, quality),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)])
}

await buildPages()
