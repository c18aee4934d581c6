/** What a customer sees to alone, in a browser: profile, security and display; against the real platform. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { authenticatorFor } from '../authenticator.ts'
import { PASSWORD } from '../customers.ts'
import { linkIn } from '../letters.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { violationsOn } from './accessibility.ts'
import { buildPages } from './built-pages.ts'
import { CHROMIUM, openBrowser } from './chromium.ts'
import { eventually, refusal } from './visits.ts'

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1'

describe.skipIf(CHROMIUM === undefined)('in a browser', { timeout: 120_000 }, () => {
  let platform: RunningPlatform
  let browser: Browser
  let username: string
  let page: Page
  let customers = 0

  beforeAll(async () => {
    await buildPages()
    ;[platform, browser] = await Promise.all([startTogether(), openBrowser()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await platform?.stop()
  })
  beforeEach(async () => {
    customers += 1
    username = `set_up_by_${customers}`
    page = await openDevice()
    await page.goto('/register')
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('E-mail address').fill(addressOf(username))
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('First name').fill('Ada')
    await page.getByLabel('Last name').fill('Lovelace')
    await press(page, 'Open the account')
    await heading(page, 'Dashboard').waitFor()
  })

  async function openDevice(userAgent?: string): Promise<Page> {
    const device = await browser.newContext({
      baseURL: platform.url,
      reducedMotion: 'reduce',
      ...(userAgent === undefined ? {} : { userAgent }),
    })
    onTestFinished(() => device.close())
    return device.newPage()
  }

  const addressOf = (name: string): string => `${name}@example.org`
  const heading = (of: Page, name: string) => of.getByRole('heading', { level: 1, name })
  const press = (on: Page, name: string) =>
    on.getByRole('main').getByRole('button', { name, exact: true }).click()

  async function signIn(on: Page, password = PASSWORD): Promise<void> {
    await on.goto('/login')
    await on.getByLabel(/^User name/).fill(username)
    await on.getByLabel('Password', { exact: true }).fill(password)
    await press(on, 'Sign in')
  }

  /** Switches the second factor on by hand: the secret is typed, not scanned. */
  async function switchOn() {
    await page.goto('/settings/security')
    await press(page, 'Set up')
    await page.getByLabel('Your password').fill(PASSWORD)
    await press(page, 'Go on')
    await page.getByRole('img', { name: 'QR code of the secret' }).waitFor()
    const shown = await page.getByText(/^([A-Z2-7]{4} ?){8}$/).textContent()
    const secret = (shown ?? '').replaceAll(' ', '')
    const app = authenticatorFor(`otpauth://totp/CNOP:${username}?secret=${secret}&issuer=CNOP`)
    await page.getByLabel('Code of your app').fill(app.code())
    await press(page, 'Switch it on')
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    const recovery = await page
      .getByRole('main')
      .getByText(/^\w{5}-\w{5}$/)
      .allTextContents()
    return { app, recovery }
  }

  it('an address is confirmed by the link of the letter, and a new one has to be again', async () => {
    await page.goto('/settings/profile')
    await page.getByText('Not confirmed yet').waitFor()
    const link = { to: addressOf(username), linkPath: '/verify-email' }
    await page.goto(`/verify-email#${await linkIn(platform.dataDir, link)}`)
    await heading(page, 'The address is confirmed').waitFor()
    await page.goto('/settings/profile')
    await page.getByText('Confirmed', { exact: true }).waitFor()
    await press(page, 'Change')
    await page.getByLabel('New e-mail address').fill(`new_${addressOf(username)}`)
    await page.getByLabel('Your password').fill('not my password at all')
    await press(page, 'Change the address')
    await page.getByText(/password is wrong/).waitFor()
    expect(await page.getByLabel('New e-mail address').inputValue()).toMatch(/^new_/)
    await page.getByLabel('Your password').fill(PASSWORD)
    await press(page, 'Change the address')
    await page.getByText('Not confirmed yet').waitFor()
    await linkIn(platform.dataDir, { ...link, to: `new_${addressOf(username)}` })
  })

  it('a profile is changed, and what is refused stays as it was typed', async () => {
    await page.goto('/settings/profile')
    await page.getByLabel('Last name').fill('King')
    await page.getByLabel('Date of birth').fill('2025-01-01')
    await press(page, 'Save')
    await page.getByText('You must be at least 13 years old.').waitFor()
    expect(await page.getByLabel('Last name').inputValue()).toBe('King')
    await page.getByLabel('Date of birth').fill('1985-12-10')
    await press(page, 'Save')
    await page.getByText('Saved.').waitFor()
    await page.reload()
    await eventually(async () =>
      expect(await page.getByLabel('Last name').inputValue()).toBe('King'),
    )
  })

  it('with a second factor nobody comes in by the password alone, and recovery codes are good once', async () => {
    const { app, recovery } = await switchOn()
    expect(recovery).toHaveLength(10)
    await page.getByRole('link', { name: 'Profile' }).click()
    await page.getByRole('heading', { name: 'Leave without it?' }).waitFor()
    await page.getByRole('button', { name: 'Stay' }).click()
    await page.getByLabel('I have kept them').check()
    await press(page, 'Done')
    await page.getByText('10 recovery codes are left').waitFor()

    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
    await heading(page, 'Sign in').waitFor()
    await signIn(page)
    await page.getByLabel('Code of your app').fill('000000')
    await press(page, 'Sign in')
    await page.getByText(/^The code is wrong/).waitFor()
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(PASSWORD)
    await page.getByLabel('Code of your app').fill(app.code())
    await press(page, 'Sign in')
    await heading(page, 'Dashboard').waitFor()

    const other = await openDevice()
    await signIn(other)
    await press(other, 'Use a recovery code')
    await other.getByLabel('Recovery code').fill(recovery[0] ?? '')
    await press(other, 'Sign in')
    await heading(other, 'Dashboard').waitFor()
    await page.goto('/settings/security')
    await page.getByText('9 recovery codes are left').waitFor()
  })

  it('a key is asked a code for, shown once, works, and is revoked', async () => {
    const { recovery } = await switchOn()
    await page.getByLabel('I have kept them').check()
    await press(page, 'Done')
    await press(page, 'Make a key')
    await page.getByLabel('Name').fill('Rebalancing bot')
    await page.getByLabel('May be used from').fill('10.0.0.0/8, 300.1.2.3')
    await page.getByLabel('Your password').fill(PASSWORD)
    const giveCode = async (code: string | undefined): Promise<void> => {
      await press(page, 'Make the key')
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Use a recovery code' }).click()
      await dialog.getByLabel('Recovery code').fill(code ?? '')
      await dialog.getByRole('button', { name: 'Go on' }).click()
    }
    await giveCode(recovery[1])
    await page.getByText(/^300\.1\.2\.3: Give an address/).waitFor()
    await page.getByLabel('May be used from').fill('127.0.0.1')
    await giveCode(recovery[2])
    await page.getByRole('heading', { name: 'Your new key' }).waitFor()
    const key = (await page.getByText(/^cnop_/).textContent()) ?? ''
    const asked = () =>
      fetch(`${platform.url}/api/v1/balance`, { headers: { authorization: `Bearer ${key}` } })
    expect((await asked()).status).toBe(200)
    await page.getByLabel('I have kept it').check()
    await press(page, 'Done')
    expect(await page.getByText(/^cnop_/).count()).toBe(0)
    await page.getByRole('button', { name: 'Revoke Rebalancing bot' }).click()
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await page.getByText('No keys yet').waitFor()
    expect((await asked()).status).toBe(401)
  })

  it('another device is named in plain words, ended, and led to the sign-in page', async () => {
    const phone = await openDevice(PHONE)
    await signIn(phone)
    await heading(phone, 'Dashboard').waitFor()
    await page.goto('/settings/security')
    await page.getByText('Safari on iPhone').waitFor()
    await page.getByRole('button', { name: /^End the session of Safari on iPhone/ }).click()
    await eventually(async () => expect(await page.getByText('Safari on iPhone').count()).toBe(0))
    await heading(phone, 'Sign in').waitFor({ timeout: 30_000 })
    await heading(page, 'Security').waitFor()
  })

  it('a forgotten password is replaced by letter, and a weak one refused in a sentence', async () => {
    const stranger = await openDevice()
    await stranger.goto('/forgot-password')
    await stranger.getByLabel('E-mail address').fill(addressOf(username))
    await press(stranger, 'Send the link')
    await heading(stranger, 'Look into your mail').waitFor()
    const link = { to: addressOf(username), linkPath: '/reset-password' }
    await stranger.goto(`/reset-password#${await linkIn(platform.dataDir, link)}`)
    await stranger.getByLabel('New password').fill('passwordpassword')
    await press(stranger, 'Set the password')
    await stranger.getByText('Repeating something short makes no password.').waitFor()
    await stranger.getByLabel('New password').fill(`another ${PASSWORD}`)
    await press(stranger, 'Set the password')
    await heading(stranger, 'The password is new').waitFor()
    await signIn(stranger, `another ${PASSWORD}`)
    await heading(stranger, 'Dashboard').waitFor()
  })

  it('who guesses is told how long to wait', async () => {
    const guesser = await openDevice()
    await signIn(guesser, 'a wrong password')
    const alert = guesser.getByRole('alert')
    await alert.waitFor()
    const timer = guesser.getByRole('timer')
    for (let guesses = 0; guesses < 10 && (await timer.count()) === 0; guesses += 1) {
      await press(guesser, 'Sign in')
      await guesser.waitForTimeout(600)
    }
    expect(await timer.textContent()).toMatch(/in \d:\d\d\.$/)
    const left = await timer.textContent()
    await eventually(async () => expect(await timer.textContent()).not.toBe(left))
    expect(await guesser.getByLabel('Password', { exact: true }).inputValue()).not.toBe('')
  })

  it('what is chosen holds at once, before the next first paint, and on the next device', async () => {
    await page.goto('/settings/display')
    await page.getByText('kept in your account').waitFor()
    await page.getByText('Ink', { exact: true }).click()
    await page.getByText('Blue and orange', { exact: true }).click()
    await page.getByLabel('Numbers and dates').selectOption('de-DE')
    await page.getByText('1.234.567,80 $').waitFor()
    expect(await lookOf(page)).toEqual({ theme: 'dark', palette: 'colour-blind' })
    const other = await openDevice()
    await signIn(other)
    await heading(other, 'Dashboard').waitFor()
    await eventually(async () =>
      expect(await lookOf(other)).toEqual({ theme: 'dark', palette: 'colour-blind' }),
    )
    // Before any code of the pages has run.
    await other.route('**/app/index-*.js', (route) => route.abort())
    await other.reload()
    expect(await lookOf(other)).toEqual({ theme: 'dark', palette: 'colour-blind' })
  })

  it('an asset that is watched is so on every page, and what is refused is put back', async () => {
    const star = page.getByRole('button', { name: 'Watch Ethereum', exact: true })
    const isWatched = (wanted: boolean) =>
      eventually(async () => expect(await star.getAttribute('aria-pressed')).toBe(`${wanted}`))
    const kept = () => page.waitForResponse((answer) => answer.request().method() === 'PUT')
    const turn = () => Promise.all([kept(), star.click()])
    await page.goto('/markets')
    await turn()
    await isWatched(true)
    await press(page, 'Watched')
    await eventually(async () => expect(await page.getByRole('row').count()).toBe(2))
    await page.goto('/assets/ETH')
    await isWatched(true)
    await page.route(/\/api\/v1\/watchlist$/, (route) =>
      route.request().method() === 'PUT'
        ? route.fulfill(refusal(503, 'dependency-down'))
        : route.fallback(),
    )
    await turn()
    await isWatched(true)
    await page.unrouteAll()
    await turn()
    await isWatched(false)
    await page.goto('/markets?watched=true')
    await page.getByText('No asset fits').waitFor()
  })

  it('a stranger chooses too, and keeps it when opening an account', async () => {
    const stranger = await openDevice()
    await stranger.goto('/settings/display')
    await stranger.getByText('kept in this browser').waitFor()
    await stranger.getByText('Ink', { exact: true }).click()
    await stranger.goto('/settings/security')
    await heading(stranger, 'Sign in').waitFor()
    await signIn(stranger)
    await eventually(async () => {
      await page.reload()
      expect((await lookOf(page)).theme).toBe('dark')
    })
  })

  it('a password is changed with the keyboard alone', async () => {
    await page.goto('/settings/security')
    await page.getByText('No keys yet').waitFor()
    await tabTo('Change')
    await page.keyboard.press('Enter')
    await focused('Present password')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await focused('New password')
    await page.keyboard.type(`another ${PASSWORD}`)
    await page.keyboard.press('Enter')
    await page.getByText('The password is new').waitFor()
    await page.getByRole('status').and(page.locator(':focus')).waitFor()
  })

  const focused = (label: string) => page.getByLabel(label).and(page.locator(':focus')).waitFor()

  async function tabTo(button: string): Promise<void> {
    const wanted = page.getByRole('main').getByRole('button', { name: button, exact: true })
    for (let steps = 0; steps < 40; steps += 1) {
      await page.keyboard.press('Tab')
      if ((await wanted.and(page.locator(':focus')).count()) > 0) return
    }
    throw new Error(`The keyboard does not reach ${button}.`)
  }

  const lookOf = async (of: Page) => {
    const root = of.locator('html')
    return {
      theme: await root.getAttribute('data-theme'),
      palette: await root.getAttribute('data-palette'),
    }
  }

  it('everyone can use them', async () => {
    for (const name of ['Profile', 'Security', 'Display']) {
      await page.goto(`/settings/${name.toLowerCase()}`)
      await heading(page, name).waitFor()
      await page.getByRole('main').getByRole('button').last().waitFor()
      expect([name, ...(await violationsOn(page))]).toEqual([name])
    }
  })
})
