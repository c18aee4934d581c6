import { Problem } from '@cnop/contract/problem.ts'
import type { KeptSession, SessionTally } from './session-rows.ts'

/** A sign-in beyond these ends the oldest. */
export const SESSIONS_MAX = 50

/**
 * Whether what was verified still stands: throws `wrong-credentials` when the password has changed
 * since, as if the new one had been there all along, and `contention` when several sessions were
 * ended since, because what they stood on has changed.
 */
export function refuseOutdatedSignIn({
  verified,
  stored,
}: {
  verified: SignInGround
  stored: { readonly passwordVersion: bigint | undefined; readonly ended: bigint }
}): void {
  if (stored.passwordVersion !== verified.passwordVersion) throw new Problem('wrong-credentials')
  if (stored.ended !== verified.ended) throw new Problem('contention', { retryAfterSeconds: 1 })
}

/** What a sign-in stands on. */
export type SignInGround = Pick<SessionTally, 'ended'> & { readonly passwordVersion: bigint }

/** Of sessions, the oldest first, those that a new one takes away: the expired, and the oldest beyond the most. */
export function decideLeaving(
  sessions: readonly KeptSession[],
  nowMs: number,
): readonly KeptSession[] {
  const isOver = ({ expires }: KeptSession): boolean => expires * 1000 <= nowMs
  const live = sessions.filter((session) => !isOver(session))
  const beyond = live.length + 1 - SESSIONS_MAX
  return [...sessions.filter(isOver), ...(beyond > 0 ? live.slice(0, beyond) : [])]
}
