import { Problem } from '@cnop/contract/problem.ts'
import { t } from '../messages.ts'
import { Trouble } from '../ui/states.tsx'
import { useSecondsLeft } from './problem-note.tsx'

/** Why something could not be shown, in the server's words where it had any. */
export function Refusal({
  title,
  error,
  onRetry,
  wholePage = false,
}: {
  readonly title: string
  readonly error: unknown
  readonly wholePage?: boolean
  readonly onRetry?: () => void
}) {
  const { requestId } = refusalWords(error)
  const problem = error instanceof Problem ? error : undefined
  const secondsLeft = useSecondsLeft(problem)
  const tooOften = problem?.status === 429 && secondsLeft > 0
  return (
    <Trouble
      title={title}
      wholePage={wholePage}
      detail={problem === undefined ? refusalWords(error).detail : sentence(problem, secondsLeft)}
      requestId={requestId}
      onRetry={tooOften ? undefined : onRetry}
    />
  )
}

/** A sentence for a person; never the text of a library. */
export function refusalWords(error: unknown): {
  readonly detail: string
  readonly requestId: string | undefined
} {
  if (!(error instanceof Problem))
    return { detail: t('Something went wrong here.'), requestId: undefined }
  return { detail: sentence(error, error.retryAfterSeconds), requestId: error.requestId }
}

/** The same on one line, with the name under which the log knows it; `wait`: and how long to wait. */
export function refusalLine(error: unknown, { wait = true } = {}): string {
  const { detail, requestId } = refusalWords(error)
  const text = wait || !(error instanceof Problem) ? detail : sentence(error, undefined)
  return requestId === undefined ? text : `${text} (${requestId})`
}

function sentence({ message }: Problem, seconds: number | undefined): string {
  const text = message.endsWith('.') ? message : `${message}.`
  return seconds === undefined || seconds === 0
    ? text
    : t('{text} Try again in {seconds, plural, one {# second} other {# seconds}}.', {
        text,
        seconds,
      })
}
