/** A refresh token for its successor, once; whoever brings a retired one ends the session. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Row, Store } from '@cnop/kit/store/store.ts'
import type { Visitor } from '../visitor.ts'
import { decideRefresh } from './decide-refresh.ts'
import { type Grant, type GrantParts, grantTokens } from './grant-tokens.ts'
import type { RefreshClaim, RefreshTokens } from './refresh-tokens.ts'
import { sessionEventOp } from './session-events.ts'
import { renewedSession, type SessionLife } from './session-life.ts'
import { loadSession, type Session, sessionKey, storeSession } from './session-rows.ts'

export type Refreshing = {
  readonly token: string | undefined
  readonly visitor: Visitor
  readonly deadline: number
}

export type RefreshParts = GrantParts & {
  readonly store: Store
  readonly clock: CommitClock
  readonly refreshTokens: RefreshTokens
  readonly rules: SessionLife
}

/** Throws `not-signed-in`, whatever is wrong with the token. */
export async function refreshSession(
  { token, visitor, deadline }: Refreshing,
  parts: RefreshParts,
): Promise<Grant> {
  const { store, clock, refreshTokens, newId, rules } = parts
  const claim = token === undefined ? undefined : refreshTokens.read(token)
  if (claim === undefined) throw new Problem('not-signed-in')
  const { userId, sessionId } = claim
  const nowMs = clock.now()
  const reuse = { kind: 'token-reused', userId, sessionId, visitor } as const
  const told = sessionEventOp(reuse, { nowMs, newId })
  const session = await commitDecision<Session | undefined>({
    store,
    keys: [sessionKey(userId, sessionId)],
    decide([row]) {
      const stored = row && loadSession(row)
      const refresh = decideRefresh({ session: stored, generation: claim.generation, nowMs })
      if (stored === undefined || refresh === 'over') return { ops: [], outcome: undefined }
      if (refresh === 'replay') return { ops: [], outcome: stored }
      if (refresh === 'reused') return { ops: [ending(claim, stored), told], outcome: undefined }
      const renewed = renewedSession(stored, { visitor, nowMs, life: rules })
      return { ops: [rotation(claim, renewed)], outcome: renewed }
    },
    deadline,
    clock,
  })
  if (session === undefined) throw new Problem('not-signed-in')
  return grantTokens({ userId, session: { ...session, sessionId }, nowMs }, parts)
}

const atGeneration = (generation: bigint): { equals: Row } => ({ equals: { generation } })

const rotation = ({ userId, sessionId, generation }: RefreshClaim, renewed: Session): Op => ({
  kind: 'put',
  key: sessionKey(userId, sessionId),
  row: storeSession(renewed),
  when: atGeneration(generation),
})

const ending = ({ userId, sessionId }: RefreshClaim, { generation }: Session): Op => ({
  kind: 'delete',
  key: sessionKey(userId, sessionId),
  when: atGeneration(generation),
})
