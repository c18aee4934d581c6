/** How well a name fits what is searched: each word must begin a word of it; a whole word fits best. */
export function matchWords(name: string, search: string): number {
  const words = wordsOf(name)
  const fits = wordsOf(search).map((wanted) => fitOf(words, wanted))
  if (fits.includes(0)) return 0
  return fits.length === 0 ? 1 : fits.reduce((sum, fit) => sum + fit, 0) / fits.length
}

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

function fitOf(words: readonly string[], wanted: string): number {
  if (words.includes(wanted)) return 1
  return words.some((word) => word.startsWith(wanted)) ? 0.5 : 0
}
