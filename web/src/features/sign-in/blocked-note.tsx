import { t } from '../../messages.ts'
import { useNow } from '../../ui/use-now.ts'
import { countdown } from './countdown.ts'

export type Block = { readonly untilMs: number; readonly says: string }

const SECOND = 1_000

/** Why nobody may try now, and for how long. The seconds are seen, and not read out one by one. */
export function BlockedNote({ untilMs, says }: Block) {
  const left = Math.ceil((untilMs - useNow(true)) / SECOND)
  if (left <= 0) return <p role="status">{t('You can try again now.')}</p>
  return (
    <div className="rounded-md border border-warning px-3 py-2 text-sm">
      <p role="alert" className="text-warning">
        {says}
      </p>
      <p role="timer" className="text-ink-2">
        {t('You can try again in {time}.', { time: countdown(left) })}
      </p>
    </div>
  )
}
