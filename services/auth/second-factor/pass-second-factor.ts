/** Asks an account that has a second factor for it. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { type SecurityEvent, securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'
import { blockedForMs, decideCode, type Verdict } from './decide-second-factor.ts'
import {
  factorIs,
  loadSecondFactor,
  type SecondFactor,
  secondFactorKey,
  storeSecondFactor,
} from './factor-rows.ts'
import type { FactorVault } from './factor-vault.ts'
import { readRecoveryCode } from './recovery-codes.ts'
import { stepOfCode } from './time-codes.ts'

export type Passing = {
  readonly userId: string
  /** As it was given; absent where none was. */
  readonly code: string | undefined
  /**
   * What the code is for. It is good again for the same purpose and for no other, so where nothing
   * may happen twice by one code this is new each time, and of the platform's own making.
   */
  readonly purpose: string
  readonly visitor: Pick<Visitor, 'address' | 'requestId'>
  readonly deadline: number
}

export type PassingParts = {
  readonly store: Store
  readonly clock: CommitClock
  readonly vault: FactorVault
  readonly newId: () => string
}

/**
 * Whether a factor was asked for: accounts without one pass. Throws `second-factor-required`,
 * `wrong-second-factor`, and `sign-in-blocked` once the account had too many wrong codes. The
 * caller counts wrong ones in the guard, against the address they come from.
 */
export async function passSecondFactor(passing: Passing, parts: PassingParts): Promise<boolean> {
  const { store, clock, vault } = parts
  const { userId, code, purpose, deadline } = passing
  const key = secondFactorKey(userId)
  const recovery = code === undefined ? undefined : readRecoveryCode(code)
  const recoveryHash = recovery === undefined ? undefined : vault.hashOf(userId, recovery)
  const verdict = await commitDecision<Verdict | undefined>({
    store,
    keys: [key],
    decide([row]) {
      const factor = row && loadSecondFactor(row)
      if (factor?.state !== 'on') return { ops: [], outcome: undefined }
      if (code === undefined) throw new Problem('second-factor-required')
      const nowMs = clock.now()
      const step = stepOfCode(vault.open(userId, factor.sealedSecret), code, nowMs)
      const given = { step, recoveryHash, purpose, nowMs: BigInt(nowMs) }
      const outcome = decideCode(factor, given)
      return { ops: opsOf(outcome, factor, passing, parts), outcome }
    },
    deadline,
    clock,
  })
  if (verdict !== undefined) refuseUnlessGood(verdict)
  return verdict !== undefined
}

function opsOf(
  verdict: Verdict,
  before: SecondFactor,
  { userId, visitor: { address, requestId } }: Passing,
  { clock, newId }: PassingParts,
): readonly Op[] {
  if (verdict.is !== 'good' && verdict.is !== 'wrong') return []
  const nowMs = clock.now()
  const tell = (event: Pick<SecurityEvent, 'kind' | 'outcome' | 'detail'>): Op =>
    securityEventOp(
      { ...event, userId, address, requestId },
      { at: new Date(nowMs).toISOString(), id: newId() },
    )
  const { factor } = verdict
  const events: Op[] = []
  if (verdict.is === 'good' && verdict.by === 'recovery-code') {
    const detail = `${recoveryCodesLeft(factor)} left`
    events.push(tell({ kind: 'recovery-code-used', outcome: 'done', detail }))
  }
  if (verdict.is === 'wrong' && blockedForMs(factor, BigInt(nowMs)) > 0n) {
    const detail = 'the second factor, from everywhere'
    events.push(tell({ kind: 'sign-in-blocked', outcome: 'refused', detail }))
  }
  const key = secondFactorKey(userId)
  const put: Op = { kind: 'put', key, row: storeSecondFactor(factor), when: factorIs(before) }
  return [put, ...events]
}

export const recoveryCodesLeft = ({ recoveryCodes }: SecondFactor): number =>
  recoveryCodes.filter(({ used }) => used === undefined).length

/** One sentence for what is wrong and what was used, so that it does not tell which a guess is. */
const WRONG = 'The code is wrong, or was used before: wait for the next one.'

function refuseUnlessGood(verdict: Verdict): void {
  if (verdict.is === 'blocked') {
    const retryAfterSeconds = Math.ceil(Number(verdict.forMs) / 1000)
    throw new Problem('sign-in-blocked', { retryAfterSeconds })
  }
  if (verdict.is === 'wrong' || verdict.is === 'used') {
    throw new Problem('wrong-second-factor', { detail: WRONG })
  }
}
