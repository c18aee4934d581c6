import { Eye, EyeOff } from 'lucide-react'
import { t } from '../messages.ts'
import { choose, useAppearance } from './appearance.ts'

/** The eye beside a sum: closed, all sums are dots. */
export function HideBalances() {
  const hidden = useAppearance(({ hideBalances }) => hideBalances)
  const Icon = hidden ? EyeOff : Eye
  return (
    <button
      type="button"
      aria-pressed={hidden}
      aria-label={t('Hide balances')}
      aria-keyshortcuts="h"
      onClick={() => choose({ hideBalances: !hidden })}
      className="grid size-7 place-items-center rounded-sm text-ink-3 hover:bg-raised hover:text-ink"
    >
      <Icon aria-hidden="true" className="size-4" />
    </button>
  )
}
