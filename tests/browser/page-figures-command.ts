/**
 * `npm run page-figures [-- --rounds 5]`: what a visitor of the public pages waits for, with the
 * processor of a phone and a slow line, as medians, and whether each is within its budget. Needs a
 * quiet machine: times are gated here and in no test.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { BrowserContextOptions, CDPSession, Page } from 'playwright-core'
import { startTogether } from '../topologies.ts'
import { buildPages } from './built-pages.ts'
import { openBrowser } from './chromium.ts'
import { stands } from './visits.ts'

const PATHS = ['/', '/markets', '/assets/BTC', '/login', '/register']

/** Lighthouse's slow 4G, applied to each request as its developers' tools do, and a processor of a phone. */
const SLOW_4G = {
  offline: false,
  latency: 150 * 3.75,
  downloadThroughput: (1_638.4 * 1_024 * 0.9) / 8,
  uploadThroughput: (675 * 1_024 * 0.9) / 8,
}
const SLOWER_CPU = 4
const PHONE = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true }
const DESK = { viewport: { width: 1280, height: 800 } }
/** High enough that a hundred rows are seen, and so written to, at once. */
const TALL = { viewport: { width: 1280, height: 6_000 } }
const SETTLED_MS = 8_000
const WATCHED_MS = 10_000

/** Beside the same document without code: what the code and its data cost the first view. */
const PAINT_RATIO_MAX = 1.5
const SHIFT_MAX = 0.02
const INTERACTION_MS_MAX = 200
const LIVE_MS_PER_SECOND_MAX = 250

const WATCH = `
window.figures = { largest: 0, shift: 0, interaction: 0 }
const observe = (type, hear) =>
  new PerformanceObserver((list) => list.getEntries().forEach(hear))
    .observe({ type, buffered: true, durationThreshold: 16 })
observe('largest-contentful-paint', ({ startTime }) => { window.figures.largest = startTime })
observe('layout-shift', ({ value, hadRecentInput }) => {
  if (!hadRecentInput) window.figures.shift += value
})
observe('event', ({ interactionId, duration }) => {
  if (interactionId > 0) window.figures.interaction = Math.max(window.figures.interaction, duration)
})
`
type Figures = { readonly largest: number; readonly shift: number; readonly interaction: number }

const figuresOf = (page: Page): Promise<Figures> => page.evaluate('window.figures')

async function onSlowPage<T>(
  options: BrowserContextOptions,
  look: (page: Page, session: CDPSession) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(options)
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER_CPU })
    await page.addInitScript(WATCH)
    return await look(page, session)
  } finally {
    await context.close()
  }
}

const paintOf = (url: string): Promise<Figures> =>
  onSlowPage(PHONE, async (page, session) => {
    await documentOf(url)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', SLOW_4G)
    await page.goto(url, { waitUntil: 'commit' })
    await page.waitForTimeout(SETTLED_MS)
    return figuresOf(page)
  })

/** Asked for before the visitor comes, so that the door has written it. */
async function documentOf(address: string, holding = ''): Promise<string> {
  for (;;) {
    const answer = await fetch(address, { headers: { accept: 'text/html' } })
    const text = await answer.text()
    if (text.includes(holding)) return text
    await pause(250)
  }
}

/** The documents of the platform without any code, from a server that does nothing else. */
async function servePlain(url: string) {
  const documents = new Map<string, Buffer>()
  for (const path of PATHS) {
    const plain = (await documentOf(url + path, 'id="taken-over"')).replace(
      /<script.*?<\/script>|<link[^>]*>/gs,
      '',
    )
    documents.set(path, gzipSync(plain))
  }
  const server = createServer(({ url: path = '/' }, answer) =>
    answer
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' })
      .end(documents.get(path)),
  )
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() }
}

type Act = (page: Page) => Promise<void>
const ACTS: readonly (readonly [string, string, Act])[] = [
  ['/markets', 'sort', (page) => page.getByRole('button', { name: 'Market cap' }).click()],
  ['/markets', 'search', (page) => page.getByRole('searchbox').pressSequentially('coin')],
  ['/', 'theme', (page) => page.getByRole('button', { name: /theme/ }).click()],
  ['/', 'palette', (page) => page.keyboard.press('Control+k')],
  ['/assets/BTC', 'interval', (page) => page.getByText('4h', { exact: true }).first().click()],
]

/** The slowest answer to a key or a press, until it was painted. */
const interactionOf = (url: string, act: Act): Promise<number> =>
  onSlowPage(DESK, async (page) => {
    await page.goto(url)
    await stands(page)
    await page.waitForTimeout(SETTLED_MS / 2)
    await act(page)
    await page.waitForTimeout(1_000)
    return (await figuresOf(page)).interaction
  })

/** Milliseconds of the main thread in a second of a market that is seen whole. */
const liveCostOf = (url: string): Promise<number> =>
  onSlowPage(TALL, async (page, session) => {
    await page.goto(url)
    await stands(page)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.waitForTimeout(SETTLED_MS / 2)
    await session.send('Performance.enable')
    const before = await tasksOf(session)
    await page.waitForTimeout(WATCHED_MS)
    return ((await tasksOf(session)) - before) / (WATCHED_MS / 1_000)
  })

async function tasksOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((left, right) => left - right)[Math.floor(figures.length / 2)] ?? Number.NaN

let exceeded = 0

function say(what: string, value: string, within: boolean): void {
  if (!within) exceeded += 1
  process.stdout.write(`| ${what} | ${value} | ${within ? 'within' : 'EXCEEDED'} |\n`)
}

async function inRounds<T>(measure: () => Promise<T>): Promise<readonly T[]> {
  const seen: T[] = []
  while (seen.length < rounds) seen.push(await measure())
  return seen
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
await buildPages()
const platform = await startTogether()
const browser = await openBrowser()
const plain = await servePlain(platform.url)
try {
  process.stdout.write('| what | median | budget |\n| --- | --- | --- |\n')
  for (const path of PATHS) {
    const pairs = await inRounds(async () => ({
      plain: await paintOf(plain.url + path),
      page: await paintOf(platform.url + path),
    }))
    const ours = median(pairs.map(({ page }) => page.largest))
    const ratio = median(pairs.map((pair) => pair.page.largest / pair.plain.largest))
    const shift = Math.max(...pairs.map(({ page }) => page.shift))
    const text = `${ours.toFixed(0)} ms, ${ratio.toFixed(2)} of the document without code`
    say(`${path}: largest paint`, text, ratio <= PAINT_RATIO_MAX)
    say(`${path}: shift, the greatest`, shift.toFixed(4), shift <= SHIFT_MAX)
  }
  for (const [path, name, act] of ACTS) {
    const ms = median(await inRounds(() => interactionOf(platform.url + path, act)))
    say(`${path}: ${name}`, `${ms.toFixed(0)} ms`, ms > 0 && ms <= INTERACTION_MS_MAX)
  }
  const live = median(await inRounds(() => liveCostOf(`${platform.url}/markets`)))
  const text = `${live.toFixed(0)} ms of a second`
  say('/markets: a hundred live rows', text, live <= LIVE_MS_PER_SECOND_MAX)
} finally {
  plain.stop()
  await browser.close()
  await platform.stop()
}
process.exitCode = exceeded === 0 ? 0 : 1
