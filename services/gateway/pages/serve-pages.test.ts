import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECURITY_HEADERS } from '../browsers/security-headers.ts'
import { startTinyPlatform, type TinyPlatform } from '../testing/tiny-platform.ts'
import { readBuiltPages } from './built-pages.ts'

const PAGE = '<!doctype html><title>The pages</title>'
const SCRIPT = 'export const answer = 42'
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

let folder: string
let platform: TinyPlatform

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cnop-pages-'))
  mkdirSync(join(folder, 'app'))
  writeFileSync(join(folder, 'index.html'), PAGE)
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>')
  writeFileSync(join(folder, 'app', 'main-a1b2c3d4.js'), SCRIPT)
  writeFileSync(join(folder, 'app', 'main-a1b2c3d4.js.br'), brotliCompressSync(SCRIPT))
  writeFileSync(join(folder, 'app', 'main-a1b2c3d4.js.gz'), gzipSync(SCRIPT))
  writeFileSync(
    join(folder, 'pages.json'),
    '{"sources":"x","paths":["/","/markets","/assets/:id"]}',
  )
  platform = await startTinyPlatform({ pages: readBuiltPages(folder) })
})

afterAll(async () => {
  await platform.close()
  rmSync(folder, { recursive: true })
})

const get = (
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'HEAD' | 'POST' = 'GET',
) => platform.gateway.app.inject({ method, url, headers })

const SCRIPT_PATH = '/app/main-a1b2c3d4.js'

describe('the pages at the door', () => {
  it.each(['/', '/markets', '/assets/BTC', '/markets?sort=-change'])(
    'answers %s with the page',
    async (url) => {
      const answer = await get(url, BROWSER)
      expect([answer.statusCode, answer.body]).toEqual([200, PAGE])
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(answer.headers['cache-control']).toBe('no-cache')
    },
  )

  it('lets a page load from this origin alone, and nothing that stands in its own text', async () => {
    const policy = String((await get('/', BROWSER)).headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'; style-src 'self';")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  })

  it('keeps every other security header on pages and files', async () => {
    const { 'content-security-policy': _, ...others } = SECURITY_HEADERS
    for (const url of ['/', SCRIPT_PATH, '/favicon.svg'])
      expect((await get(url)).headers).toMatchObject(others)
  })

  it('lets what has a hash in its name be kept for ever', async () => {
    const answer = await get(SCRIPT_PATH)
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache')
  })

  it.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['identity', undefined],
    ['', undefined],
  ])('presses for a client that reads "%s" as %s', async (accepted, encoding) => {
    const answer = await get(SCRIPT_PATH, { 'accept-encoding': accepted })
    expect(answer.headers['content-encoding']).toBe(encoding)
    expect(answer.headers.vary).toBe('Accept-Encoding')
    if (encoding === undefined) expect(answer.body).toBe(SCRIPT)
  })

  it('sends nothing to a client that has it already, in the encoding it has', async () => {
    const accepted = { 'accept-encoding': 'br' }
    const { etag } = (await get(SCRIPT_PATH, accepted)).headers
    const again = await get(SCRIPT_PATH, { ...accepted, 'if-none-match': String(etag) })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    expect((await get(SCRIPT_PATH, { 'if-none-match': String(etag) })).statusCode).toBe(200)
  })

  it('answers HEAD with the headers alone', async () => {
    const answer = await get('/', BROWSER, 'HEAD')
    expect([answer.statusCode, answer.body]).toEqual([200, ''])
  })

  it('shows a person who is lost a page, with the status of a thing that is not there', async () => {
    const answer = await get('/no-such-page', BROWSER)
    expect([answer.statusCode, answer.body]).toEqual([404, PAGE])
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'")
  })

  it.each([
    ['/no-such-page', {}],
    ['/api/v1/no-such-route', BROWSER],
    ['/app/../pages.json', {}],
    ['/app/main-a1b2c3d4.js.br', {}],
    ['/pages.json', {}],
  ])('refuses %s as a problem', async (url, headers) => {
    const answer = await get(url, headers)
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'route-not-found'])
  })

  it('stands before nothing else the door answers', async () => {
    const health = await get('/health', BROWSER)
    expect(health.json()).toMatchObject({ service: 'gateway' })
    expect((await get('/docs', BROWSER)).body).toContain('CNOP API')
    expect((await get('/openapi.json', BROWSER)).json()).toHaveProperty('openapi')
    expect((await get('/markets', BROWSER, 'POST')).json().code).toBe('method-not-allowed')
  })

  it('is whole without pages', async () => {
    expect(readBuiltPages(join(folder, 'app'))).toBeUndefined()
    const bare = await startTinyPlatform()
    try {
      const answer = await bare.gateway.app.inject({ url: '/', headers: BROWSER })
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route-not-found'])
    } finally {
      await bare.close()
    }
  })
})
