import type { ReactNode } from 'react'
import { t } from '../messages.ts'
import { useAppearance } from './appearance.ts'

/** A figure that is nobody else's business: dots while balances are hidden. */
export function PrivateFigure({ children }: { readonly children: ReactNode }) {
  const hidden = useAppearance(({ hideBalances }) => hideBalances)
  if (!hidden) return children
  return (
    <span>
      <span aria-hidden="true">•••••</span>
      <span className="sr-only">{t('hidden')}</span>
    </span>
  )
}
