/** Days as people name them, and the instants at which they begin in the chosen time zone. */
import { timeFormat } from './formats.ts'

const DAY_MS = 86_400_000

/** `2026-03-29` to the instant at which it begins; milliseconds. */
export const startOfDay = (day: string): number => instantOf(dateOf(day))

/** The last millisecond of the day, which may have 23 hours, or 25. */
export const endOfDay = (day: string): number => instantOf(dateOf(day) + DAY_MS) - 1

/** The day as if it were one of UTC; a day that is none, such as the 31st of June, is the one after. */
function dateOf(day: string): number {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number)
  return Date.UTC(year, month - 1, date)
}

/**
 * The instant at which clocks there show midnight. They are asked twice: what they are ahead of UTC
 * at one end of the guess need not be so at the other.
 */
function instantOf(utcMidnight: number): number {
  const guess = utcMidnight - aheadOfUtc(utcMidnight)
  return utcMidnight - aheadOfUtc(guess)
}

/** Milliseconds that clocks in the chosen zone are ahead of UTC at an instant. */
function aheadOfUtc(instant: number): number {
  const parts = timeFormat({
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant))
  const shownAs = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0)
  const wall = Date.UTC(
    shownAs('year'),
    shownAs('month') - 1,
    shownAs('day'),
    shownAs('hour'),
    shownAs('minute'),
    shownAs('second'),
  )
  return wall - Math.floor(instant / 1000) * 1000
}
