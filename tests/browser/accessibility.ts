/** What axe finds wrong on a page as it stands. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

/** What is still fading has no colour that could be judged. What moves for ever is not waited for. */
const SETTLED = `Promise.all(
  document
    .getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => undefined)),
)`

/** That an open dialog is above everything is what axe does not know: it would judge none of its colours. */
const LIFT_DIALOG = `document.querySelector('dialog[open]')?.style.setProperty('z-index', '1000')`

/** Each rule that is broken, with the elements that break it. */
export async function violationsOn(page: Page): Promise<readonly (readonly string[])[]> {
  await page.evaluate(AXE)
  await page.evaluate(SETTLED)
  await page.evaluate(LIFT_DIALOG)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])
}
