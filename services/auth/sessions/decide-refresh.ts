import type { Session } from './session-rows.ts'

/** So long a retired token still answers its successor: two tabs, or an answer that was lost. */
export const REFRESH_GRACE_MS = 10_000

/**
 * What a refresh token of a generation comes to.
 * - `over`: there is no such session, or not any more.
 * - `rotate`: the token in use, which retires now.
 * - `replay`: the token that retired a moment ago; its successor is answered again.
 * - `reused`: any other. Two hold what one may hold, and nobody can tell who of them is the thief.
 */
export type Refresh = 'over' | 'rotate' | 'replay' | 'reused'

export function decideRefresh({
  session,
  generation,
  nowMs,
}: {
  session: Pick<Session, 'generation' | 'rotatedAtMs' | 'expires'> | undefined
  generation: bigint
  nowMs: number
}): Refresh {
  if (session === undefined || session.expires * 1000 <= nowMs) return 'over'
  if (generation === session.generation) return 'rotate'
  const retiredLast = generation + 1n === session.generation
  return retiredLast && nowMs < session.rotatedAtMs + REFRESH_GRACE_MS ? 'replay' : 'reused'
}
