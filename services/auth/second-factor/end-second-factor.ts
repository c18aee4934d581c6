import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { noticeOp } from '../mail/write-letter.ts'
import { type SecurityEvent, securityEventOp } from '../security-log/security-event-rows.ts'
import { loadUser, profileKey } from '../users/user-rows.ts'
import { factorIs, loadSecondFactor, secondFactorKey } from './factor-rows.ts'

export type Ending = {
  readonly userId: string
  /** Who ends it: absent where it is the user. */
  readonly by: Pick<SecurityEvent, 'actor' | 'address' | 'requestId' | 'detail'>
  readonly deadline: number
}

/**
 * Switches the second factor off, with its recovery codes, and tells its owner; a secret that waits
 * to be confirmed goes too. Needs no secret opened, so it also helps where CALLER_SECRET was lost.
 */
export async function endSecondFactor(
  { userId, by, deadline }: Ending,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<void> {
  const key = secondFactorKey(userId)
  const nowMs = clock.now()
  const event = securityEventOp(
    { ...by, kind: 'second-factor-off', outcome: 'done', userId },
    { at: new Date(nowMs).toISOString(), id: newId() },
  )
  await commitDecision({
    store,
    keys: [key, profileKey(userId)],
    decide([row, userRow]) {
      const before = row && loadSecondFactor(row)
      if (before === undefined) return { ops: [], outcome: undefined }
      const removal: Op = { kind: 'delete', key, when: factorIs(before) }
      if (before.state === 'pending') return { ops: [removal], outcome: undefined }
      if (userRow === undefined) throw new Problem('user-not-found')
      const address = loadUser(userId, userRow).email
      const letter = noticeOp('second-factor-off', { userId, address, nowMs, newId })
      return { ops: [removal, event, letter], outcome: undefined }
    },
    deadline,
    clock,
  })
}
