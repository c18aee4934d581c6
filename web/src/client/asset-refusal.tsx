import { Problem } from '@cnop/contract/problem.ts'
import { Link } from '@tanstack/react-router'
import { t } from '../messages.ts'
import { buttonClasses } from '../ui/button.tsx'
import { Empty } from '../ui/states.tsx'
import { askAgain } from './queries.ts'
import { Refusal } from './refusal.tsx'

/** Why a page about one asset cannot be shown; where there is no such asset, the way to those there are. */
export function AssetRefusal({
  assetId,
  title,
  error,
}: {
  readonly assetId: string
  readonly title: string
  readonly error: Error
}) {
  if (!(error instanceof Problem) || (error.status !== 404 && error.status !== 422)) {
    return <Refusal wholePage title={title} error={error} onRetry={askAgain} />
  }
  return (
    <Empty
      title={t('No asset is called {id}', { id: assetId })}
      action={
        <Link to="/markets" className={buttonClasses('primary')}>
          {t('See the markets')}
        </Link>
      }
    >
      {t('It may be traded under another symbol: search the markets.')}
    </Empty>
  )
}
