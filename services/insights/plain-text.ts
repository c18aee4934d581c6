/** What a model has written, as text that cannot be anything else. */
import { ModelFault } from './model.ts'

/** More is not read: what follows would not be shown, and odd text takes long to look through. */
const ANSWER_LENGTH_MAX = 4_000
const SUMMARY_LENGTH_MAX = 700
const SENTENCES_MAX = 4
/** Shorter is no analysis. */
const SUMMARY_LENGTH_MIN = 20

/**
 * The first sentences of an answer, without markup, addresses and characters that cannot be seen.
 * Throws `broken-answer` where nothing is left that could be read.
 */
export function plainSentences(answer: string): string {
  const text = withoutMarkup(answer.slice(0, ANSWER_LENGTH_MAX))
  const sentences = text.split(/(?<=[.!?])\s+/).filter((sentence) => /[.!?]$/.test(sentence))
  let summary = ''
  for (const sentence of sentences.slice(0, SENTENCES_MAX)) {
    const longer = `${summary} ${sentence}`.trim()
    if (longer.length > SUMMARY_LENGTH_MAX) break
    summary = longer
  }
  if (summary.length < SUMMARY_LENGTH_MIN) {
    throw new ModelFault('broken-answer', 'The model wrote nothing that can be shown.')
  }
  return summary
}

const ADDRESS =
  /(?:\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\b(?:mailto|javascript|data|tel):)\S*[^\s.,;:!?]|\S+@\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?:[/:?#]\S*)?/gi

const withoutMarkup = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>?/g, ' ')
    .replace(ADDRESS, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[*_`#~|<>[\]{}\\]/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.,;:!?])/g, '')
    .trim()
