/** How a session begins, and how each use of its refresh token prolongs it. */
import type { AuthRules } from '../auth-rules.ts'
import type { Visitor } from '../visitor.ts'
import type { Session } from './session-rows.ts'

export type SessionLife = Pick<AuthRules, 'sessionDays' | 'sessionIdleDays'>

export type SessionUse = {
  readonly visitor: Visitor
  readonly nowMs: number
  readonly life: SessionLife
}

const DAY_SECONDS = 86_400

export function newSession(username: string, { visitor, nowMs, life }: SessionUse): Session {
  const createdAt = new Date(nowMs).toISOString()
  return {
    username,
    createdAt,
    lastSeenAt: createdAt,
    expires: expiryOf(createdAt, nowMs, life),
    generation: 1n,
    rotatedAtMs: nowMs,
    address: visitor.address,
    userAgent: visitor.userAgent,
  }
}

export const renewedSession = (
  session: Session,
  { visitor, nowMs, life }: SessionUse,
): Session => ({
  ...session,
  lastSeenAt: new Date(nowMs).toISOString(),
  expires: expiryOf(session.createdAt, nowMs, life),
  generation: session.generation + 1n,
  rotatedAtMs: nowMs,
  address: visitor.address,
  userAgent: visitor.userAgent,
})

/** Epoch seconds: whichever is first of the longest life and the longest rest. */
function expiryOf(createdAt: string, usedMs: number, life: SessionLife): number {
  const atMost = Date.parse(createdAt) / 1000 + life.sessionDays * DAY_SECONDS
  return Math.floor(Math.min(atMost, usedMs / 1000 + life.sessionIdleDays * DAY_SECONDS))
}
