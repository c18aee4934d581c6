import { Problem } from '@cnop/contract/problem.ts'
import type { Link } from './link-rows.ts'

/**
 * The link as it is kept, where the one that came back is that one and still good. Throws
 * `link-not-valid`, alike for every fault, so that nobody learns which it was.
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
}): Link {
  const good =
    kept !== undefined &&
    kept.linkId === linkId &&
    kept.address === address &&
    nowMs < kept.expiresMs
  if (!good) throw new Problem('link-not-valid')
  return kept
}
