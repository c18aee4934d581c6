/** What the security log is told of sessions. */
import type { SecurityEventKind } from '@cnop/contract/security-log.ts'
import type { Op } from '@cnop/kit/store/store.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'

export type SessionEvent = {
  readonly kind: Extract<
    SecurityEventKind,
    'signed-in' | 'signed-out' | 'session-ended' | 'token-reused'
  >
  readonly userId: string
  /** The session it happened to; absent where it happened to several. */
  readonly sessionId?: string
  readonly visitor: Visitor
}

export const sessionEventOp = (
  { kind, userId, sessionId, visitor: { address, requestId } }: SessionEvent,
  { nowMs, newId }: { readonly nowMs: number; readonly newId: () => string },
): Op =>
  securityEventOp(
    {
      kind,
      outcome: kind === 'token-reused' ? 'refused' : 'done',
      userId,
      address,
      requestId,
      detail: sessionId ?? 'all others',
    },
    { at: new Date(nowMs).toISOString(), id: newId() },
  )
