import type { Problem } from '@cnop/contract/problem.ts'
import { Trouble } from '../ui/states.tsx'
import { useSecondsLeft } from './problem-note.tsx'
import { refusalSentence } from './refusal-words.ts'

/** A refusal that passes at a moment the platform has named: the seconds until then go by. */
export function CountedRefusal({
  problem,
  onRetry,
  ...trouble
}: {
  readonly title: string
  readonly problem: Problem
  readonly wholePage?: boolean
  readonly onRetry?: () => void
}) {
  const secondsLeft = useSecondsLeft(problem)
  const tooOften = problem.status === 429 && secondsLeft > 0
  return (
    <Trouble
      {...trouble}
      detail={refusalSentence(problem, secondsLeft)}
      requestId={problem.requestId}
      onRetry={tooOften ? undefined : onRetry}
    />
  )
}
