import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createLog } from '@cnop/kit/log.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bearer } from '../testing/tiny-auth.ts'
import { seenBy, startTinyPlatform, type TinyPlatform } from '../testing/tiny-platform.ts'
import { readBuiltPages } from './built-pages.ts'
import type { PageBytes } from './page-writer.ts'
import { createWrittenPages } from './written-pages.ts'

const STYLE = 'body{color:red}'
const SCRIPT = 'document.title = "Pages"'
const SHELL = `<!doctype html><head><title>Pages</title><script>${SCRIPT}</script><style>${STYLE}</style></head><div id="root"></div>`

/** Writes as the real one does, and misbehaves where its address says so. */
const BUNDLE = `
const never = new Promise(() => undefined)
const thread = Math.random()
let times = 0
const ask = (send, service, path) => send({ service, method: 'GET', path, headers: {} })
export async function writePage(path, { document, origin }, send) {
  if (path === '/assets/CRASH') {
    setTimeout(() => { throw new Error('planted') })
    await never
  }
  if (path === '/assets/LOOP') for (;;);
  if (path === '/assets/DOWN' && (await ask(send, 'inventory', '/inventory/assets/DOWN')).status >= 500)
    throw new Error('no data')
  if (path === '/assets/OWN') await ask(send, 'order', '/balance')
  times += 1
  const { version } = JSON.parse((await ask(send, 'gateway', '/capabilities')).body).data
  const text = \`written \${times}: by \${thread} \${path} of \${origin} at \${version}\`
  return {
    status: path === '/assets/NONE' ? 404 : 200,
    document: document.replace('<div id="root">', '<div id="root">' + text),
  }
}
`

let folder: string
let platform: TinyPlatform

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cnop-written-'))
  mkdirSync(join(folder, 'writing'))
  writeFileSync(join(folder, 'index.html'), SHELL)
  writeFileSync(join(folder, 'writing', 'write-page.mjs'), BUNDLE)
  const written = { '/': ['/app/landing.js'], '/assets/:id': [] }
  const paths = ['/', '/assets/:id', '/dashboard']
  writeFileSync(join(folder, 'pages.json'), JSON.stringify({ sources: 'x', paths, written }))
  platform = await startTinyPlatform({ pages: readBuiltPages(folder) })
  platform.sessions.set('good', 'alice_1')
  await arrived('/')
})

afterAll(async () => {
  await platform.close()
  rmSync(folder, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) =>
  platform.gateway.app.inject({ method: 'GET', url, headers })

/** The thread may be starting still, and the machine may be busy. */
const arrived = (url: string) =>
  vi.waitFor(
    async () => {
      const answer = await get(url)
      // What failed is not tried again at once.
      if (!answer.body.includes('written')) platform.clock.nowMs += 3_000
      expect(answer.body).toContain('written')
      return answer
    },
    { timeout: 20_000, interval: 100 },
  )

const threadOf = (body: string): string | undefined => /by ([0-9.]+)/.exec(body)?.[1]
const timesOf = (body: string): number => Number(/written (\d+)/.exec(body)?.[1])

describe('a page that arrives written', () => {
  it('holds what it shows, from public answers, under the address people know', async () => {
    const { statusCode, headers, body } = await arrived('/assets/BTC')
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(body).toMatch(
      /written \d+: by [0-9.]+ \/assets\/BTC of https:\/\/trade.example at 0.0.0-test/,
    )
  })

  it('asks for its code together with itself, after everything else', async () => {
    expect((await arrived('/')).body).toContain(
      '<link rel="modulepreload" fetchpriority="low" href="/app/landing.js"></head>',
    )
  })

  it('allows the sheet and the script it was built with by their hashes, and no others', async () => {
    const [script, sheet] = [SCRIPT, STYLE].map(
      (text) => `'self' 'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    )
    for (const url of ['/', '/dashboard']) {
      const policy = (await get(url)).headers['content-security-policy']
      expect(policy).toContain(`script-src ${script}; style-src ${sheet};`)
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
    }
  })

  it('is pressed for those who read that, and nothing for those who have it', async () => {
    await arrived('/')
    const plain = await get('/')
    const br = await get('/', { 'accept-encoding': 'br' })
    const gzip = await get('/', { 'accept-encoding': 'gzip' })
    expect(brotliDecompressSync(br.rawPayload).toString()).toBe(plain.body)
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(plain.body)
    const again = await get('/', { 'if-none-match': String(plain.headers.etag) })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    expect([plain.headers['cache-control'], plain.headers.vary]).toEqual([
      'no-cache',
      'Accept-Encoding',
    ])
  })

  it('is the same for everyone, whoever is signed in', async () => {
    await arrived('/')
    const { body } = await get('/')
    const own = await get('/', { ...bearer('good'), cookie: 'cnop_refresh=secret' })
    expect(own.body).toBe(body)
  })

  it('is kept for five seconds, replaced behind the back of the next visitor, and old after ten', async () => {
    platform.clock.nowMs += 10_000
    const first = timesOf((await arrived('/')).body)
    platform.clock.nowMs += 4_999
    expect(timesOf((await get('/')).body)).toBe(first)
    platform.clock.nowMs += 1
    expect(timesOf((await get('/')).body)).toBe(first)
    await vi.waitFor(async () => expect(timesOf((await get('/')).body)).toBe(first + 1), 10_000)
    platform.clock.nowMs += 10_000
    await vi.waitFor(async () => expect(timesOf((await get('/')).body)).toBe(first + 2), 10_000)
  })

  it('is one, whatever stands behind its address', async () => {
    const first = timesOf((await arrived('/')).body)
    for (const query of ['?q=%3Cscript%3E', '?a=1&b=2', '?'])
      expect(timesOf((await get(`/${query}`)).body)).toBe(first)
  })

  it('is answered as missing, and not kept, where its address names nothing', async () => {
    const first = await arrived('/assets/NONE')
    expect(first.statusCode).toBe(404)
    const second = await vi.waitFor(async () => {
      const answer = await get('/assets/NONE')
      expect(answer.body).toContain('written')
      return answer
    }, 10_000)
    expect(timesOf(second.body)).toBeGreaterThan(timesOf(first.body))
  })

  it('is only for addresses that arrive so', async () => {
    expect((await get('/dashboard')).body).toBe(SHELL)
  })
})

describe('a page that cannot be written', () => {
  it('is drawn by the browser when it asks for what is not public', async () => {
    expect((await get('/assets/OWN')).body).toBe(SHELL)
    expect(seenBy(platform, '/balance')).toEqual([])
  })

  it('is drawn by the browser while a service is down, and the next visitor does not wait', async () => {
    platform.clock.nowMs += 3_000
    const down = await vi.waitFor(async () => {
      const answer = await get('/assets/DOWN')
      expect(seenBy(platform, '/inventory/assets/DOWN').length).toBeGreaterThan(0)
      return answer
    }, 10_000)
    expect([down.statusCode, down.body]).toEqual([200, SHELL])
    await vi.waitFor(async () => {
      const asked = seenBy(platform, '/inventory/assets/DOWN').length
      expect((await get('/assets/DOWN')).body).toBe(SHELL)
      expect(seenBy(platform, '/inventory/assets/DOWN').length).toBe(asked)
    }, 10_000)
    await arrived('/assets/BTC')
  })

  it('is drawn by the browser when the thread crashes, which starts again after a while', async () => {
    const before = threadOf((await arrived('/')).body)
    platform.clock.nowMs += 3_000
    expect((await get('/assets/CRASH')).body).toBe(SHELL)
    await vi.waitFor(async () => {
      platform.clock.nowMs += 11_000
      const { body } = await get('/')
      expect(body).toContain('written')
      expect(threadOf(body)).not.toBe(before)
    }, 20_000)
  })

  it('is given up when the thread never comes to its end, and the others come back', async () => {
    await arrived('/')
    platform.clock.nowMs += 3_000
    const began = performance.now()
    expect((await get('/assets/LOOP')).body).toBe(SHELL)
    expect((await get('/dashboard')).body).toBe(SHELL)
    expect(performance.now() - began).toBeLessThan(4_000)
    await arrived('/')
  })
})

describe('the keeping of written pages', () => {
  const bytes: PageBytes = {
    status: 200,
    plain: Buffer.from('x'),
    br: Buffer.from('x'),
    gzip: Buffer.from('x'),
    tookMs: 1,
  }
  const log = createLog({ level: 'silent', service: 'test' })

  it('has an end, however many addresses there are', async () => {
    const asked: string[] = []
    const write = async (path: string): Promise<PageBytes> => {
      asked.push(path)
      return bytes
    }
    const pages = createWrittenPages({ writer: { write }, now: () => 0, log })
    for (let id = 0; id <= 256; id += 1) await pages.pageAt(`/assets/${id}`, '/assets/:id')
    await pages.pageAt('/assets/256', '/assets/:id')
    expect(asked.length).toBe(257)
    await pages.pageAt('/assets/0', '/assets/:id')
    expect(asked.length).toBe(258)
  })

  it('has one page written for all who wait for it, and keeps nobody waiting for long', async () => {
    let asked = 0
    const write = (): Promise<PageBytes> => {
      asked += 1
      return new Promise(() => undefined)
    }
    const pages = createWrittenPages({ writer: { write }, now: () => 0, log })
    const began = performance.now()
    const many = Array.from({ length: 20 }, () => pages.pageAt('/', '/'))
    expect(await Promise.all(many)).toEqual(many.map(() => undefined))
    expect(asked).toBe(1)
    const waited = performance.now()
    expect(waited - began).toBeGreaterThan(100)
    // That it is late already was waited for by those before.
    expect(await pages.pageAt('/', '/')).toBeUndefined()
  })
})
