/** Languages that figures can be written in, and zones that times can be told in. */

/** Each writes numbers or dates in another way; the words of the pages stay as they are. */
const LOCALES = [
  'en-US',
  'en-GB',
  'en-IN',
  'de-DE',
  'de-CH',
  'fr-FR',
  'es-ES',
  'it-IT',
  'nl-NL',
  'pt-BR',
  'sv-SE',
  'pl-PL',
  'ja-JP',
  'ko-KR',
  'zh-CN',
] as const

type Choice = { readonly value: string; readonly label: string }

/** `English (United States) · 1,234.50`; one that was chosen elsewhere is there too. */
export function localeChoices(chosen: string): readonly Choice[] {
  const names = new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard' })
  return withChosen(LOCALES, chosen).map((value) => ({
    value,
    label: `${names.of(value) ?? value} · ${new Intl.NumberFormat(value, { minimumFractionDigits: 2 }).format(1234.5)}`,
  }))
}

/** By name, as the zones are known everywhere. */
export const zoneNames = (chosen: string): readonly string[] =>
  withChosen(
    ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')],
    chosen,
  )

export const deviceZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

const withChosen = (known: readonly string[], chosen: string): readonly string[] =>
  chosen === 'system' || known.includes(chosen) ? known : [chosen, ...known]
