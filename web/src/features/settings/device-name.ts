/** What a browser calls itself, in the words of the one who bought it. */
import { t } from '../../messages.ts'

type Known = readonly (readonly [RegExp, string])[]

/** The first that fits: most browsers also claim to be those they descend from. */
const BROWSERS: Known = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]

const SYSTEMS: Known = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b/, 'Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

/** `Firefox on Windows`; of a program its name, such as `curl`. */
export function deviceName(userAgent: string): string {
  const browser = nameIn(BROWSERS, userAgent)
  const system = nameIn(SYSTEMS, userAgent)
  if (browser !== undefined && system !== undefined)
    return t('{browser} on {system}', { browser, system })
  const program = /^([A-Za-z][\w.-]{0,29})(?:\/|\s|$)/.exec(userAgent)?.[1]
  return browser ?? system ?? program ?? t('Unknown device')
}

const nameIn = (known: Known, userAgent: string): string | undefined =>
  known.find(([sign]) => sign.test(userAgent))?.[1]

export type DeviceKind = 'computer' | 'phone' | 'program'

export function deviceKind(userAgent: string): DeviceKind {
  const system = nameIn(SYSTEMS, userAgent)
  if (system === undefined) return 'program'
  return system === 'iPhone' || system === 'iPad' || system === 'Android' ? 'phone' : 'computer'
}
