/** When a question that was not answered is asked again, and from when on that is worth a word. */
import { Problem } from '@cnop/contract/problem.ts'

const SECOND = 1_000
const PAUSE_MS_MAX = 8 * SECOND
/** One lost answer is asked for again before anybody hears of it, unless that takes longer than this. */
const SILENT = { failures: 1, ms: 2 * SECOND } as const

/** A refusal that says what is wrong will say so again. */
export const mayPass = (error: unknown): boolean =>
  !(error instanceof Problem) || error.status === 429 || error.status >= 500

/** As long as the platform asked for; who was merely not answered looks sooner whether it is back. */
export function pauseBefore(failures: number, error: unknown): number {
  const askedMs = error instanceof Problem ? (error.retryAfterSeconds ?? 0) * SECOND : 0
  if (error instanceof Problem && error.status === 429 && askedMs > 0) return askedMs
  return Math.min(PAUSE_MS_MAX, askedMs > 0 ? askedMs : SECOND * 2 ** failures)
}

/**
 * Why there is nothing to show, or nothing newer; `null` while all is well. It is asked again all the
 * while, so what is seen of it passes by itself.
 */
export function troubleOf({
  error,
  failureCount,
  failureReason,
}: {
  readonly error: Error | null
  readonly failureCount: number
  readonly failureReason: Error | null
}): Error | null {
  if (error !== null || failureReason === null) return error
  const waits = failureCount > SILENT.failures || pauseBefore(0, failureReason) > SILENT.ms
  return waits ? failureReason : null
}
