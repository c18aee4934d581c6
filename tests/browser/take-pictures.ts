/**
 * `node tests/browser/take-pictures.ts <url of the platform> <folder> [page …]`: every page as it
 * looks on a desk and on a phone, by day and by night, to be looked at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { DEMO_PASSWORD, DEMO_USERNAME } from '../../services/demo.ts'
import { openBrowser } from './chromium.ts'

type Shown = { readonly name: string; readonly path: string; readonly own?: true }

const PAGES: readonly Shown[] = [
  { name: 'landing', path: '/' },
  { name: 'markets', path: '/markets' },
  { name: 'asset', path: '/assets/BTC' },
  { name: 'sign-in', path: '/login' },
  { name: 'register', path: '/register' },
  { name: 'forgot-password', path: '/forgot-password' },
  { name: 'reset-password', path: '/reset-password' },
  { name: 'verify-email', path: '/verify-email' },
  { name: 'lost', path: '/no/such/page' },
  { name: 'dashboard', path: '/dashboard', own: true },
  { name: 'trade', path: '/trade/BTC', own: true },
  { name: 'orders', path: '/orders', own: true },
  { name: 'portfolio', path: '/portfolio', own: true },
  { name: 'account', path: '/account', own: true },
  { name: 'profile', path: '/settings/profile', own: true },
  { name: 'security', path: '/settings/security', own: true },
  { name: 'display', path: '/settings/display', own: true },
]

const SIZES = [
  { name: 'desk', width: 1440, height: 900, mobile: false },
  { name: 'phone', width: 390, height: 844, mobile: true },
] as const
const SETTLED_MS = 2_500

const THEMES = ['light', 'dark'] as const

type Look = { readonly size: (typeof SIZES)[number]; readonly theme: (typeof THEMES)[number] }

async function takePictures(open: Browser, wanted: readonly Shown[], look: Look): Promise<void> {
  const { size, theme } = look
  const context = await open.newContext({
    viewport: { width: size.width, height: size.height },
    isMobile: size.mobile,
    hasTouch: size.mobile,
    deviceScaleFactor: size.mobile ? 2 : 1,
    colorScheme: theme,
    baseURL: url,
  })
  const page = await context.newPage()
  page.on('console', (said) => {
    if (said.type() === 'error') complain(page.url(), said.text())
  })
  page.on('pageerror', (error) => complain(page.url(), error.message))
  for (const { name, path, own } of wanted) {
    await page.goto(path)
    if (own) await signIn(page, path)
    await pause(SETTLED_MS)
    const file = join(folder, `${name}-${size.name}-${theme}.png`)
    await page.screenshot({ path: file, fullPage: true })
  }
  await context.close()
}

/** The session of an earlier page still holds, or the page has asked who this is. */
async function signIn(page: Page, path: string): Promise<void> {
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
  if (new URL(page.url()).pathname === path) return
  await page.getByLabel(/^User name/).fill(DEMO_USERNAME)
  await page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`**${path}`)
}

const complain = (where: string, what: string): void =>
  void process.stderr.write(`${where}: ${what}\n`)

const [url = 'http://127.0.0.1:8080', folder = 'pictures', ...names] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
try {
  const pages = PAGES.filter(({ name }) => names.length === 0 || names.includes(name))
  for (const size of SIZES)
    for (const theme of THEMES) await takePictures(browser, pages, { size, theme })
} finally {
  await browser.close()
}
