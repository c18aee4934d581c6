import { type FieldError, Problem } from '@cnop/contract/problem.ts'
import type { Preferences } from '@cnop/contract/user.ts'
import type { ChosenPreferences } from './preferences-rows.ts'

/** What a customer has who has set nothing. */
export const PREFERENCES_DEFAULT: Preferences = {
  theme: 'system',
  palette: 'standard',
  up_colour: 'green',
  time_zone: 'system',
  locale: 'en-US',
  live_prices: true,
  hide_balances: false,
}

/** Throws `invalid-input` for a time zone or a language that no page could show. */
export function decidePreferences({
  stored,
  changes,
  now,
}: {
  stored: ChosenPreferences | undefined
  changes: Partial<Preferences>
  /** RFC 3339, UTC. */
  now: string
}): ChosenPreferences {
  refuseUnknown(changes)
  return {
    chosen: { ...stored?.chosen, ...changes },
    updatedAt: now,
    version: (stored?.version ?? 0n) + 1n,
  }
}

function refuseUnknown({ time_zone, locale }: Partial<Preferences>): void {
  const errors: FieldError[] = []
  if (time_zone !== undefined && !isTimeZone(time_zone)) {
    const message = 'Give a time zone such as Europe/Berlin, or UTC.'
    errors.push({ field: 'time_zone', message })
  }
  if (locale !== undefined && !isLocale(locale)) {
    errors.push({ field: 'locale', message: 'Give a language such as en-US.' })
  }
  if (errors.length > 0) throw new Problem('invalid-input', { errors })
}

/** The form of a name of the IANA database; offsets and the old short names are none. */
const TIME_ZONE = /^(UTC|GMT|(?!SystemV)[A-Z][A-Za-z]+(\/[A-Za-z0-9_+-]+)+)$/

const isTimeZone = (text: string): boolean =>
  text === PREFERENCES_DEFAULT.time_zone ||
  (TIME_ZONE.test(text) && fits(() => new Intl.DateTimeFormat('en', { timeZone: text })))

const isLocale = (text: string): boolean =>
  fits(() => Intl.getCanonicalLocales(text)) &&
  Intl.DateTimeFormat.supportedLocalesOf(text).length > 0

/** `Intl` answers a name it does not know with a RangeError. */
function fits(use: () => unknown): boolean {
  try {
    use()
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
