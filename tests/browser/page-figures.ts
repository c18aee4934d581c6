/**
 * `node tests/browser/page-figures.ts <url of a platform> [visits]`: what a stranger with a phone on a
 * slow line waits for on each public page, as a median, and how many pages the door hands out.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, CDPSession } from 'playwright-core'
import { openBrowser } from './chromium.ts'

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
const SETTLED_MS = 8_000
const ASKING_MS = 5_000
const AT_ONCE = 32

const WATCH = `
window.figures = { paint: 0, largest: 0, shift: 0 }
const observe = (type, hear) =>
  new PerformanceObserver((list) => list.getEntries().forEach(hear)).observe({ type, buffered: true })
observe('paint', ({ name, startTime }) => {
  if (name === 'first-contentful-paint') window.figures.paint = startTime
})
observe('largest-contentful-paint', ({ startTime }) => { window.figures.largest = startTime })
observe('layout-shift', ({ value, hadRecentInput }) => {
  if (!hadRecentInput) window.figures.shift += value
})
`

type Figures = {
  readonly paint: number
  readonly largest: number
  readonly shift: number
  readonly written: boolean
}

async function visit(open: Browser, address: string): Promise<Figures> {
  const context = await open.newContext(PHONE)
  try {
    const page = await context.newPage()
    const session: CDPSession = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', SLOW_4G)
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER_CPU })
    // A line that stays open would keep the page from ever being quiet.
    await page.route('**/api/v1/stream*', (route) => route.abort())
    await page.addInitScript(WATCH)
    await fetch(address).then((answer) => answer.text())
    await pause(300)
    await page.goto(address, { waitUntil: 'commit' })
    await page.waitForTimeout(SETTLED_MS)
    return await page.evaluate(
      "({ ...window.figures, written: document.getElementById('taken-over') !== null })",
    )
  } finally {
    await context.close()
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN

async function requestsPerSecond(address: string): Promise<number> {
  const endsAt = performance.now() + ASKING_MS
  let answered = 0
  const ask = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await fetch(address, { headers: { 'accept-encoding': 'br' } }).then((one) =>
        one.arrayBuffer(),
      )
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  return answered / (ASKING_MS / 1_000)
}

const [url = 'http://127.0.0.1:8080', visits = '5'] = process.argv.slice(2)
const browser = await openBrowser()
try {
  for (const path of PATHS) {
    const seen: Figures[] = []
    while (seen.length < Number(visits)) seen.push(await visit(browser, url + path))
    const of = (name: 'paint' | 'largest' | 'shift') => median(seen.map((one) => one[name]))
    process.stdout.write(
      `${path}: first paint ${of('paint').toFixed(0)} ms, largest ${of('largest').toFixed(0)} ms, ` +
        `shift ${of('shift').toFixed(4)}, written ${seen.filter(({ written }) => written).length} of ${seen.length}\n`,
    )
  }
  const rate = await requestsPerSecond(`${url}/markets`)
  process.stdout.write(`/markets: ${rate.toFixed(0)} requests a second\n`)
} finally {
  await browser.close()
}
