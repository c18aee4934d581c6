/** What axe finds wrong on a page as it stands. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

/** By day and by night, on a desk and on phones of two widths: at 412 other rows meet the bar below. */
const LOOKS = [
  { colorScheme: 'light', width: 1280, height: 800 },
  { colorScheme: 'dark', width: 1280, height: 800 },
  { colorScheme: 'dark', width: 390, height: 844 },
  { colorScheme: 'light', width: 412, height: 823 },
] as const

/** For what a phone shows otherwise. */
export const ON_A_DESK = LOOKS.filter(({ width }) => width > 1_000)

/** On a desk and a phone, for what has no colours of its own. */
export const BY_NIGHT = LOOKS.filter(({ colorScheme }) => colorScheme === 'dark')

/** That targets are large enough for a finger axe judges only where it is told to. */
const RUN = `axe.run({ rules: { 'target-size': { enabled: true } } })`

/**
 * What has been told of a new look is drawn, and what is still fading has a colour that can be judged.
 * What moves for ever is not waited for.
 */
const SETTLED = `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(
  () =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
        .map((one) => one.finished.catch(() => undefined)),
    ),
)`

/** That an open dialog is above everything is what axe does not know: it would judge none of its colours. */
const LIFT_DIALOG = `document.querySelector('dialog[open]')?.style.setProperty('z-index', '1000')`

/** Each rule that is broken in a look, with the elements that break it. The page keeps its size. */
export async function violationsOn(
  page: Page,
  looks: readonly (typeof LOOKS)[number][] = LOOKS,
): Promise<readonly (readonly string[])[]> {
  await page.evaluate(AXE)
  await page.evaluate(LIFT_DIALOG)
  const size = page.viewportSize()
  const found: string[][] = []
  for (const { colorScheme, width, height } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    await page.evaluate(SETTLED)
    const { violations } = (await page.evaluate(RUN)) as AxeResults
    for (const { id, nodes } of violations)
      found.push([id, `${colorScheme}, ${width} wide`, ...nodes.map(({ html }) => html)])
  }
  if (size !== null) await page.setViewportSize(size)
  return found
}
