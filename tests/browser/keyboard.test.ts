/** Everything by keyboard alone: the journey of a stranger, the shortcuts, and the chart. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { newPerson, newUsername, PASSWORD } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { tabTo, visit } from './visits.ts'

describe.skipIf(CHROMIUM === undefined)('by keyboard alone', { timeout: 180_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })

  async function open(path: string): Promise<Page> {
    const { context, page } = await visit(browser, platform.url)
    onTestFinished(() => context.close())
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await keysWork(page)
    return page
  }

  /** They come after the page that they are for. */
  async function keysWork(page: Page): Promise<void> {
    const palette = page.getByRole('dialog', { name: 'Search' })
    await vi.waitFor(
      async () => {
        await page.keyboard.press('Control+k')
        await palette.waitFor({ timeout: 1_000 })
      },
      { timeout: 20_000 },
    )
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'detached' })
  }

  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

  it('a stranger opens an account, deposits, buys, and finds it in the portfolio', async () => {
    const page = await open('/')
    const { keyboard } = page
    const main = page.getByRole('main')
    await tabTo(main.getByRole('link', { name: /Open .*account/ }).first())
    await keyboard.press('Enter')
    await title(page, 'Open a paper account').waitFor()
    const { username, email, first_name, last_name } = newPerson(newUsername())
    const fields = { 'User name': username, 'E-mail address': email, Password: PASSWORD }
    const names = { 'First name': first_name, 'Last name': last_name }
    for (const [label, text] of Object.entries({ ...fields, ...names })) {
      await tabTo(page.getByLabel(label, { exact: true }))
      await keyboard.type(text)
    }
    await keyboard.press('Enter')
    await title(page, 'Dashboard').waitFor({ state: 'attached' })

    await keyboard.press('g')
    await keyboard.press('a')
    await tabTo(page.getByLabel('Amount to deposit'))
    await keyboard.type('1500')
    await keyboard.press('Enter')
    await page.getByText('Deposited $1,500.00').waitFor()

    await keyboard.press('/')
    await page.getByRole('dialog', { name: 'Search' }).getByRole('combobox').waitFor()
    await keyboard.type('trade eth')
    await page.getByRole('option', { name: 'Trade ETH', exact: true }).waitFor()
    await keyboard.press('Enter')
    await page.waitForURL('**/trade/ETH')
    const ticket = page.getByRole('region', { name: 'Order ticket' })
    await ticket.getByLabel('Amount in dollars').waitFor()
    await keyboard.press('b')
    await keyboard.type('250')
    await ticket.getByRole('definition').filter({ hasText: '$250.00' }).first().waitFor()
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Check your order' }).waitFor()
    await tabTo(ticket.getByRole('button', { name: 'Confirm purchase' }))
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Filled' }).waitFor()

    await keyboard.press('g')
    await keyboard.press('p')
    await page.getByRole('table', { name: 'Holdings' }).getByText('Ethereum').waitFor()
    await tabTo(page.getByRole('button', { name: /^Ethereum/ }))
    await keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Ethereum' }).waitFor()
    await keyboard.press('Escape')

    await keyboard.press('h')
    await page.getByRole('button', { name: 'Hide balances', pressed: true }).waitFor()
    await keyboard.press('h')
    await page.getByRole('button', { name: 'Hide balances', pressed: false }).waitFor()
  })

  it.each([
    ['m', '/markets', 'Markets'],
    ['d', '/login', 'Sign in'],
    ['p', '/login', 'Sign in'],
    ['a', '/login', 'Sign in'],
    ['t', '/trade/BTC', 'BTC'],
  ])('g and %s lead to their page, past the question who this is', async (key, path, name) => {
    const page = await open('/')
    // On a machine that stalls between them two letters are not one wish.
    await vi.waitFor(
      async () => {
        await page.keyboard.press('g')
        await page.keyboard.press(key)
        await page.waitForURL(`**${path}*`, { timeout: 5_000 })
      },
      { timeout: 30_000 },
    )
    await page.getByRole('heading', { level: 1, name }).waitFor()
  })

  it('a question mark lists the keys, and nothing happens while one types or holds a modifier', async () => {
    const page = await open('/markets')
    const { keyboard } = page
    await keyboard.press('?')
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await list.getByText('Hide balances, or show them').waitFor()
    expect(await violationsOn(page)).toEqual([])
    await keyboard.press('g')
    await keyboard.press('d')
    await keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    expect(new URL(page.url()).pathname).toBe('/markets')

    await page.getByRole('searchbox').or(page.getByRole('textbox')).first().focus()
    await keyboard.type('gdh/?')
    await keyboard.press('Control+g')
    await page.getByRole('heading', { level: 1 }).first().click()
    await keyboard.press('Alt+h')
    await keyboard.press('Control+h')
    await page.waitForTimeout(300)
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/markets')
    await keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Search' }).waitFor()
  })

  it('who switches the letters off has the chords left', async () => {
    const page = await open('/settings/display')
    await page.getByRole('group', { name: 'Letter keys' }).getByText('Off').click()
    await page.keyboard.press('?')
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Search' }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(1)
    expect(new URL(page.url()).pathname).toBe('/settings/display')
  })

  it('the arrow keys read the candles, and the last of them closes at the price above', async () => {
    const page = await open('/assets/BTC')
    const candle = page.getByRole('slider', { name: 'Candle' })
    await candle.waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Pause live prices' }).click()
    const close = page.locator('dl').filter({ hasText: 'Open' }).locator('dd').nth(3)
    const price = await page.locator('.text-3xl.flash').innerText()
    expect(await close.innerText()).toBe(price)
    await candle.focus()
    const before = await candle.getAttribute('aria-valuetext')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    expect(await candle.getAttribute('aria-valuetext')).not.toBe(before)
    expect(await candle.getAttribute('aria-valuetext')).toContain(await close.innerText())
    await page.keyboard.press('Tab')
    expect(await close.innerText()).toBe(price)
  })
})
