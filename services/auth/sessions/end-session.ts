/** Ends sessions: from the commit on, their tokens are worth nothing. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { type SecurityEvent, securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'
import { sessionEventOp } from './session-events.ts'
import { loadSession, sessionKey } from './session-rows.ts'
import { sessionsToEnd } from './sessions-to-end.ts'

export type EndingParts = {
  readonly store: Store
  readonly clock: CommitClock
  readonly newId: () => string
}

export type Ending = {
  readonly userId: string
  readonly sessionId: string
  readonly visitor: Visitor
  readonly deadline: number
}

/** Of the session it comes from; where that has ended already there is nothing to do. */
export async function signOut(ending: Ending, parts: EndingParts): Promise<void> {
  await endOne('signed-out', ending, parts)
}

/** Any session of the user; throws `session-not-found` for one that is not theirs, or is over. */
export async function endSession(ending: Ending, parts: EndingParts): Promise<void> {
  await endOne('session-ended', ending, parts)
}

async function endOne(
  kind: 'signed-out' | 'session-ended',
  { userId, sessionId, visitor, deadline }: Ending,
  { store, clock, newId }: EndingParts,
): Promise<void> {
  const key = sessionKey(userId, sessionId)
  const nowMs = clock.now()
  const told = sessionEventOp({ kind, userId, sessionId, visitor }, { nowMs, newId })
  await commitDecision({
    store,
    keys: [key],
    decide([row]) {
      const live = row !== undefined && loadSession(row).expires * 1000 > nowMs
      if (!live && kind === 'session-ended') throw new Problem('session-not-found')
      const ending: Op = { kind: 'delete', key, when: { equals: {} } }
      return { ops: live ? [ending, told] : [], outcome: undefined }
    },
    deadline,
    clock,
  })
}

/** Every session of the user; API keys go on. */
export async function endAllSessions(
  {
    userId,
    by,
    deadline,
  }: {
    readonly userId: string
    /** The operator, and why. */
    readonly by: Pick<SecurityEvent, 'actor' | 'requestId'> & { readonly reason: string }
    readonly deadline: number
  },
  { store, clock, newId }: EndingParts,
): Promise<void> {
  const { reason, ...who } = by
  const told = securityEventOp(
    { ...who, kind: 'session-ended', outcome: 'done', userId, detail: `all: ${reason}` },
    { at: new Date(clock.now()).toISOString(), id: newId() },
  )
  await endMany({ userId, told, deadline }, { store, clock })
}

/** Every session of the user but the one it comes from. */
export async function endOtherSessions(
  { userId, sessionId, visitor, deadline }: Ending,
  { store, clock, newId }: EndingParts,
): Promise<void> {
  const nowMs = clock.now()
  const told = sessionEventOp({ kind: 'session-ended', userId, visitor }, { nowMs, newId })
  await endMany({ userId, except: sessionId, told, deadline }, { store, clock })
}

async function endMany(
  {
    userId,
    except,
    told,
    deadline,
  }: { userId: string; except?: string; told: Op; deadline: number },
  { store, clock }: Pick<EndingParts, 'store' | 'clock'>,
): Promise<void> {
  let endings: readonly Op[] = []
  await commitDecision({
    store,
    keys: [],
    gather: async () => {
      endings = await sessionsToEnd(userId, store, { except })
    },
    decide: () => ({ ops: [...endings, told], outcome: undefined }),
    deadline,
    clock,
  })
}
