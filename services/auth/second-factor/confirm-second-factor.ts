/** Switches a second factor on, ends every session that was opened without it, and tells its owner. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { noticeOp } from '../mail/write-letter.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import { sessionsToEnd } from '../sessions/sessions-to-end.ts'
import { loadUser, profileKey } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'
import { decideConfirmation } from './decide-second-factor.ts'
import { factorIs, loadSecondFactor, secondFactorKey, storeSecondFactor } from './factor-rows.ts'
import type { FactorVault } from './factor-vault.ts'
import { newRecoveryCodes } from './recovery-codes.ts'
import { stepOfCode } from './time-codes.ts'

export type Confirmation = {
  readonly userId: string
  /** The session that goes on. */
  readonly sessionId: string
  readonly code: string
  readonly visitor: Visitor
  readonly deadline: number
}

/**
 * The recovery codes, which nobody can read afterwards. Throws `second-factor-off`,
 * `second-factor-on` or `wrong-second-factor`; the caller counts the last in the guard.
 */
export async function confirmSecondFactor(
  { userId, sessionId, code, visitor, deadline }: Confirmation,
  parts: { store: Store; clock: CommitClock; vault: FactorVault; newId: () => string },
): Promise<readonly string[]> {
  const { store, clock, vault, newId } = parts
  const codes = newRecoveryCodes()
  const recoveryCodes = codes.map((recovery) => ({ hash: vault.hashOf(userId, recovery) }))
  const { address, requestId } = visitor
  const event = securityEventOp(
    { kind: 'second-factor-on', outcome: 'done', userId, address, requestId },
    { at: new Date(clock.now()).toISOString(), id: newId() },
  )
  const key = secondFactorKey(userId)
  let ending: readonly Op[] = []
  return commitDecision({
    store,
    keys: [key, profileKey(userId)],
    async gather() {
      ending = await sessionsToEnd(userId, store, { except: sessionId })
    },
    decide([row, userRow]) {
      if (userRow === undefined) throw new Problem('not-signed-in')
      const nowMs = clock.now()
      const before = row && loadSecondFactor(row)
      const step = before && stepOfCode(vault.open(userId, before.sealedSecret), code, nowMs)
      const given = { step, recoveryCodes, nowMs: BigInt(nowMs) }
      const after = decideConfirmation(before, given)
      if (after === 'written') return { ops: [], outcome: codes }
      const { email } = loadUser(userId, userRow)
      return {
        ops: [
          { kind: 'put', key, row: storeSecondFactor(after), when: factorIs(before) },
          ...ending,
          event,
          noticeOp('second-factor-on', { userId, address: email, nowMs, newId }),
        ],
        outcome: codes,
      }
    },
    deadline,
    clock,
  })
}
