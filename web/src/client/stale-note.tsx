import type { UseQueryResult } from '@tanstack/react-query'
import { showTime } from '../format/time.ts'
import { t } from '../messages.ts'
import { Button } from '../ui/button.tsx'
import { askAgain } from './queries.ts'
import { refusalWords } from './refusal-words.ts'
import { troubleOf } from './trouble.ts'

/** What is shown stays, but it could not be asked again: how old it is, and why. */
export function StaleNote({
  query,
}: {
  readonly query: Pick<
    UseQueryResult,
    'data' | 'error' | 'failureCount' | 'failureReason' | 'dataUpdatedAt'
  >
}) {
  const { data, dataUpdatedAt } = query
  const error = troubleOf(query)
  if (data === undefined || error === null) return null
  const { detail, requestId } = refusalWords(error)
  return (
    <div
      role="alert"
      className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-dashed border-warning px-4 py-2.5 text-sm"
    >
      <p className="min-w-0 flex-1">
        <span className="font-semibold text-warning">
          {t('As of {time}.', { time: showTime(dataUpdatedAt) })}
        </span>{' '}
        {detail}
        {requestId === undefined ? null : (
          <span className="block text-xs text-ink-3">
            {t('Request')} <code className="font-code break-all select-all">{requestId}</code>
          </span>
        )}
      </p>
      <Button size="sm" onClick={askAgain}>
        {t('Try again')}
      </Button>
    </div>
  )
}
