import type { Problem } from '@cnop/contract/problem.ts'
import { useState } from 'react'
import { t } from '../messages.ts'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/use-now.ts'

const SECOND = 1_000

/** What stands in the way right now, and how long; with a way to try again where that may help. */
export function ProblemNote({
  problem,
  words,
  secondsLeft,
  onRetry,
}: {
  readonly problem: Problem
  readonly words: string
  /** Before that many seconds it will not help to try again. */
  readonly secondsLeft: number
  readonly onRetry?: () => void
}) {
  return (
    <div className="grid gap-2 rounded-md border border-danger/60 px-3 py-2.5 text-sm">
      <p role="alert">{words}</p>
      {secondsLeft > 0 ? (
        <p className="text-ink-2">
          {t('Try again in {seconds, plural, one {# second} other {# seconds}}.', {
            seconds: secondsLeft,
          })}
        </p>
      ) : null}
      {onRetry === undefined ? null : (
        <Button size="sm" disabled={secondsLeft > 0} onClick={onRetry}>
          {t('Try again')}
        </Button>
      )}
      {problem.requestId === undefined ? null : (
        <p className="text-xs text-ink-3">
          {t('Request')} <code className="font-code break-all select-all">{problem.requestId}</code>
        </p>
      )}
    </div>
  )
}

/** Counts down what the platform asked to wait. */
export function useSecondsLeft(problem: Problem | undefined): number {
  const waitMs = (problem?.retryAfterSeconds ?? 0) * SECOND
  const [since, setSince] = useState({ problem, atMs: Date.now() })
  // A new refusal counts from now, at once.
  if (waitMs > 0 && since.problem !== problem) setSince({ problem, atMs: Date.now() })
  const untilMs = since.atMs + waitMs
  const now = useNow(waitMs > 0)
  return waitMs > 0 ? Math.max(0, Math.ceil((untilMs - Math.max(now, since.atMs)) / SECOND)) : 0
}
