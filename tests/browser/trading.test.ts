/** Buying and selling in a browser, and what may go wrong with it; against the real platform. */
import { getBalance } from '@cnop/contract/balance.ts'
import { formatUsd, parseUsd } from '@cnop/contract/money.ts'
import { listOrders, type Order } from '@cnop/contract/order.ts'
import { getPortfolio } from '@cnop/contract/portfolio.ts'
import { endOtherSessions } from '@cnop/contract/session.ts'
import type { Browser, BrowserContext, Locator, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Customer,
  newCustomer,
  newPerson,
  newUsername,
  PASSWORD,
  signedIn,
} from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { ON_A_DESK, violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { DESKTOP, eventually, PHONE, refusal, signIn, visit } from './visits.ts'

/** The words of a receipt. */
const BOUGHT = { did: 'Bought', paid: 'You paid' }
const SOLD = { did: 'Sold', paid: 'You received' }
const PLACING = '**/api/v1/orders'
const PREVIEWING = '**/api/v1/orders/preview'

describe.skipIf(CHROMIUM === undefined)('trading in a browser', { timeout: 120_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let customer: Customer
  let complaints: readonly string[]

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })
  afterEach(() => context?.close())

  async function openPage(screen: typeof DESKTOP): Promise<void> {
    ;({ context, page, complaints } = await visit(browser, platform.url, screen))
  }

  const heading = (name: string) => page.getByRole('heading', { name, exact: true })
  const goTo = (name: string) =>
    page.getByRole('navigation', { name: /^Main/ }).getByRole('link', { name }).click()

  /** A customer of her own for one test, with her cash, at her ticket. */
  async function openTicket(cash: string): Promise<Locator> {
    customer = await newCustomer(platform.url)
    await customer.deposit(cash)
    await page.goto('/login?next=/trade/BTC')
    await signIn(page, customer.username)
    const ticket = page.getByRole('region', { name: 'Order ticket' })
    await amountIn(ticket).waitFor()
    return ticket
  }

  const amountIn = (ticket: Locator) => ticket.getByLabel('Amount in dollars')
  const review = (ticket: Locator, what: 'purchase' | 'sale') =>
    ticket.getByRole('button', { name: `Review ${what} of BTC` }).click()
  const confirm = (ticket: Locator, what: 'purchase' | 'sale') =>
    ticket.getByRole('button', { name: `Confirm ${what}` })
  const orders = async () => (await customer.call(listOrders, {})).data
  const balance = () => customer.call(getBalance, {})

  it.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ] as const)(
    'on a %s a stranger trades from the first deposit to the withdrawal',
    async (_, screen) => {
      await openPage(screen)
      customer = await openAccount()

      await goTo('Account')
      await page.getByLabel('Amount to deposit').fill('5000')
      await page.getByRole('button', { name: 'Deposit $5,000.00' }).click()
      await page.getByText('Deposited $5,000.00').waitFor()

      await goTo('Trade')
      if (screen === PHONE) await page.getByRole('button', { name: 'Buy', exact: true }).click()
      const ticket =
        screen === PHONE
          ? page.getByRole('dialog', { name: 'Trade BTC' })
          : page.getByRole('region', { name: 'Order ticket' })
      const bought = await buy(ticket, '1000.01')
      await ticket.getByRole('button', { name: 'Trade BTC again' }).click()
      const sold = await sellHalf(ticket)
      await ticket.getByRole('link', { name: 'See your orders' }).click()
      await seesOrders([sold, bought])

      const cash = 500_000n - cents(bought.total_amount) + cents(sold.total_amount)
      expect((await balance()).current_balance).toBe(formatUsd(cash))
      await goTo('Portfolio')
      await seesSums()

      await goTo('Account')
      await page.getByRole('tab', { name: 'Withdraw' }).click()
      await page.getByLabel('Amount to withdraw').fill('250.25')
      await page.getByRole('button', { name: 'Withdraw $250.25' }).click()
      await page.getByText('Withdrawn $250.25').waitFor()
      const left = (await balance()).available_balance
      expect(left).toBe(formatUsd(cash - 25_025n))
      await eventually(async () =>
        expect(await figuresIn(page.getByRole('main'))).toMatchObject({ Available: usd(left) }),
      )
      expect(complaints).toEqual([])
    },
  )

  async function openAccount(): Promise<Customer> {
    const { username, email, first_name, last_name } = newPerson(newUsername())
    await page.goto('/register')
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('First name').fill(first_name)
    await page.getByLabel('Last name').fill(last_name)
    const [answer] = await Promise.all([
      page.waitForResponse('**/auth/register'),
      page.getByRole('button', { name: 'Open the account' }).click(),
    ])
    await heading('Dashboard').waitFor()
    const { user_id: userId } = await answer.json()
    return signedIn(platform.url, { username, userId })
  }

  async function buy(ticket: Locator, notional: string): Promise<Order> {
    await amountIn(ticket).fill(notional)
    await review(ticket, 'purchase')
    await heading('Check your order').waitFor()
    expect(await orders()).toEqual([])
    expect(await figuresIn(ticket)).toMatchObject({ Value: usd(notional) })
    await confirm(ticket, 'purchase').click()
    return seesReceipt(ticket, BOUGHT)
  }

  async function buyWhatIsTyped(ticket: Locator): Promise<Order> {
    await review(ticket, 'purchase')
    await confirm(ticket, 'purchase').click()
    return seesReceipt(ticket, BOUGHT)
  }

  async function sellHalf(ticket: Locator): Promise<Order> {
    await ticket.getByRole('radio', { name: 'Sell' }).check()
    await ticket.getByRole('button', { name: '50%' }).click()
    const quantity = await ticket.getByLabel('Quantity').inputValue()
    await review(ticket, 'sale')
    await confirm(ticket, 'sale').click()
    const order = await seesReceipt(ticket, SOLD)
    expect(plain(order.filled_quantity)).toBe(plain(quantity))
    return order
  }

  /** The newest order of the platform, which is the one on the receipt. */
  async function seesReceipt(ticket: Locator, { did, paid }: typeof BOUGHT): Promise<Order> {
    await heading('Filled').waitFor()
    const [order] = await orders()
    if (order?.fill === undefined) throw new Error('Nothing was filled.')
    await ticket.getByText(`${did} ${plain(order.filled_quantity)} BTC`).waitFor()
    expect(await figuresIn(ticket)).toMatchObject({
      Status: 'Completed',
      Price: usd(order.fill.price),
      Fee: usd(order.fee),
      [paid]: usd(order.total_amount),
      Order: order.order_id,
      Tick: order.fill.quote,
    })
    return order
  }

  async function seesOrders(expected: readonly Order[]): Promise<void> {
    await heading('Orders').waitFor()
    const rows = page
      .getByRole('table', { name: 'Your orders' })
      .getByRole('row')
      .filter({ has: page.getByRole('button') })
    await eventually(async () => expect(await rows.count()).toBe(expected.length))
    for (const [index, { order_type, total_amount, filled_quantity }] of expected.entries()) {
      const text = await rows.nth(index).innerText()
      expect(text).toContain(order_type === 'market_buy' ? 'Market buy BTC' : 'Market sell BTC')
      expect(text).toContain(usd(total_amount))
      expect(text).toContain(plain(filled_quantity))
    }
    expect(await orders()).toEqual(expected)
  }

  /** Cash and quantity as the platform has them, and lines that add up at a price that stands still. */
  async function seesSums(): Promise<void> {
    const table = page.getByRole('table', { name: 'Holdings' })
    await table.getByRole('row', { name: /Bitcoin/ }).waitFor()
    await page.getByRole('button', { name: 'Pause live prices' }).click()
    const { cash_balance, assets } = await customer.call(getPortfolio, {})
    const [bitcoin] = assets
    expect(await table.getByRole('row', { name: /Bitcoin/ }).innerText()).toContain(
      plain(bitcoin?.quantity ?? ''),
    )
    const heads = await table.getByRole('columnheader').allInnerTexts()
    const column = heads.findIndex((text) => text.includes('Value')) - 1
    const valueIn = async (name: string | RegExp) =>
      cents(await table.getByRole('row', { name }).getByRole('cell').nth(column).innerText())
    await eventually(async () => {
      const held = await valueIn(/Bitcoin/)
      expect(held).toBeGreaterThan(40_000n)
      expect(await valueIn(/^Assets/)).toBe(held)
      expect(await valueIn(/^Cash/)).toBe(cents(cash_balance))
      expect(await valueIn(/^Total/)).toBe(held + cents(cash_balance))
    })
  }

  describe('what goes wrong at the ticket', () => {
    beforeEach(() => openPage(DESKTOP))

    it('more than there is, is said beside the amount, which stays', async () => {
      const ticket = await openTicket('100')
      const amount = amountIn(ticket)
      await amount.fill('100.01')
      await review(ticket, 'purchase')
      const { available_balance } = await balance()
      const said = `You have ${usd(available_balance)} to spend.`
      const alert = ticket.getByRole('alert').filter({ hasText: said })
      await alert.waitFor()
      expect(await amount.getAttribute('aria-describedby')).toBe(await alert.getAttribute('id'))
      expect(await amount.getAttribute('aria-invalid')).toBe('true')
      expect(await amount.inputValue()).toBe('100.01')
      await ticket.getByRole('button', { name: 'Max' }).click()
      const { total_amount } = await buyWhatIsTyped(ticket)
      expect((await balance()).current_balance).toBe(formatUsd(10_000n - cents(total_amount)))
    })

    it('who asked too often is counted down, and sends the same order again', async () => {
      const ticket = await openTicket('100')
      const keys = await answerFirstOrder((route) =>
        route.fulfill(refusal(429, 'rate-limited', { 'retry-after': '3' })),
      )
      await amountIn(ticket).fill('50')
      await review(ticket, 'purchase')
      await confirm(ticket, 'purchase').click()
      await ticket.getByText(/Try again in [123] second/).waitFor()
      expect(await confirm(ticket, 'purchase').isDisabled()).toBe(true)
      await confirm(ticket, 'purchase').click()
      await seesReceipt(ticket, BOUGHT)
      expect(keys).toHaveLength(2)
      expect(new Set(keys).size).toBe(1)
      expect(await orders()).toHaveLength(1)
    })

    it('a platform that does not answer is asked again by hand, and the amount is there', async () => {
      const ticket = await openTicket('100')
      await page.route(PREVIEWING, (route) => route.fulfill(refusal(503, 'dependency-down')))
      await amountIn(ticket).fill('50')
      await ticket.getByRole('alert').getByText('The platform does not answer.').waitFor()
      await ticket.getByText('request-of-this-test').waitFor()
      await page.unroute(PREVIEWING)
      await ticket.getByRole('button', { name: 'Try again' }).click()
      await eventually(async () =>
        expect(await figuresIn(ticket)).toMatchObject({ Value: '$50.00' }),
      )
      expect(await ticket.getByRole('alert').count()).toBe(0)
      expect(await amountIn(ticket).inputValue()).toBe('50')
    })

    it('a session that ends over a draft is begun again, and the draft is there', async () => {
      const ticket = await openTicket('100')
      await amountIn(ticket).fill('33.5')
      await customer.call(endOtherSessions, {})
      await ticket.getByRole('link', { name: 'Sign in to trade' }).click()
      await signIn(page, customer.username)
      await page.waitForURL('**/trade/BTC')
      expect(await amountIn(ticket).inputValue()).toBe('33.5')
      await buyWhatIsTyped(ticket)
    })

    it('without a network the page says so, keeps the draft, and goes on when it is back', async () => {
      const ticket = await openTicket('100')
      const label = (text: RegExp) => page.getByRole('banner').getByRole('button', { name: text })
      await label(/Live$/).waitFor()
      await amountIn(ticket).fill('50')
      await context.setOffline(true)
      await label(/(Reconnecting|Offline|as of .*)$/).waitFor()
      await review(ticket, 'purchase')
      await ticket.getByRole('alert').getByText('The platform does not answer.').waitFor()
      expect(await amountIn(ticket).inputValue()).toBe('50')
      await context.setOffline(false)
      await label(/Live$/).waitFor()
      await buyWhatIsTyped(ticket)
    })

    it('an order whose answer is lost is looked for, and is there once', async () => {
      const ticket = await openTicket('100')
      const keys = await answerFirstOrder(async (route) => {
        await route.fetch()
        await route.abort()
      })
      await amountIn(ticket).fill('50')
      const order = await buyWhatIsTyped(ticket)
      expect(order.client_order_id).toBe(keys[0])
      expect(await orders()).toEqual([order])
      expect((await balance()).current_balance).toBe(formatUsd(10_000n - cents(order.total_amount)))
    })

    it('an order that nobody can find is not sent twice by who sends it again', async () => {
      const ticket = await openTicket('100')
      const keys = await answerFirstOrder(async (route) => {
        await route.fetch()
        await route.abort()
      })
      const looking = '**/api/v1/orders?*'
      await page.route(looking, (route) => route.fulfill({ json: { data: [] } }))
      await amountIn(ticket).fill('50')
      await review(ticket, 'purchase')
      await confirm(ticket, 'purchase').click()
      await heading('The order has not arrived').waitFor()
      await ticket.getByRole('button', { name: 'Send it again' }).click()
      const order = await seesReceipt(ticket, BOUGHT)
      expect(keys).toEqual([order.client_order_id, order.client_order_id])
      expect(await orders()).toEqual([order])
    })
  })

  /** Answers the first order that is sent; returns the keys of all that are, as they come. */
  async function answerFirstOrder(
    answer: (route: Route) => Promise<void>,
  ): Promise<readonly (string | undefined)[]> {
    const keys: (string | undefined)[] = []
    await page.route(PLACING, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback()
      keys.push(route.request().headers()['idempotency-key'])
      return keys.length === 1 ? answer(route) : route.fallback()
    })
    return keys
  }

  it('a ticket, its review, its receipt and the orders can be used by everyone', async () => {
    await openPage(DESKTOP)
    const ticket = await openTicket('100')
    // What moves while it is looked at has no colour that could be judged.
    await page.getByRole('button', { name: 'Pause live prices' }).click()
    await canBeUsedByEveryone()
    await amountIn(ticket).fill('100.01')
    await ticket.getByRole('alert').waitFor()
    await canBeUsedByEveryone(ON_A_DESK)
    await amountIn(ticket).fill('50')
    await review(ticket, 'purchase')
    await heading('Check your order').waitFor()
    await canBeUsedByEveryone(ON_A_DESK)
    await confirm(ticket, 'purchase').click()
    await heading('Filled').waitFor()
    await canBeUsedByEveryone(ON_A_DESK)
    await ticket.getByRole('link', { name: 'See your orders' }).click()
    // The page before lists the order too, until this one has come.
    await heading('Orders').waitFor()
    await page.getByRole('button', { name: 'Market buy BTC' }).click()
    await page.getByRole('dialog').getByText('You paid').waitFor()
    await canBeUsedByEveryone()
  })

  it('the ticket of a phone can be used by everyone', async () => {
    await openPage(PHONE)
    customer = await newCustomer(platform.url)
    await customer.deposit('100')
    await page.goto('/login?next=/trade/BTC')
    await signIn(page, customer.username)
    await page.getByRole('button', { name: 'Pause live prices' }).click()
    await page.getByRole('button', { name: 'Buy', exact: true }).click()
    const ticket = page.getByRole('dialog', { name: 'Trade BTC' })
    await amountIn(ticket).fill('50')
    await eventually(async () => expect(await figuresIn(ticket)).toMatchObject({ Value: '$50.00' }))
    await canBeUsedByEveryone()
  })

  async function canBeUsedByEveryone(looks?: typeof ON_A_DESK): Promise<void> {
    expect(await violationsOn(page, looks)).toEqual([])
  }
})

/** What is written in lines of terms and figures. */
async function figuresIn(place: Locator): Promise<Record<string, string>> {
  const [terms, figures] = await Promise.all(
    (['term', 'definition'] as const).map((role) => place.getByRole(role).allInnerTexts()),
  )
  return Object.fromEntries(terms?.map((term, index) => [term, figures?.[index] ?? '']) ?? [])
}

/** Cents of the first sum of money in a text, as it is shown or as the platform tells it. */
const cents = (text: string): bigint =>
  parseUsd(/[\d,]+\.\d\d/.exec(text)?.[0].replaceAll(',', '') ?? '') ?? -1n

const NUMBERS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 18 })
const DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

/** A sum of money, or a price from one dollar up, as it is shown. */
const usd = (text: string): string => DOLLARS.format(text as Intl.StringNumericLiteral)

/** A quantity as it is shown: without zeros that say nothing. */
const plain = (quantity: string): string => NUMBERS.format(quantity as Intl.StringNumericLiteral)
