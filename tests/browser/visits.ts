/** How tests come to the pages: on which screens, as whom, and what a refusal looks like on the wire. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { vi } from 'vitest'
import { PASSWORD } from '../customers.ts'

export const DESKTOP = { viewport: { width: 1440, height: 900 } }
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

const STANDS_MS_MAX = 30_000

export type Visit = {
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained of. */
  readonly complaints: readonly string[]
}

export async function visit(browser: Browser, url: string, screen = DESKTOP): Promise<Visit> {
  const context = await browser.newContext({ ...screen, baseURL: url, reducedMotion: 'reduce' })
  const complaints: string[] = []
  context.on('console', (said) => {
    if (said.type() === 'error') complaints.push(said.text())
  })
  context.on('weberror', (thrown) => complaints.push(thrown.error().message))
  return { context, page: await context.newPage(), complaints }
}

/**
 * A page that arrived written is only to be looked at until its code has come. Asked from outside:
 * the policy of the page lets nothing be evaluated in it.
 */
export async function stands(page: Page): Promise<void> {
  const live =
    "Object.keys(document.querySelector('h1') ?? {}).some((key) => key.startsWith('__react'))"
  const untilMs = Date.now() + STANDS_MS_MAX
  while (!(await page.evaluate<boolean>(live))) {
    if (Date.now() > untilMs) throw new Error(`${page.url()} does not stand.`)
    await page.waitForTimeout(50)
  }
}

/**
 * The door is taken for one that could not write its pages: they come empty, and ask for everything.
 * Answers to the pages' own questions are not touched.
 */
export const leaveUnwritten = (page: Page): Promise<unknown> =>
  page.route(
    () => true,
    async (route) => {
      if (route.request().resourceType() !== 'document') return route.fallback()
      const response = await route.fetch()
      const written =
        /<div id="root">.*<script type="application\/json" id="taken-over">.*?<\/script>/s
      const body = (await response.text()).replace(written, '<div id="root"></div>')
      return route.fulfill({ response, body })
    },
  )

/** However busy the machine is. */
export const eventually = (holds: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(holds, 15_000)

/** On the page that asks who this is. */
export async function signIn(page: Page, username: string, code?: string): Promise<void> {
  await page.getByLabel(/^User name/).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  const enter = page.getByRole('main').getByRole('button', { name: 'Sign in' })
  await enter.click()
  if (code === undefined) return
  await page.getByLabel('Code of your app').fill(code)
  await enter.click()
}

/** Walks by the tabulator until the element has the focus. */
export async function tabTo(target: Locator, stepsMax = 80): Promise<void> {
  await target.waitFor()
  const page = target.page()
  for (let step = 0; step < stepsMax; step += 1) {
    if (await target.evaluate((element) => element.matches(':focus'))) return
    await page.keyboard.press('Tab')
  }
  throw new Error('The tabulator does not lead there.')
}

export const refusal = (status: number, code: string, headers: Record<string, string> = {}) => ({
  status,
  headers: { ...headers, 'content-type': 'application/problem+json' },
  body: JSON.stringify({ code, request_id: 'request-of-this-test' }),
})

/** Everything but the way in, which would say that nobody is signed in. */
export const ANSWERS = /\/api\/v1\/(?!auth\/(refresh|login|register)$|stream|preferences)/
