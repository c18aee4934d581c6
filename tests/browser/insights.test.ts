/** What is written of a portfolio, and the lantern in the footer, in a browser; against the real platform. */
import { getBalance } from '@cnop/contract/balance.ts'
import { getPortfolioInsight } from '@cnop/contract/insights.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, newCustomer, PASSWORD } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'

const PHONE = { width: 390, height: 844 }
const REQUEST_ID = 'a-request-that-was-refused'

describe.skipIf(CHROMIUM === undefined)('insights in a browser', { timeout: 120_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let customer: Customer

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })
  beforeEach(async () => {
    customer = await newCustomer(platform.url)
    context = await browser.newContext({ baseURL: platform.url, reducedMotion: 'reduce' })
    page = await context.newPage()
  })
  afterEach(() => context.close())

  async function openAt(path: string): Promise<void> {
    await page.goto(path)
    await page.getByLabel(/^User name/).fill(customer.username)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`**${path}`)
  }

  const card = () => page.locator('section').filter({ hasText: 'In words' })
  const lantern = () => page.getByRole('button', { name: 'A lantern' })

  it.each(['/dashboard', '/portfolio'])(
    '%s says what a portfolio is like, by whom, and why',
    async (path) => {
      await customer.deposit('1000')
      await openAt(path)
      await card().getByText('Your account holds 1,000.00 USD in cash and no assets.').waitFor()
      await card()
        .getByText(/Written .* by fixed rules\. A description of figures and no advice\./)
        .waitFor()
      await card().getByText('Why do I see this?').click()
      await card()
        .getByText(/nothing is sent anywhere/)
        .waitFor()
      expect(await violationsOn(page)).toEqual([])
      await customer.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '900' })
      await card()
        .getByText(/Bitcoin \(BTC\), its only asset/)
        .waitFor()
    },
  )

  it('who has nothing yet is told what will be there', async () => {
    await openAt('/dashboard')
    await card().getByText('There is nothing to describe yet').waitFor()
  })

  it('what is private stays hidden with the balances', async () => {
    await customer.deposit('1000')
    await openAt('/dashboard')
    await card().getByText('1,000.00 USD').waitFor()
    await page.getByRole('button', { name: 'Hide balances' }).click()
    await card().getByText('Hidden, because it speaks of your balances.').waitFor()
    expect(await card().getByText('1,000.00 USD').count()).toBe(0)
  })

  it('a text that cannot be written says so, under which name, and is asked for again', async () => {
    await customer.deposit('1000')
    // Until the button is pressed: a page may ask by itself too, when an event arrives.
    await page.addInitScript(
      "addEventListener('click', ({ target }) => { pressed ||= target.textContent === 'Try again' }, true); globalThis.pressed = false",
    )
    await page.route(`**${API_BASE}${getPortfolioInsight.path}`, async (route) => {
      if (await page.evaluate('pressed')) return route.continue()
      return route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        headers: { 'retry-after': '30' },
        body: JSON.stringify({
          type: '/docs#problem-dependency-down',
          title: 'A part of the platform does not answer',
          status: 503,
          detail: 'The language model does not answer.',
          code: 'dependency-down',
          request_id: REQUEST_ID,
        }),
      })
    })
    await openAt('/dashboard')
    await card().getByText('Nothing could be written').waitFor()
    await card().getByText('The language model does not answer.').waitFor()
    await card().getByText(REQUEST_ID).waitFor()
    await page.getByText('Total value').waitFor()
    await card().getByRole('button', { name: 'Try again' }).click()
    await card().getByText('Your account holds 1,000.00 USD').waitFor()
  })

  it('the lantern opens by keyboard, refuses beside the field, pays, and gives the focus back', async () => {
    await openAt('/account')
    await lantern().focus()
    await page.keyboard.press('Enter')
    const phrase = page.getByLabel('Phrase')
    await phrase.waitFor()
    await expect.poll(() => phrase.evaluate((field) => field.matches(':focus'))).toBe(true)
    expect(await violationsOn(page)).toEqual([])

    await page.keyboard.type('good morning')
    await page.keyboard.press('Enter')
    await page.getByText('Something small: $8.88').waitFor()
    expect(await violationsOn(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect.poll(() => lantern().evaluate((button) => button.matches(':focus'))).toBe(true)

    await page.keyboard.press('Enter')
    await phrase.fill('good evening')
    await page.keyboard.press('Enter')
    await page.getByText('You had the small reward today.').waitFor()
    expect(await phrase.getAttribute('aria-invalid')).toBe('true')
    expect(await phrase.inputValue()).toBe('good evening')
    await phrase.fill('Gong Xi Fa Cai')
    await page.keyboard.press('Enter')
    await page.getByText('A red pocket: $88.88').waitFor()
    expect((await customer.call(getBalance, {})).current_balance).toBe('97.76')
  })

  it('the lantern can be used on a phone, by night', async () => {
    await page.setViewportSize(PHONE)
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await openAt('/account')
    await lantern().click()
    await page.getByLabel('Phrase').fill('gong xi fa cai')
    await page.getByRole('button', { name: 'Say it' }).click()
    await page.getByText('A red pocket: $88.88').waitFor()
    expect(await violationsOn(page)).toEqual([])
    const sideways = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
    expect(await page.evaluate(sideways)).toBe(false)
  })

  it('neither is there where the platform does not have it, and no lantern for a visitor', async () => {
    await page.goto('/markets')
    await page.getByText('Nothing here is investment advice.').waitFor()
    expect(await lantern().count()).toBe(0)
    await page.route(`**${API_BASE}/capabilities`, async (route) => {
      const answer = await route.fetch()
      const { data } = await answer.json()
      await route.fulfill({ response: answer, json: { data: { ...data, features: [] } } })
    })
    const told = page.waitForResponse(`**${API_BASE}/capabilities`)
    await openAt('/dashboard')
    await told
    await page.getByText('Total value').waitFor()
    expect([await lantern().count(), await card().count()]).toEqual([0, 0])
  })
})
