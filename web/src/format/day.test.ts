import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { endOfDay, startOfDay } from './day.ts'
import { chooseFormats } from './formats.ts'

afterEach(() => chooseFormats({ locale: 'en-US', timeZone: undefined }))

const inZone = (timeZone: string, locale = 'en-US') => chooseFormats({ locale, timeZone })
const spanOf = (day: string) =>
  [startOfDay(day), endOfDay(day)].map((ms) => new Date(ms).toISOString())

it.each([
  ['UTC', '2026-03-01', '2026-03-01T00:00:00.000Z', '2026-03-01T23:59:59.999Z'],
  ['Europe/Berlin', '2026-01-15', '2026-01-14T23:00:00.000Z', '2026-01-15T22:59:59.999Z'],
  // Clocks go forward, and back.
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z'],
  ['Pacific/Auckland', '2026-04-05', '2026-04-04T11:00:00.000Z', '2026-04-05T11:59:59.999Z'],
  ['Asia/Kathmandu', '2026-06-01', '2026-05-31T18:15:00.000Z', '2026-06-01T18:14:59.999Z'],
  ['Pacific/Kiritimati', '2026-06-01', '2026-05-31T10:00:00.000Z', '2026-06-01T09:59:59.999Z'],
])('in %s the %s begins and ends when clocks there say so', (zone, day, begins, ends) => {
  inZone(zone)
  expect(spanOf(day)).toEqual([begins, ends])
})

it('days follow each other without a gap, in any zone and language', () => {
  const zones = ['UTC', 'Europe/London', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Tokyo']
  const locales = ['en-US', 'de-DE', 'ar-EG', 'th-TH']
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...locales),
      fc.integer({ min: 0, max: 3_000 }),
      (zone, locale, number) => {
        inZone(zone, locale)
        const day = (count: number) =>
          new Date(Date.UTC(2022, 0, 1 + count)).toISOString().slice(0, 10)
        expect(endOfDay(day(number)) + 1).toBe(startOfDay(day(number + 1)))
      },
    ),
  )
})
