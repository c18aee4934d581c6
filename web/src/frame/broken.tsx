import { refusalWords } from '../client/refusal.tsx'
import { t } from '../messages.ts'
import { Trouble } from '../ui/states.tsx'

/** A page that could not be shown. Stands on nothing that could be what has broken. */
export function Broken({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const { detail, requestId } = refusalWords(error)
  return (
    <Trouble
      title={t('This page could not be shown')}
      detail={
        isMissingCode(error)
          ? t('There is a newer version of it, or the platform cannot be reached.')
          : detail
      }
      requestId={requestId}
      onRetry={() => (isMissingCode(error) ? location.reload() : reset())}
    />
  )
}

/** A chunk of the pages that is not there any more: another build is. */
const isMissingCode = (error: unknown): boolean =>
  error instanceof TypeError && /import|module/i.test(error.message)
