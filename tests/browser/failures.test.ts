/** What every page does when something is missing, and that it comes back by itself. */
import { endOtherSessions } from '@cnop/contract/session.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Customer, freshKey, newCustomer } from '../customers.ts'
import { type RunningPlatform, startApart, startTogether } from '../topologies.ts'
import { BY_NIGHT, violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { ANSWERS, DESKTOP, leaveUnwritten, PHONE, refusal, signIn, visit } from './visits.ts'

const OWN_PAGES = [
  '/dashboard',
  '/orders',
  '/portfolio',
  '/account',
  '/settings/profile',
  '/settings/security',
]
const PAGES = ['/', '/markets', '/assets/BTC', '/trade/BTC', ...OWN_PAGES]

const WAIT = { timeout: 30_000 }

type Stage = { readonly platform: RunningPlatform; readonly browser: Browser }

/** A customer with some cash, on a page of hers. */
async function openOn(
  { platform, browser }: Stage,
  screen: typeof DESKTOP,
  path: string,
): Promise<[Page, Customer]> {
  const customer = await newCustomer(platform.url)
  await customer.deposit('1000')
  const { context, page } = await visit(browser, platform.url, screen)
  onTestFinished(() => context.close())
  await page.goto(`/login?next=${path}`)
  await signIn(page, customer.username)
  // The address of the question names this one too.
  await page.waitForURL(({ pathname }) => pathname === path)
  return [page, customer]
}

const troubles = (page: Page) => page.getByRole('main').getByRole('alert')
const places = (page: Page) => page.getByRole('navigation', { name: /^Main/ }).first()

describe.skipIf(CHROMIUM === undefined)('failures in a browser', { timeout: 240_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })

  const open = (screen: typeof DESKTOP, path: string) => openOn({ platform, browser }, screen, path)

  describe.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ] as const)('on a %s', (_, screen) => {
    it('a page without answers says so with the name of the request, and comes back by itself', async () => {
      const [page] = await open(screen, '/markets')
      for (const path of PAGES) {
        await leaveUnwritten(page)
        await page.route(ANSWERS, (route) => route.fulfill(refusal(503, 'dependency-down')))
        await page.goto(path)
        const trouble = troubles(page).first()
        await trouble.waitFor(WAIT)
        expect(await trouble.innerText(), path).toContain('A part of the platform does not answer.')
        expect(await trouble.innerText(), path).toContain('request-of-this-test')
        await trouble.getByRole('button', { name: 'Try again' }).waitFor()
        expect(await page.getByRole('banner').isVisible(), path).toBe(true)
        // The looks that are judged are those of a phone too.
        if (screen === DESKTOP) expect(await violationsOn(page, BY_NIGHT), path).toEqual([])
        await page.unrouteAll({ behavior: 'wait' })
        await vi.waitFor(async () => expect(await troubles(page).count(), path).toBe(0), WAIT)
      }
    })

    it('who asked too often sees the seconds pass, and then the page', async () => {
      const [page] = await open(screen, '/markets')
      const tooOften = refusal(429, 'rate-limited', { 'retry-after': '6' })
      for (const path of ['/markets', '/portfolio', '/account']) {
        await leaveUnwritten(page)
        await page.route(ANSWERS, (route) => route.fulfill(tooOften))
        await page.goto(path)
        const trouble = troubles(page).first()
        await trouble.getByText(/Try again in [56] seconds\./).waitFor(WAIT)
        await trouble.getByText(/Try again in [1-4] seconds?\./).waitFor(WAIT)
        await page.unrouteAll({ behavior: 'wait' })
        await vi.waitFor(async () => expect(await troubles(page).count(), path).toBe(0), WAIT)
      }
    })

    it('a page that breaks leaves the frame, and the way to the others', async () => {
      const [page] = await open(screen, '/markets')
      await page.route(/portfolio-page-[^/]+\.js$/, (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: 'export function PortfolioPage() { throw new Error("broken by this test") }',
        }),
      )
      await places(page).getByRole('link', { name: 'Portfolio' }).click()
      await page.getByText('This page could not be shown').waitFor()
      expect(await page.getByText('broken by this test').count()).toBe(0)
      await places(page).getByRole('link', { name: 'Markets' }).click()
      await page.getByRole('heading', { level: 1, name: 'Markets' }).waitFor()
    })

    it('a page whose code cannot be had is waited for, while the one that stands stays', async () => {
      const [page] = await open(screen, '/markets')
      await page.evaluate("document.documentElement.setAttribute('data-same', '')")
      await page.route(/\/account-page-|\/health\/live$/, (route) => route.abort())
      await places(page).getByRole('link', { name: 'Account' }).click()
      await page.getByText('This page has not arrived').waitFor(WAIT)
      await page.unrouteAll({ behavior: 'wait' })
      await page.getByLabel('Amount to deposit').waitFor(WAIT)
      expect(await page.locator('html[data-same]').count()).toBe(1)
    })

    it('without a network what was missed is fetched afterwards', async () => {
      const [page, customer] = await open(screen, '/orders')
      await page.getByText('No orders yet').waitFor()
      await page.context().setOffline(true)
      await page
        .getByText(/Reconnecting|Offline|as of/)
        .first()
        .waitFor(WAIT)
      const body = { order_type: 'market_buy', asset_id: 'BTC', notional: '100' } as const
      await customer.order(body, freshKey())
      await page.context().setOffline(false)
      await page.getByRole('button', { name: 'Market buy BTC' }).waitFor(WAIT)
    })

    it('who is signed out elsewhere is asked who he is, and led back', async () => {
      const [page, customer] = await open(screen, '/dashboard')
      for (const path of OWN_PAGES) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await customer.call(endOtherSessions, {})
        await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor(WAIT)
        await signIn(page, customer.username)
        await page.waitForURL(`**${path}`)
      }
    })
  })
})

describe.skipIf(CHROMIUM === undefined)('one service down', { timeout: 240_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser

  beforeAll(async () => {
    await buildPages()
    platform = await startApart()
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })

  it('while the order service is down the market goes on, and afterwards everything does', async () => {
    const [page] = await openOn({ platform, browser }, DESKTOP, '/portfolio')
    await page.getByText('You hold nothing yet').waitFor()
    await platform.kill('order')
    onTestFinished(() => platform.revive('order').catch(() => undefined))
    await page.reload()
    await page.getByText('Your portfolio cannot be shown').waitFor(WAIT)
    await places(page).getByRole('link', { name: 'Markets' }).click()
    await page.getByRole('row', { name: /Bitcoin BTC/ }).waitFor()
    await places(page).getByRole('link', { name: 'Portfolio' }).click()
    await page.getByText('Your portfolio cannot be shown').waitFor(WAIT)
    await platform.revive('order')
    await page.getByText('You hold nothing yet').waitFor({ timeout: 90_000 })
  })

  it('prices that have stopped are shown as old, and no ticket takes them', async () => {
    const [page] = await openOn({ platform, browser }, DESKTOP, '/trade/BTC')
    const ticket = page.getByRole('region', { name: 'Order ticket' })
    await ticket.getByLabel('Amount in dollars').fill('50')
    await ticket.getByRole('definition').filter({ hasText: '$50.00' }).first().waitFor()
    await platform.kill('inventory')
    onTestFinished(() => platform.revive('inventory').catch(() => undefined))
    await page.locator('html[data-stale]').waitFor({ state: 'attached', timeout: 40_000 })
    await page
      .getByRole('banner')
      .getByText(/as of \d\d:\d\d:\d\d/)
      .waitFor()
    // Whoever knows the quotes is gone, so nobody can say how old they are.
    await ticket.getByText('The platform does not answer.').waitFor(WAIT)
    expect(await ticket.getByLabel('Amount in dollars').inputValue()).toBe('50')
    await platform.revive('inventory')
    await page.locator('html:not([data-stale])').waitFor({ state: 'attached', timeout: 60_000 })
    await vi.waitFor(async () => expect(await ticket.getByRole('alert').count()).toBe(0), {
      timeout: 60_000,
    })
  })
})
