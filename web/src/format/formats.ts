/** In which language figures are written and in which zone times are told; chosen once for all pages. */
type Formats = { readonly locale: string; readonly timeZone: string | undefined }

let chosen: Formats = { locale: 'en-US', timeZone: undefined }
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

/** What is on the screen already must be drawn again by whoever calls this. */
export function chooseFormats(formats: Formats): void {
  if (formats.locale === chosen.locale && formats.timeZone === chosen.timeZone) return
  chosen = formats
  made.clear()
}

/** The first formatter of a kind costs tens of milliseconds on a phone, so each is made once. */
export function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached(`n${JSON.stringify(options)}`, () => new Intl.NumberFormat(chosen.locale, options))
}

export function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { timeZone } = chosen
  const zoned = timeZone === undefined ? options : { ...options, timeZone }
  return cached(`t${JSON.stringify(zoned)}`, () => new Intl.DateTimeFormat(chosen.locale, zoned))
}

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const found = made.get(key) ?? make()
  made.set(key, found)
  return found as T
}
