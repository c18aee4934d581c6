import { expect, it } from 'vitest'
import { chooseFormats } from '../../format/formats.ts'
import { seenAgo } from './seen-ago.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')

it.each([
  ['2026-03-10T11:59:30Z', 'just now'],
  ['2026-03-10T12:00:05Z', 'just now'],
  ['2026-03-10T11:59:00Z', '1 minute ago'],
  ['2026-03-10T11:01:00Z', '59 minutes ago'],
  ['2026-03-10T11:00:00Z', '1 hour ago'],
  ['2026-03-09T12:00:01Z', '23 hours ago'],
  ['2026-03-09T12:00:00Z', 'Mar 9, 2026'],
])('%s is %s at noon of the 10th', (instant, said) => {
  chooseFormats({ locale: 'en-US', timeZone: 'UTC' })
  expect(seenAgo(instant, NOW)).toBe(said)
})
