import { Problem } from '@cnop/contract/problem.ts'
import { t } from '../messages.ts'
import { Trouble } from '../ui/states.tsx'

/** Why something could not be shown, in the server's words where it had any. */
export function Refusal({
  title,
  error,
  onRetry,
}: {
  readonly title: string
  readonly error: unknown
  readonly onRetry?: () => void
}) {
  const { detail, requestId } = refusalWords(error)
  return <Trouble title={title} detail={detail} requestId={requestId} onRetry={onRetry} />
}

/** A sentence for a person; never the text of a library. */
export function refusalWords(error: unknown): {
  readonly detail: string
  readonly requestId: string | undefined
} {
  if (!(error instanceof Problem))
    return { detail: t('Something went wrong here.'), requestId: undefined }
  return { detail: sentence(error), requestId: error.requestId }
}

/** The same on one line, with the name under which the log knows it. */
export function refusalLine(error: unknown): string {
  const { detail, requestId } = refusalWords(error)
  return requestId === undefined ? detail : `${detail} (${requestId})`
}

function sentence(problem: Problem): string {
  const text = problem.message.endsWith('.') ? problem.message : `${problem.message}.`
  return problem.retryAfterSeconds === undefined
    ? text
    : t('{text} Try again in {seconds, plural, one {# second} other {# seconds}}.', {
        text,
        seconds: problem.retryAfterSeconds,
      })
}
