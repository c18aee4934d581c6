import { t } from '../../messages.ts'
import { useNow } from '../../ui/use-now.ts'

/** A quote is hardly older than this when it is handed out; a greater difference is another clock. */
const AGE_MS_MAX = 60_000

/** How long ago the price was true. Counts on. */
export function QuoteAge({
  asOf,
  askedMs,
}: {
  readonly asOf: string
  /** When it was answered, by the clock of this device. */
  readonly askedMs: number
}) {
  const now = useNow(true)
  const ageThen = askedMs - Date.parse(asOf)
  const trusted = ageThen >= 0 && ageThen <= AGE_MS_MAX ? ageThen : 0
  const seconds = Math.max(0, Math.floor((now - askedMs + trusted) / 1_000))
  return t('{seconds, plural, one {# second} other {# seconds}}', { seconds })
}
