/** The Chromium of this host, for tests that need a real browser. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
]

export const CHROMIUM = PLACES.find((place) => existsSync(place))

export function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('There is no Chromium on this host.')
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}
