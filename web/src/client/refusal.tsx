import { Problem } from '@cnop/contract/problem.ts'
import { t } from '../messages.ts'
import { onDemand } from '../ui/on-demand.tsx'
import { Trouble } from '../ui/states.tsx'

export type RefusalProps = {
  readonly title: string
  readonly error: unknown
  readonly wholePage?: boolean
  readonly onRetry?: () => void
}

const Counted = onDemand(
  async () => (await import('./counted-refusal.tsx')).CountedRefusal,
  Plain,
)

/** Why something could not be shown, in the server's words where it had any. */
export function Refusal(props: RefusalProps) {
  const { error } = props
  const waits = error instanceof Problem && error.retryAfterSeconds !== undefined
  return waits ? <Counted {...props} /> : <Plain {...props} />
}

function Plain({ error, ...trouble }: RefusalProps) {
  return <Trouble {...trouble} {...refusalWords(error)} />
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

export function sentence({ message }: Problem, seconds: number | undefined): string {
  const text = message.endsWith('.') ? message : `${message}.`
  return seconds === undefined || seconds === 0
    ? text
    : t('{text} Try again in {seconds, plural, one {# second} other {# seconds}}.', {
        text,
        seconds,
      })
}
