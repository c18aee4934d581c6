/** Cash in and out, holdings, and the proof of the books, in a browser; against the real platform. */
import { readFileSync } from 'node:fs'
import { getBalance, setAccountStatus } from '@cnop/contract/balance.ts'
import { call } from '@cnop/contract/call.ts'
import { formatUsd, parseUsd } from '@cnop/contract/money.ts'
import { getPortfolio } from '@cnop/contract/portfolio.ts'
import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { endOtherSessions } from '@cnop/contract/session.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { authenticatorFor } from '../authenticator.ts'
import { type Customer, freshKey, newCustomer, PASSWORD } from '../customers.ts'
import { asOperator } from '../operators.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { eventually, refusal, signIn, visit } from './visits.ts'

describe.skipIf(CHROMIUM === undefined)('own money in a browser', { timeout: 120_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let customer: Customer
  /** What the browser complained of. */
  let complaints: readonly string[]

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
    ;({ context, page, complaints } = await visit(browser, platform.url))
  })
  afterEach(() => context.close())

  /** Opens a page that asks who this is, and leads on to it. */
  async function openAt(path: string, code?: string): Promise<void> {
    await page.goto(path)
    await signIn(page, customer.username, code)
    await page.waitForURL(`**${path}`)
  }

  const amount = (kind: 'deposit' | 'withdraw') => page.getByLabel(`Amount to ${kind}`)
  const ledgerLines = () =>
    page.getByRole('table', { name: 'Cash ledger' }).getByRole('row').allInnerTexts()
  const balance = async () => (await customer.call(getBalance, {})).current_balance

  it('cash comes in and goes out by keyboard alone, and the books prove it', async () => {
    await openAt('/account')
    await page.getByText('Nothing has happened yet').waitFor()
    await amount('deposit').focus()
    await page.keyboard.type('1,250.5')
    await page.getByText('$1,250.50', { exact: true }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Deposited $1,250.50').waitFor()
    await eventually(async () =>
      expect((await ledgerLines()).join()).toMatch(/Deposit.*\+\$1,250\.50/s),
    )

    await page.getByRole('tab', { name: 'Deposit' }).focus()
    await page.keyboard.press('ArrowRight')
    await amount('withdraw').focus()
    await page.keyboard.type('250.25')
    await page.getByText('$1,000.25').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Withdrawn $250.25').waitFor()
    expect(await balance()).toBe('1000.25')

    await page.getByRole('button', { name: 'Verify now' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Your books add up').waitFor()
    const checks = await page.getByRole('listitem').filter({ hasText: 'Passed:' }).count()
    expect(checks).toBeGreaterThanOrEqual(20)
    await page.getByText(`${checks} of ${checks}`).waitFor()
    expect(complaints).toEqual([])
  })

  it('the ledger is filtered by its address, and its file has what is meant', async () => {
    await customer.deposit('100')
    await customer.withdraw('40.01')
    await openAt('/account?type=withdraw')
    await eventually(async () => expect(await ledgerLines()).toHaveLength(2))
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /CSV of the cash ledger/ }).click(),
    ])
    const lines = readFileSync(await saved.path(), 'utf8')
      .trimEnd()
      .split('\r\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/,withdraw,-40\.01,completed,/)
    await page.getByLabel('Type').selectOption('all')
    await eventually(async () => expect(await ledgerLines()).toHaveLength(3))
    expect(new URL(page.url()).searchParams.has('type')).toBe(false)
    await page.goto('/account?from=2020-01-02&to=2020-01-01')
    await page.getByText('The first day is after the last.').waitFor()
  })

  it('what the platform refuses is said beside the amount, which stays', async () => {
    await customer.deposit('100')
    await openAt('/account?do=withdraw')
    await amount('withdraw').fill('100.01')
    await page.getByRole('button', { name: 'Withdraw $100.01' }).click()
    await page.getByText('100.00 USD is available.').waitFor()
    await isRefused('withdraw', '100.01')
  })

  it.each([
    {
      kind: 'deposit',
      has: '100.00',
      tooMuch: '9900.01',
      says: 'You can deposit 9900.00 USD more today (UTC) of 10000.00 USD.',
      all: 'All of today’s limit',
      done: 'Deposited $9,900.00',
      after: '10000.00',
    },
    {
      kind: 'withdraw',
      has: '10000.00',
      tooMuch: '5000.01',
      says: 'You can withdraw 5000.00 USD more today (UTC) of 5000.00 USD.',
      all: 'As much as possible',
      done: 'Withdrawn $5,000.00',
      after: '5000.00',
    },
  ] as const)(
    'what is beyond the limit of the day to $kind is refused beside the amount, which stays',
    async ({ kind, has, tooMuch, says, all, done, after }) => {
      await customer.deposit(has)
      await openAt(`/account?do=${kind}`)
      await amount(kind).fill(tooMuch)
      await amount(kind).press('Enter')
      await page.getByText(says).waitFor()
      await isRefused(kind, tooMuch)
      expect(await balance()).toBe(has)
      await page.getByRole('button', { name: all }).click()
      await amount(kind).press('Enter')
      await page.getByText(done).waitFor()
      expect(await balance()).toBe(after)
    },
  )

  /** The sentence belongs to the field, for those who listen too. */
  async function isRefused(kind: 'deposit' | 'withdraw', typed: string): Promise<void> {
    const field = amount(kind)
    expect(await field.inputValue()).toBe(typed)
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    const note = (await field.getAttribute('aria-describedby')) ?? ''
    const alert = page.getByRole('alert')
    expect(note.split(' ')).toContain(await alert.getAttribute('id'))
  }

  it('a frozen account is told so, and nothing moves', async () => {
    const params = { user_id: customer.userId }
    const body = { status: 'frozen', reason: 'for this test' } as const
    await asOperator(platform, ({ send }) => call(send, setAccountStatus, { params, body }))
    await openAt('/account')
    await amount('deposit').fill('5')
    await page.getByRole('button', { name: 'Deposit $5.00' }).click()
    await page.getByText(/Your account is frozen: no cash moves/).waitFor()
    expect(await amount('deposit').inputValue()).toBe('5')
    expect(await balance()).toBe('0.00')
  })

  it('a deposit whose answer is lost is asked for again, and arrives once', async () => {
    await openAt('/account')
    const keys: (string | undefined)[] = []
    await page.route('**/api/v1/balance/deposit', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      const answer = await route.fetch()
      if (keys.length === 1) await route.abort()
      else await route.fulfill({ response: answer })
    })
    await amount('deposit').fill('75')
    await page.getByRole('button', { name: 'Deposit $75.00' }).click()
    await page.getByText('Has the deposit of $75.00 arrived?').waitFor()
    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.getByText('Deposited $75.00').waitFor()
    expect(new Set(keys).size).toBe(1)
    expect(keys).toHaveLength(2)
    expect(await balance()).toBe('75.00')
  })

  it('who asked too often is counted down and sends the same request again', async () => {
    await openAt('/account')
    const keys: (string | undefined)[] = []
    await page.route('**/api/v1/balance/deposit', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length > 1) return route.continue()
      return route.fulfill(refusal(429, 'rate-limited', { 'retry-after': '3' }))
    })
    await amount('deposit').fill('20')
    const send = page.getByRole('button', { name: 'Deposit $20.00' })
    await send.click()
    await page.getByText(/Try again in [123] second/).waitFor()
    expect(await send.isDisabled()).toBe(true)
    await vi.waitFor(async () => expect(await send.isEnabled()).toBe(true), 6_000)
    await send.click()
    await page.getByText('Deposited $20.00').waitFor()
    expect(new Set(keys).size).toBe(1)
  })

  it('a session that ends in the middle is begun again, and the draft is there', async () => {
    await customer.deposit('100')
    await openAt('/account?do=withdraw')
    await amount('withdraw').fill('33')
    await customer.call(endOtherSessions, {})
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    await signIn(page, customer.username)
    await page.waitForURL('**/account?do=withdraw')
    expect(await amount('withdraw').inputValue()).toBe('33')
    await page.getByRole('button', { name: 'Withdraw $33.00' }).click()
    await page.getByText('Withdrawn $33.00').waitFor()
    expect(await balance()).toBe('67.00')
  })

  it('a withdrawal asks for the second factor, and keeps the amount while it does', async () => {
    await customer.deposit('100')
    const begun = await customer.call(beginSecondFactor, { body: { password: PASSWORD } })
    const app = authenticatorFor(begun.data.uri)
    await customer.call(confirmSecondFactor, { body: { code: app.code() } })
    await openAt('/account?do=withdraw', app.code())
    await amount('withdraw').fill('10')
    await page.getByRole('button', { name: 'Withdraw $10.00' }).click()
    const code = page.getByLabel('Code of your app')
    await code.fill('000000')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText(/A withdrawal needs a code of your app/).waitFor()
    expect(await amount('withdraw').inputValue()).toBe('10')
    await page.getByRole('button', { name: 'Withdraw $10.00' }).click()
    await code.fill(app.code())
    await page.keyboard.press('Enter')
    await page.getByText('Withdrawn $10.00').waitFor()
    expect(await balance()).toBe('90.00')
  })

  const cents = (text: string | undefined): bigint =>
    parseUsd((text ?? '').replace(/[$,+]/g, '').replace('−', '-')) ?? 0n

  async function buy(assetId: string, notional: string): Promise<void> {
    await customer.order({ order_type: 'market_buy', asset_id: assetId, notional }, freshKey())
  }

  it('the lines of the portfolio add up to the cent, on the screen as in the platform', async () => {
    await customer.deposit('5000')
    await buy('BTC', '1000.01')
    await buy('ETH', '333.33')
    await buy('DOGE', '77.77')
    await openAt('/portfolio')
    const table = page.getByRole('table', { name: 'Holdings' })
    await table.getByRole('row', { name: /Bitcoin/ }).waitFor()
    await page.getByRole('button', { name: 'Pause live prices' }).click()
    await page.waitForTimeout(600)
    const shownIn = async (row: string) =>
      cents((await table.getByRole('row', { name: row }).locator('td').nth(2).innerText()).trim())
    const held = await Promise.all(['Bitcoin', 'Ethereum', 'Dogecoin'].map(shownIn))
    const assets = held.reduce((sum, value) => sum + value, 0n)
    expect(assets).toBeGreaterThan(130_000n)
    expect(await shownIn('Assets')).toBe(assets)
    const portfolio = await customer.call(getPortfolio, {})
    expect(await shownIn('Cash')).toBe(parseUsd(portfolio.cash_balance))
    expect(await shownIn('Total')).toBe(assets + (parseUsd(portfolio.cash_balance) ?? 0n))
    const total = await page.locator('p.text-3xl').innerText()
    expect(formatUsd(cents(total))).toBe(formatUsd(await shownIn('Total')))
    expect(complaints).toEqual([])
  })

  it('while prices move the lines add up at any moment, also those that nobody sees', async () => {
    await customer.deposit('5000')
    for (const assetId of ['BTC', 'ETH', 'SOL', 'ADA']) await buy(assetId, '500')
    await page.setViewportSize({ width: 1280, height: 500 })
    await openAt('/portfolio')
    await page.getByRole('row', { name: /Cardano/ }).waitFor()
    const totals = new Set<bigint | undefined>()
    for (let look = 0; look < 20; look += 1) {
      const texts = await page.locator('p.text-3xl, tr > td:nth-child(4)').allInnerTexts()
      const [above, ...values] = texts.map(cents)
      const [assets, cash, total] = values.slice(-3)
      const held = values.slice(0, -3)
      expect(held).toHaveLength(4)
      expect(held.reduce((sum, value) => sum + value, 0n)).toBe(assets)
      expect((assets ?? 0n) + (cash ?? 0n)).toBe(total)
      expect(above).toBe(total)
      totals.add(total)
      await page.waitForTimeout(300)
    }
    expect(totals.size).toBeGreaterThan(1)
  })

  it('holdings are sorted by their headings, and one opens its history', async () => {
    await customer.deposit('5000')
    await buy('BTC', '100')
    await buy('ETH', '200')
    await buy('BTC', '50')
    await openAt('/portfolio')
    const rows = page.getByRole('table', { name: 'Holdings' }).locator('tbody tr')
    const first = () => rows.first().innerText()
    await eventually(async () => expect(await first()).toMatch(/Ethereum/))
    await page.getByRole('button', { name: 'Asset', exact: true }).click()
    await eventually(async () => expect(await first()).toMatch(/Bitcoin/))
    expect(new URL(page.url()).searchParams.get('sort')).toBe('name')
    await page.getByRole('button', { name: /^Bitcoin/ }).focus()
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog', { name: 'Bitcoin' })
    await eventually(async () => expect(await drawer.getByRole('listitem').count()).toBe(2))
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      drawer.getByRole('button', { name: /CSV/ }).click(),
    ])
    expect(
      readFileSync(await saved.path(), 'utf8')
        .trimEnd()
        .split('\r\n'),
    ).toHaveLength(3)
    await page.keyboard.press('Escape')
    await eventually(() => expect(new URL(page.url()).searchParams.has('asset')).toBe(false))
    await eventually(async () => {
      expect(await page.locator(':focus').innerText()).toMatch(/Bitcoin/)
    })
  })

  it('a purchase made elsewhere is in the portfolio by itself', async () => {
    await customer.deposit('500')
    await openAt('/portfolio')
    await page.getByText('You hold nothing yet').waitFor()
    await page.getByRole('button', { name: 'Pause live prices' }).waitFor()
    await buy('SOL', '100')
    await page
      .getByRole('table', { name: 'Holdings' })
      .getByText('Solana')
      .waitFor({ timeout: 8_000 })
  })

  it('a portfolio that cannot be had says so with the name of the request, and comes back', async () => {
    await openAt('/account')
    await page.route('**/api/v1/portfolio', (route) =>
      route.fulfill(refusal(503, 'dependency-down')),
    )
    await page.goto('/portfolio')
    await page.getByText('Your portfolio cannot be shown').waitFor({ timeout: 20_000 })
    await page.getByText('request-of-this-test').waitFor()
    await page.unroute('**/api/v1/portfolio')
    await page.getByText('You hold nothing yet').waitFor()
    await page.getByRole('link', { name: 'Deposit paper cash' }).waitFor()
  })

  it('her money can be used by everyone', async () => {
    await customer.deposit('5000')
    await buy('BTC', '100')
    await openAt('/account')
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByText('Your books add up').waitFor()
    expect(await violationsOn(page)).toEqual([])
    for (const [path, shown] of [
      ['/account?do=withdraw', 'Withdraw'],
      ['/portfolio', 'Bitcoin'],
      ['/portfolio?asset=BTC', 'Bought'],
    ] as const) {
      await page.goto(path)
      await page.getByText(shown).filter({ visible: true }).first().waitFor()
      expect([path, ...(await violationsOn(page))]).toEqual([path])
    }
    expect(complaints).toEqual([])
  })
})
