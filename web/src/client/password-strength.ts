/** How hard a password is to guess, without rules of composition: its length, less what is predictable in it. */
export type Strength = 'weak' | 'fair' | 'strong'

const FAIR = 10
const STRONG = 14

export function strengthOf(password: string, personal: readonly string[] = []): Strength {
  const lower = password.toLowerCase()
  const known = personal
    .map((text) => text.toLowerCase())
    .filter((text) => text.length > 3 && lower.includes(text))
  const bare = known.reduce((text, one) => text.replaceAll(one, ''), lower)
  const surprising = [...bare].filter((letter, index, all) =>
    isSurprise(letter, all.slice(0, index)),
  )
  if (surprising.length < FAIR) return 'weak'
  return surprising.length < STRONG ? 'fair' : 'strong'
}

/** Not the one before again, nor the next of a row such as `abc` or `321`, nor a letter for the third time. */
function isSurprise(letter: string, before: readonly string[]): boolean {
  const step = (letter.codePointAt(0) ?? 0) - (before.at(-1)?.codePointAt(0) ?? Number.NaN)
  const often = before.filter((one) => one === letter).length > 1
  return !(Math.abs(step) <= 1 || often)
}
