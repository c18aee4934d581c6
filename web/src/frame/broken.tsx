import { useRouter } from '@tanstack/react-router'
import { useCallback, useEffect } from 'react'
import { NotArrived } from '../client/arrival.ts'
import { refusalWords } from '../client/refusal-words.ts'
import { t } from '../messages.ts'
import { Trouble } from '../ui/states.tsx'

const LOOK_MS = 3_000

/** A page that could not be shown. Stands on nothing that could be what has broken. */
export function Broken({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const missing = error instanceof NotArrived || isMissingCode(error)
  const router = useRouter()
  const look = useCallback(() => void router.invalidate(), [router])
  useEffect(() => {
    if (!missing) return
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [missing, look])
  const words = missing
    ? { detail: t('The platform cannot be reached. The page comes by itself once it can be.') }
    : refusalWords(error)
  return (
    <Trouble
      wholePage
      title={missing ? t('This page has not arrived') : t('This page could not be shown')}
      {...words}
      onRetry={missing ? look : reset}
    />
  )
}

/** A chunk that is not there any more, even after the document was loaded again. */
const isMissingCode = (error: unknown): boolean =>
  error instanceof TypeError && /import|module/i.test(error.message)
