/** What a visitor downloads before a page works, pressed as gzip presses it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { DIST } from '../../web/build-state.ts'
import { buildPages } from './built-pages.ts'

const CODE = join(DIST, 'app')
const KB = 1_000

let files: readonly string[]

beforeAll(async () => {
  await buildPages()
  files = readdirSync(CODE)
}, 120_000)

const named = (name: RegExp): string => {
  const found = files.filter((file) => name.test(file))
  if (found.length !== 1) throw new Error(`${name} names ${found.length} files`)
  return found[0] ?? ''
}

const pressed = (file: string): number => readFileSync(join(CODE, `${file}.gz`)).length

/** A file and everything it imports before it runs. */
function withImports(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const text = readFileSync(join(CODE, file), 'utf8')
  for (const [, needed = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
    withImports(needed, seen)
  return seen
}

/** `undefined`: what every page needs. */
function bytesOf(page: RegExp | undefined): number {
  const document = readFileSync(join(DIST, 'index.html'), 'utf8')
  const needed = new Set<string>()
  for (const [, entry = ''] of document.matchAll(/<script type="module"[^>]*src="\/app\/([^"]+)"/g))
    withImports(entry, needed)
  if (page !== undefined) withImports(named(page), needed)
  return [...needed].reduce((sum, file) => sum + pressed(file), 0)
}

describe('the pages stay small', () => {
  it.each([
    ['what every page needs', undefined, 115],
    ['the landing page', /^landing-page-.*\.js$/, 120],
    ['the markets', /^markets-page-.*\.js$/, 120],
    ['an asset, without its chart', /^asset-page-.*\.js$/, 120],
    ['the dashboard', /^dashboard-page-.*\.js$/, 155],
    ['the portfolio', /^portfolio-page-.*\.js$/, 155],
    ['the account', /^account-page-.*\.js$/, 155],
    ['the profile', /^profile-page-.*\.js$/, 155],
    ['the security page', /^security-page-.*\.js$/, 155],
    ['the display page', /^display-page-.*\.js$/, 155],
    ['the candles, which come later', /^candle-canvas-.*\.js$/, 190],
  ] as const)('%s', (_, page, budget) => {
    expect(bytesOf(page)).toBeLessThanOrEqual(budget * KB)
  })

  it('the style sheet, which stands in every page', () => {
    const sheet = /<style>(.*?)<\/style>/s.exec(readFileSync(join(DIST, 'index.html'), 'utf8'))?.[1]
    expect(sheet).toContain('@font-face')
    expect(gzipSync(sheet ?? '').length).toBeLessThanOrEqual(15 * KB)
  })

  it('the fonts', () => {
    const fonts = files.filter((file) => file.endsWith('.woff2'))
    const bytes = fonts.reduce((sum, file) => sum + readFileSync(join(CODE, file)).length, 0)
    expect([fonts.length, bytes <= 40 * KB]).toEqual([2, true])
  })
})
