import { Problem } from '@cnop/contract/problem.ts'
import type { Link } from './link-rows.ts'

/**
 * Whether the link that came back is the one that is kept, and still good. Throws `link-not-valid`,
 * alike for every fault, so that nobody learns which it was.
 */
export function decideLink({
  linkId,
  kept,
  address,
  nowMs,
}: {
  /** Of the link that came back. */
  linkId: string
  /** The latest one of its purpose; a used one is gone. */
  kept: Link | undefined
  /** The present address of its user. */
  address: string | undefined
  nowMs: number
}): void {
  const good =
    kept !== undefined &&
    kept.linkId === linkId &&
    kept.address.toLowerCase() === address?.toLowerCase() &&
    nowMs < kept.expiresMs
  if (!good) throw new Problem('link-not-valid')
}
