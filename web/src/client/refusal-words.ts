/** What went wrong, in words for a person. */
import { Problem } from '@cnop/contract/problem.ts'
import { t } from '../messages.ts'

/** A sentence for a person; never the text of a library. */
export function refusalWords(error: unknown): {
  readonly detail: string
  readonly requestId: string | undefined
} {
  if (!(error instanceof Problem))
    return { detail: t('Something went wrong here.'), requestId: undefined }
  return { detail: refusalSentence(error, error.retryAfterSeconds), requestId: error.requestId }
}

/** The same on one line, with the name under which the log knows it; `wait`: and how long to wait. */
export function refusalLine(error: unknown, { wait = true } = {}): string {
  const { detail, requestId } = refusalWords(error)
  const text = wait || !(error instanceof Problem) ? detail : refusalSentence(error, undefined)
  return requestId === undefined ? text : `${text} (${requestId})`
}

/** What a refusal says, and how long to wait where it says that too. */
export function refusalSentence({ message }: Problem, seconds: number | undefined): string {
  const text = message.endsWith('.') ? message : `${message}.`
  return seconds === undefined || seconds === 0
    ? text
    : t('{text} Try again in {seconds, plural, one {# second} other {# seconds}}.', {
        text,
        seconds,
      })
}
