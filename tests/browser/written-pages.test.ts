/** Public pages that arrive written: what they hold without a script, and how the browser takes them over. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { newCustomer, PASSWORD } from '../customers.ts'
import { type RunningPlatform, startApart, startTogether } from '../topologies.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { eventually, stands } from './visits.ts'

if (CHROMIUM === undefined)
  process.stdout.write('There is no Chromium here: what needs a browser is not tested.\n')

const PATHS = ['/', '/markets', '/assets/BTC', '/login', '/register'] as const
const PRICE = /\$[0-9][0-9,.]+/

/** Layout shifts of a visit, from its first moment on, and how often something larger was painted. */
const WATCH_PAINTS = `
window.shifted = 0
window.grown = 0
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifted += value
}).observe({ type: 'layout-shift', buffered: true })
new PerformanceObserver((list) => {
  window.grown += list.getEntries().length
}).observe({ type: 'largest-contentful-paint', buffered: true })
`

/** Code of the pages comes when the test lets it. */
async function holdCode(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await page.route(/\/app\/(ground|[a-z-]+-page)-.*\.js/, async (route) => {
    await promise
    await route.continue()
  })
  return resolve
}

describe.skipIf(CHROMIUM === undefined)('in a browser', { timeout: 120_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser
  let context: BrowserContext | undefined
  let complaints: string[]

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })
  afterEach(() => context?.close())

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    context = await browser.newContext({ baseURL: platform.url, ...options })
    complaints = []
    context.on('console', (said) => {
      if (['error', 'warning'].includes(said.type())) complaints.push(said.text())
    })
    context.on('weberror', (thrown) => complaints.push(thrown.error().message))
    await context.addInitScript(WATCH_PAINTS)
    return context.newPage()
  }

  /** The page as the door writes it; a machine that is busy may need more than one attempt. */
  const documentOf = (path: string, headers: Record<string, string> = {}, url = platform.url) =>
    vi.waitFor(
      async () => {
        const answer = await fetch(url + path, { headers: { accept: 'text/html', ...headers } })
        const text = await answer.text()
        expect(text).toContain('id="taken-over"')
        return { status: answer.status, text }
      },
      { timeout: 30_000, interval: 250 },
    )

  /** Does not wait for code, which a test may hold. */
  async function goto(page: Page, path: string): Promise<void> {
    await documentOf(path)
    await page.goto(path, { waitUntil: 'commit' })
    // The last of the page, so that all of it has come.
    await page.getByRole('contentinfo').waitFor()
  }

  it.each([
    ['/', /Keep your money/, PRICE],
    ['/markets', /Ethereum/, PRICE],
    ['/assets/BTC', /Bitcoin/, PRICE],
    ['/login', /Forgot the password/, /User name/],
    ['/register', /Open a paper account/, /Password/],
  ] as const)('%s shows what it is about without a script', async (path, ...wanted) => {
    const page = await open({ javaScriptEnabled: false })
    await goto(page, path)
    const text = await page.getByRole('main').innerText()
    for (const words of wanted) expect(text).toMatch(words)
    const canonical = page.locator('link[rel=canonical]')
    expect(await canonical.getAttribute('href')).toMatch(new RegExp(`^http://[^/]+${path}$`))
    expect(await page.title()).toMatch(/ · CNOP$/)
  })

  it.each([
    ['light', 'rgb(246, 244, 238)'],
    ['dark', 'rgb(13, 15, 19)'],
  ] as const)('without a script a page is as %s as the system', async (colorScheme, paper) => {
    const page = await open({ javaScriptEnabled: false, colorScheme })
    await goto(page, '/login')
    const colour = 'getComputedStyle(document.body).backgroundColor'
    expect(await page.evaluate(colour)).toBe(paper)
  })

  it('titles and descriptions are those of the page', async () => {
    const heads = await Promise.all(
      PATHS.map(async (path) => /<title>.*?og:url/s.exec((await documentOf(path)).text)?.[0]),
    )
    expect(new Set(heads).size).toBe(PATHS.length)
    for (const head of heads) expect(head).toMatch(/name="description" content="[^"]{30,160}"/)
  })

  describe.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)('in the %s theme, %i wide', (colorScheme, width) => {
    it.each(PATHS)(
      '%s is taken over without a word and without a move, as large as it was painted',
      async (path) => {
        const viewport = { width, height: 900 }
        const page = await open({
          colorScheme,
          viewport,
          timezoneId: 'Asia/Tokyo',
          locale: 'de-DE',
        })
        const letCode = await holdCode(page)
        await goto(page, path)
        const prices = page.locator('.flash')
        const before = await prices.count()
        await eventually(async () =>
          expect(await page.evaluate<number>('window.grown')).toBeGreaterThan(0),
        )
        // Fonts that came in time are painted by then.
        await page.waitForTimeout(500)
        const grown = await page.evaluate<number>('window.grown')
        letCode()
        await stands(page)
        await page.waitForTimeout(1_500)
        expect(await prices.count()).toBe(before)
        expect(await page.evaluate<number>('window.shifted')).toBeLessThanOrEqual(0.02)
        expect(await page.evaluate<number>('window.grown')).toBe(grown)
        expect(complaints).toEqual([])
      },
    )
  })

  it('nothing of a customer is in a page, who is shown as one all the same, without a move', async () => {
    const page = await open({ viewport: { width: 1440, height: 900 } })
    await newCustomer(platform.url, 'ada_who_is_here')
    await goto(page, '/login')
    await stands(page)
    await page.getByLabel(/^User name/).fill('ada_who_is_here')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    for (const path of PATHS) {
      await goto(page, path)
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      await stands(page)
      await page.waitForTimeout(1_500)
      expect(await page.evaluate<number>('window.shifted')).toBeLessThanOrEqual(0.02)
      const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`)
      const { text } = await documentOf(path, { cookie: cookie.join('; ') })
      expect(text).not.toMatch(/ada_who_is_here/i)
    }
    expect(complaints).toEqual([])
  })

  it.each([
    ['/login', /^User name/],
    ['/register', 'First name'],
  ] as const)(
    'what is typed on %s before it can act stays, with the cursor',
    async (path, label) => {
      const page = await open()
      const letCode = await holdCode(page)
      await goto(page, path)
      const field = page.getByLabel(label)
      await field.click()
      await page.keyboard.type('bitcoin')
      await page.keyboard.press('ArrowLeft')
      letCode()
      await stands(page)
      await page.waitForTimeout(500)
      expect(await field.inputValue()).toBe('bitcoin')
      await page.keyboard.type('X')
      expect(await field.inputValue()).toBe('bitcoiXn')
      expect(complaints).toEqual([])
    },
  )

  it('a search that was typed before the page could act is made', async () => {
    const page = await open()
    const letCode = await holdCode(page)
    await goto(page, '/markets')
    const field = page.getByRole('searchbox')
    await field.click()
    await page.keyboard.type('bitcoin')
    letCode()
    await vi.waitFor(
      async () => expect(await page.getByRole('row').count()).toBeLessThan(9),
      30_000,
    )
    expect(await field.inputValue()).toBe('bitcoin')
    expect(complaints).toEqual([])
  })

  it('a password that was typed before the page could act signs in', async () => {
    await newCustomer(platform.url, 'early_typist')
    const page = await open()
    const letCode = await holdCode(page)
    await goto(page, '/login')
    await page.getByLabel(/^User name/).fill('early_typist')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    letCode()
    await stands(page)
    await page.waitForTimeout(500)
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('who signs in before the page can act is signed in once it can', async () => {
    await newCustomer(platform.url, 'early_sender')
    const page = await open()
    const letCode = await holdCode(page)
    await goto(page, '/login')
    await page.getByLabel(/^User name/).fill('early_sender')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    letCode()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('an address that asks for more than the page holds is drawn as it asks', async () => {
    const page = await open()
    await goto(page, '/markets')
    await page.goto('/markets?q=ethereum&sort=-price')
    await vi.waitFor(
      async () => expect(await page.getByRole('row').count()).toBeLessThan(5),
      10_000,
    )
    expect(await page.getByRole('searchbox').inputValue()).toBe('ethereum')
    expect(complaints).toEqual([])
  })

  it('a hostile address is text in the page, and nothing more', async () => {
    const hostile = '</script><script>window.hurt=1</script><img src=x onerror=window.hurt=1>'
    const page = await open()
    for (const path of [
      `/markets?q=${encodeURIComponent(hostile)}`,
      `/assets/${encodeURIComponent(hostile)}`,
      `/login?next=${encodeURIComponent(`javascript:${hostile}`)}`,
    ]) {
      const { text } = await documentOf(path)
      expect(text).not.toContain('window.hurt=1<')
      expect(text).not.toContain('<img src=x')
      await page.goto(path)
      await page.waitForTimeout(500)
      expect(await page.evaluate('window.hurt')).toBeUndefined()
    }
  })

  it('an asset that is not there is missing for machines too', async () => {
    expect((await documentOf('/assets/NOSUCH')).status).toBe(404)
  })

  it('times and figures are then written as the customer chose', async () => {
    const page = await open({ timezoneId: 'Pacific/Auckland' })
    await page.addInitScript('localStorage.setItem(\'appearance\', \'{"locale":"de-DE"}\')')
    await goto(page, '/markets')
    await stands(page)
    await page
      .locator('.flash', { hasText: /[0-9]\.[0-9]{3},[0-9]{2}/ })
      .first()
      .waitFor()
    expect(complaints).toEqual([])
  })

  it('pages are written in a process each, too', async () => {
    const apart = await startApart()
    try {
      for (const path of ['/', '/assets/BTC'])
        expect((await documentOf(path, {}, apart.url)).text).toMatch(PRICE)
      await apart.kill('inventory')
      // What is kept is old by now, and the browser says what is wrong.
      await vi.waitFor(
        async () => {
          const began = performance.now()
          const answer = await fetch(`${apart.url}/markets`)
          expect(answer.status).toBe(200)
          expect(await answer.text()).not.toContain('id="taken-over"')
          expect(performance.now() - began).toBeLessThan(1_500)
        },
        { timeout: 30_000, interval: 500 },
      )
    } finally {
      await apart.stop()
    }
  })
})
