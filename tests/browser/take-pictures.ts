/**
 * `node tests/browser/take-pictures.ts <url of the platform> <folder> [page …]`: every page as it
 * looks on a desk and on a phone, by day and by night, to be looked at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { register } from '@cnop/contract/auth.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import type { Browser, Page } from 'playwright-core'
import { DEMO_PASSWORD, DEMO_USERNAME } from '../../services/demo.ts'
import { newPerson } from '../customers.ts'
import { openBrowser } from './chromium.ts'
import { ANSWERS, leaveUnwritten, refusal, stands } from './visits.ts'

type Shown = {
  readonly name: string
  readonly path: string
  /** Who looks; nobody is a stranger. */
  readonly as?: Person
  /** What is done before the picture is taken. */
  readonly act?: (page: Page, size: (typeof SIZES)[number]) => Promise<void>
  /** Of what lies over the page only what is seen at once is wanted. */
  readonly over?: true
  /** No answer comes. */
  readonly down?: true
}
type Person = 'demo' | 'newcomer'

/** On a phone a ticket is a sheet. */
async function fillTicket(page: Page, { mobile }: (typeof SIZES)[number]): Promise<void> {
  if (mobile) await page.getByRole('button', { name: 'Buy', exact: true }).click()
  await page.getByLabel('Amount in dollars').filter({ visible: true }).fill('250')
}

async function reviewTicket(page: Page, size: (typeof SIZES)[number]): Promise<void> {
  await fillTicket(page, size)
  await page
    .getByRole('button', { name: 'Review purchase of BTC' })
    .filter({ visible: true })
    .click()
  await page.getByRole('heading', { name: 'Check your order' }).waitFor()
}

async function buy(page: Page, size: (typeof SIZES)[number]): Promise<void> {
  await reviewTicket(page, size)
  await page.getByRole('button', { name: 'Confirm purchase' }).click()
  await page.getByRole('heading', { name: 'Filled' }).waitFor()
}

async function deposit(page: Page): Promise<void> {
  await page.getByLabel('Amount to deposit').fill('25.5')
  await page.getByRole('button', { name: 'Deposit $25.50' }).click()
  await page.getByText('Deposited $25.50').waitFor()
}

async function hangLantern(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'A lantern' }).click()
  await page.getByLabel('Phrase').waitFor()
}

async function openPocket(page: Page): Promise<void> {
  await hangLantern(page)
  await page.getByLabel('Phrase').fill(`good evening ${Math.random()}`)
  await page.getByRole('button', { name: 'Say it' }).click()
}

const PAGES: readonly Shown[] = [
  { name: 'landing', path: '/' },
  { name: 'markets', path: '/markets' },
  { name: 'asset', path: '/assets/BTC' },
  { name: 'sign-in', path: '/login' },
  { name: 'register', path: '/register' },
  { name: 'forgot-password', path: '/forgot-password' },
  { name: 'reset-password', path: '/reset-password#aaaaaaaaaaaaaaaaaaaaaaaa' },
  { name: 'verify-email', path: '/verify-email' },
  { name: 'lost', path: '/no/such/page' },
  { name: 'no-asset', path: '/assets/NOSUCH' },
  { name: 'palette', path: '/', over: true, act: (page) => page.keyboard.press('Control+k') },
  { name: 'shortcuts', path: '/', over: true, act: (page) => page.keyboard.press('?') },
  { name: 'landing-down', path: '/', down: true },
  { name: 'markets-down', path: '/markets', down: true },
  { name: 'dashboard', path: '/dashboard', as: 'demo' },
  { name: 'trade', path: '/trade/BTC', as: 'demo' },
  { name: 'ticket', path: '/trade/BTC', as: 'demo', over: true, act: fillTicket },
  { name: 'review', path: '/trade/BTC', as: 'demo', over: true, act: reviewTicket },
  { name: 'filled', path: '/trade/BTC', as: 'demo', over: true, act: buy },
  { name: 'asset-own', path: '/assets/BTC', as: 'demo' },
  { name: 'markets-own', path: '/markets', as: 'demo' },
  { name: 'orders', path: '/orders', as: 'demo' },
  {
    name: 'order',
    path: '/orders',
    as: 'demo',
    over: true,
    act: (page) =>
      page
        .getByRole('button', { name: /^Market / })
        .first()
        .click(),
  },
  { name: 'portfolio', path: '/portfolio', as: 'demo' },
  { name: 'holding', path: '/portfolio?asset=BTC', as: 'demo', over: true },
  { name: 'account', path: '/account', as: 'demo' },
  { name: 'deposited', path: '/account', as: 'demo', act: deposit },
  { name: 'lantern', path: '/account', as: 'demo', over: true, act: hangLantern },
  { name: 'profile', path: '/settings/profile', as: 'demo' },
  { name: 'security', path: '/settings/security', as: 'demo' },
  { name: 'display', path: '/settings/display', as: 'demo' },
  { name: 'dashboard-new', path: '/dashboard', as: 'newcomer' },
  { name: 'trade-new', path: '/trade/BTC', as: 'newcomer' },
  { name: 'orders-new', path: '/orders', as: 'newcomer' },
  { name: 'portfolio-new', path: '/portfolio', as: 'newcomer' },
  { name: 'account-new', path: '/account', as: 'newcomer' },
  { name: 'pocket', path: '/account', as: 'newcomer', over: true, act: openPocket },
  { name: 'dashboard-down', path: '/dashboard', as: 'demo', down: true },
  { name: 'trade-down', path: '/trade/BTC', as: 'demo', down: true },
]

const SIZES = [
  { name: 'phone', width: 390, height: 844, mobile: true },
  { name: 'desk', width: 1440, height: 900, mobile: false },
] as const
const SETTLED_MS = 2_500

const THEMES = ['light', 'dark'] as const

type Look = { readonly size: (typeof SIZES)[number]; readonly theme: (typeof THEMES)[number] }

async function takePictures(open: Browser, wanted: readonly Shown[], look: Look): Promise<void> {
  const { size, theme } = look
  const newcomer = newPerson(`new_${size.name}_${theme}_${Date.now() % 1e9}`)
  await call(fetchSend({ url }), register, { body: newcomer })
  const people = {
    demo: { username: DEMO_USERNAME, password: DEMO_PASSWORD },
    newcomer,
  }
  for (const as of [undefined, 'demo', 'newcomer'] as const) {
    const shown = wanted.filter((one) => one.as === as)
    if (shown.length === 0) continue
    const context = await open.newContext({
      viewport: { width: size.width, height: size.height },
      isMobile: size.mobile,
      hasTouch: size.mobile,
      deviceScaleFactor: size.mobile ? 2 : 1,
      colorScheme: theme,
      baseURL: url,
    })
    const page = await context.newPage()
    page.on('pageerror', (error) => complain(page.url(), error.message))
    if (as !== undefined) await signIn(page, people[as])
    for (const one of shown) {
      await takePicture(page, one, look).catch((error: unknown) =>
        complain(one.name, String(error)),
      )
    }
    await context.close()
  }
}

async function takePicture(
  page: Page,
  { name, path, act, over, down }: Shown,
  { size, theme }: Look,
): Promise<void> {
  if (down) {
    await leaveUnwritten(page)
    await page.route(ANSWERS, (route) => route.fulfill(refusal(503, 'dependency-down')))
  }
  await page.goto(path)
  await pause(SETTLED_MS)
  if (act !== undefined) {
    await act(page, size)
    await pause(SETTLED_MS / 2)
  }
  const file = join(folder, `${name}-${size.name}-${theme}.png`)
  await page.screenshot({ path: file, fullPage: over !== true })
  await page.unrouteAll({ behavior: 'ignoreErrors' })
}

async function signIn(
  page: Page,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  await page.goto('/login?next=/settings/profile')
  await stands(page)
  await page.getByLabel(/^User name/).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((address) => address.pathname === '/settings/profile')
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
