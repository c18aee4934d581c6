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
import { build } from 'vite'
import { DIST, hashOfSources, MANIFEST } from './build-state.ts'
import { PAGE_PATHS } from './src/page-paths.ts'

const PRESSABLE = /\.(js|css|html|svg|txt)$/

async function buildPages(): Promise<void> {
  const sources = hashOfSources()
  // Whatever the shell or a test runner says: this is what visitors get.
  env['NODE_ENV'] = 'production'
  await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
    logLevel: 'warn',
  })
  await Promise.all(
    filesIn(DIST)
      .filter((file) => PRESSABLE.test(file))
      .map(press),
  )
  writeFileSync(`${MANIFEST}.new`, JSON.stringify({ sources, paths: PAGE_PATHS }))
  await rename(`${MANIFEST}.new`, MANIFEST)
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
