/** What a stranger meets in a browser, until signed in; against the real platform. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { PASSWORD } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { eventually, stands } from './visits.ts'

if (CHROMIUM === undefined)
  process.stdout.write('There is no Chromium here: what needs a browser is not tested.\n')

const PATHS = [
  '/',
  '/markets',
  '/assets/BTC',
  '/login',
  '/register',
  '/forgot-password',
  '/reset-password#aaaaaaaaaaaaaaaaaaaaaaaa',
  '/verify-email',
  '/no/such/page',
]

describe.skipIf(CHROMIUM === undefined)('in a browser', { timeout: 120_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What the browser complained of, and where it went beside our own origin. */
  let complaints: string[]

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext({ baseURL: platform.url, reducedMotion: 'reduce' })
    complaints = []
    context.on('console', (said) => {
      if (said.type() === 'error') complaints.push(said.text())
    })
    context.on('weberror', (thrown) => complaints.push(thrown.error().message))
    context.on('request', (request) => {
      if (!request.url().startsWith(platform.url)) complaints.push(`asked ${request.url()}`)
    })
    page = await context.newPage()
  })
  afterEach(() => context.close())

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name })

  async function openAccount(username: string): Promise<void> {
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('E-mail address').fill(`${username}@example.org`)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('First name').fill('Ada')
    await page.getByLabel('Last name').fill('Lovelace')
    await page.getByRole('button', { name: 'Open the account' }).click()
  }

  it('a stranger opens an account and is signed in, after a reload and in another tab too', async () => {
    await page.goto('/')
    await page.getByRole('link', { name: 'Open a paper account' }).click()
    await openAccount('ada_in_a_browser')
    await heading('Dashboard').waitFor()
    await page.reload()
    await heading('Dashboard').waitFor()
    const other = await context.newPage()
    await other.goto('/dashboard')
    await other.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await other.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor()
    await page.goto('/dashboard')
    await heading('Sign in').waitFor()
    expect(new URL(page.url()).searchParams.get('next')).toBe('/dashboard')
    expect(complaints).toEqual([])
  })

  it('a taken name is said beside the field, and what was typed stays', async () => {
    await page.goto('/register')
    await openAccount('twice_the_same')
    await heading('Dashboard').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto('/register')
    await openAccount('twice_the_same')
    const field = page.getByLabel('User name')
    await vi.waitFor(
      async () => expect(await field.getAttribute('aria-invalid')).toBe('true'),
      10_000,
    )
    expect(await field.inputValue()).toBe('twice_the_same')
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('twice_the_same@example.org')
  })

  it('a wrong password is refused in a sentence that names neither', async () => {
    await page.goto('/login')
    await page.getByLabel(/^User name/).fill('nobody_at_all')
    await page.getByLabel('Password', { exact: true }).fill('a wrong password')
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/name or the password is wrong/)
  })

  it('prices move while one looks, and stand still while they are paused', async () => {
    await page.goto('/markets')
    const prices = () => page.locator('tbody .flash').allTextContents()
    await page.getByRole('button', { name: 'Pause live prices' }).waitFor()
    const before = await prices()
    expect(before.length).toBeGreaterThanOrEqual(100)
    await vi.waitFor(async () => expect(await prices()).not.toEqual(before), 15_000)
    await page.getByRole('button', { name: 'Pause live prices' }).click()
    await page.waitForTimeout(500)
    const paused = await prices()
    await page.waitForTimeout(4_000)
    expect(await prices()).toEqual(paused)
  })

  it('the market is searched and sorted, and its address says how', async () => {
    await page.goto('/markets')
    await stands(page)
    await page.getByRole('button', { name: 'Price', exact: true }).click()
    await page.getByRole('searchbox').fill('coin')
    const rows = page.getByRole('row')
    await eventually(async () => expect(await rows.count()).toBeLessThan(20))
    expect(page.url()).toMatch(/q=coin/)
    await page.reload()
    expect(await page.getByRole('searchbox').inputValue()).toBe('coin')
    const heads = page.getByRole('columnheader', { name: 'Price' })
    await eventually(async () => expect(await heads.getAttribute('aria-sort')).toBe('descending'))
  })

  it('an asset is a few letters away, and its chart is drawn', async () => {
    await page.goto('/')
    await heading(/Trade/).waitFor()
    // The keys come after the page.
    await vi.waitFor(
      async () => {
        await page.keyboard.press('Control+k')
        await page.getByPlaceholder('An asset or a page').waitFor({ timeout: 1_000 })
      },
      { timeout: 20_000 },
    )
    await page.keyboard.type('ethereum')
    await page.getByRole('option', { name: /^Ethereum ETH/ }).waitFor()
    await page.keyboard.press('Enter')
    await heading(/Ethereum/).waitFor()
    expect(new URL(page.url()).pathname).toBe('/assets/ETH')
    await page.locator('figure canvas').first().waitFor()
    expect(complaints).toEqual([])
  })

  it('an asset that is not there leads back to the market', async () => {
    await page.goto('/assets/NOSUCH')
    await page.getByText('No asset is called NOSUCH').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'See the markets' }).click()
    await heading('Markets').waitFor()
  })

  it('the token of a link leaves the address before anything else can read it', async () => {
    await page.goto('/reset-password#aaaaaaaaaaaaaaaaaaaaaaaa')
    await heading('A new password').waitFor()
    expect(page.url()).toBe(`${platform.url}/reset-password`)
  })

  it('a page whose platform has gone says so and comes back with it', async () => {
    await page.goto('/markets')
    await page.getByRole('button', { name: 'Pause live prices' }).waitFor()
    await platform.kill('gateway')
    await page.getByText(/Reconnecting|Offline|as of/).waitFor({ timeout: 20_000 })
    expect(await page.locator('tbody .flash').count()).toBeGreaterThanOrEqual(100)
    await platform.revive('gateway')
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 45_000 })
  })

  it.each(PATHS)('%s can be used by everyone, and breaks no policy', async (path) => {
    await page.goto(path)
    await stands(page)
    expect(await violationsOn(page)).toEqual([])
    const others = complaints.filter((text) => !text.includes('404 (Not Found)'))
    expect(others).toEqual([])
  })
})
