import { showDate } from '../../format/time.ts'
import { t } from '../../messages.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long ago, as one would say it; after a day the date. */
export function seenAgo(instant: string, nowMs: number): string {
  const ms = nowMs - Date.parse(instant)
  if (ms < MINUTE_MS) return t('just now')
  if (ms < HOUR_MS)
    return t('{count, plural, one {# minute} other {# minutes}} ago', {
      count: Math.floor(ms / MINUTE_MS),
    })
  if (ms < DAY_MS)
    return t('{count, plural, one {# hour} other {# hours}} ago', {
      count: Math.floor(ms / HOUR_MS),
    })
  return showDate(instant)
}
