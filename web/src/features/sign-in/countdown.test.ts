import { expect, it } from 'vitest'
import { countdown } from './countdown.ts'

it.each([
  [0, '0:00'],
  [9, '0:09'],
  [272, '4:32'],
  [3_600, '1:00:00'],
  [86_399, '23:59:59'],
])('%i seconds are %s', (seconds, shown) => {
  expect(countdown(seconds)).toBe(shown)
})
