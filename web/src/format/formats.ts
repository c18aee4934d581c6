/** In which language figures are written and in which zone times are told; chosen once for all pages. */
import { useSyncExternalStore } from 'react'

type Formats = { readonly locale: string; readonly timeZone: string | undefined }

let chosen: Formats = { locale: 'en-US', timeZone: undefined }
const listeners = new Set<() => void>()
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

export function chooseFormats(formats: Formats): void {
  if (formats.locale === chosen.locale && formats.timeZone === chosen.timeZone) return
  chosen = formats
  made.clear()
  for (const listener of listeners) listener()
}

/** How the door writes, which knows nobody: a page is taken over in these, and drawn again in the chosen ones. */
export const WRITTEN_IN: Formats = { locale: 'en-US', timeZone: 'UTC' }

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Draws again when figures or times are to be written in another way. */
export function useFormats(): void {
  useSyncExternalStore(subscribe, formatsNow, formatsNow)
}

const formatsNow = (): Formats => chosen

/** The same for what shows no time. */
export function useLocale(): void {
  useSyncExternalStore(subscribe, localeNow, localeNow)
}

const localeNow = (): string => chosen.locale

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
