import { expect, test } from 'vitest'
import { watchLoop } from './loop-lateness.ts'

/** What the loop is found to be after turns that came so much later than the one before. */
async function lateAfter(...gapsMs: readonly number[]): Promise<boolean> {
  let atMs = 0
  let turns = 0
  const loop = watchLoop({
    periodMs: 1,
    clock: () => {
      atMs += turns === 0 ? 0 : (gapsMs[turns - 1] ?? 1)
      turns += 1
      return atMs
    },
  })
  while (turns <= gapsMs.length) await new Promise((resolve) => setTimeout(resolve, 1))
  const { late } = loop
  loop.close()
  return late
}

test.each([
  [false, []],
  [false, [1, 1, 1]],
  [false, [400, 400]],
  [false, [60_000]],
  [false, [2_000, 1, 2_000]],
  [true, [600, 600]],
  [true, [1, 9_000, 600, 700]],
  [false, [600, 600, 1]],
])('late is %s after gaps of %j ms', async (late, gapsMs) => {
  expect(await lateAfter(...gapsMs)).toBe(late)
})
