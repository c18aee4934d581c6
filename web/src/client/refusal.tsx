import { Problem } from '@cnop/contract/problem.ts'
import { onDemand } from '../ui/on-demand.tsx'
import { Trouble } from '../ui/states.tsx'
import { refusalWords } from './refusal-words.ts'

type RefusalProps = {
  readonly title: string
  readonly error: unknown
  readonly wholePage?: boolean
  readonly onRetry?: () => void
}

const Counted = onDemand(
  async () => (await import('./counted-refusal.tsx')).CountedRefusal,
  ({ problem, ...props }) => <Plain error={problem} {...props} />,
)

/** Why something could not be shown, in the server's words where it had any. */
export function Refusal({ error, ...props }: RefusalProps) {
  return error instanceof Problem && error.retryAfterSeconds !== undefined ? (
    <Counted problem={error} {...props} />
  ) : (
    <Plain error={error} {...props} />
  )
}

function Plain({ error, ...trouble }: RefusalProps) {
  return <Trouble {...trouble} {...refusalWords(error)} />
}
