/** How this browser shows the pages. Kept here; `web/first-paint.js` reads it before anything is drawn. */
import { create } from 'zustand'
import { onServer } from '../client/on-server.ts'
import { prices } from '../client/stream.ts'
import { chooseFormats } from '../format/formats.ts'

export type Appearance = {
  readonly theme: 'system' | 'light' | 'dark'
  readonly palette: 'standard' | 'colour-blind'
  readonly upColour: 'green' | 'red'
  readonly livePrices: boolean
  readonly hideBalances: boolean
  /** Whether single letters do something; of this browser alone. */
  readonly letterKeys: boolean
  /** `system`: that of this device. */
  readonly timeZone: string
  readonly locale: string
}

const KEPT = 'appearance'

const DEFAULT: Appearance = {
  theme: 'system',
  palette: 'standard',
  upColour: 'green',
  livePrices: true,
  hideBalances: false,
  letterKeys: true,
  timeZone: 'system',
  locale: 'en-US',
}

export const useAppearance = create<Appearance>(() => DEFAULT)
// A page that is taken over was written for the default, and is drawn again after.
useAppearance.setState(kept())

/** Storage may be forbidden, or hold what an older version wrote. */
function kept(): Partial<Appearance> {
  if (onServer) return {}
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Appearance>
  } catch {
    return {}
  }
}

type Choice = (change: Partial<Appearance>) => void

const choices = new Set<Choice>()

/** Hears of what somebody chooses here. */
export const onChoice = (listener: Choice): void => void choices.add(listener)

export function choose(change: Partial<Appearance>): void {
  adopt(change)
  for (const hear of choices) hear(change)
}

/** Takes over what was chosen elsewhere. */
export function adopt(change: Partial<Appearance>): void {
  useAppearance.setState(change)
  try {
    localStorage.setItem(KEPT, JSON.stringify(useAppearance.getState()))
  } catch {
    // What is chosen holds for this visit.
  }
}

const systemDark = onServer ? undefined : matchMedia('(prefers-color-scheme: dark)')

function apply({ theme, palette, upColour, livePrices, locale, timeZone }: Appearance): void {
  const { dataset } = document.documentElement
  dataset['theme'] = theme === 'system' ? (systemDark?.matches ? 'dark' : 'light') : theme
  mark(dataset, 'palette', palette === 'colour-blind' ? palette : undefined)
  mark(dataset, 'up', upColour === 'red' ? upColour : undefined)
  prices.pause(!livePrices)
  chooseFormats({
    locale: fits(() => Intl.getCanonicalLocales(locale)) ? locale : DEFAULT.locale,
    timeZone: timeZone !== DEFAULT.timeZone && isZone(timeZone) ? timeZone : undefined,
  })
}

const isZone = (timeZone: string): boolean =>
  fits(() => new Intl.DateTimeFormat('en', { timeZone }))

/** Another browser may know zones and languages that this one does not. */
function fits(use: () => unknown): boolean {
  try {
    use()
    return true
  } catch {
    return false
  }
}

function mark(dataset: DOMStringMap, name: string, value: string | undefined): void {
  if (value === undefined) delete dataset[name]
  else dataset[name] = value
}

/** From now on the document looks as chosen, here and in other tabs. */
export function followAppearance(): void {
  apply(useAppearance.getState())
  useAppearance.subscribe(apply)
  systemDark?.addEventListener('change', () => apply(useAppearance.getState()))
  addEventListener('storage', ({ key }) => {
    if (key === KEPT) useAppearance.setState({ ...DEFAULT, ...kept() })
  })
}
