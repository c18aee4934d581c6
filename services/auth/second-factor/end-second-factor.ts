import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { type SecurityEvent, securityEventOp } from '../security-log/security-event-rows.ts'
import { factorIs, loadSecondFactor, secondFactorKey } from './factor-rows.ts'

export type Ending = {
  readonly userId: string
  /** Who ends it: absent where it is the user. */
  readonly by: Pick<SecurityEvent, 'actor' | 'address' | 'requestId' | 'detail'>
  readonly deadline: number
}

/**
 * Switches the second factor off, with its recovery codes; a secret that waits to be confirmed goes
 * too. Needs no secret opened, so it also helps where CALLER_SECRET was lost.
 */
export async function endSecondFactor(
  { userId, by, deadline }: Ending,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<void> {
  const key = secondFactorKey(userId)
  const event = securityEventOp(
    { ...by, kind: 'second-factor-off', outcome: 'done', userId },
    { at: new Date(clock.now()).toISOString(), id: newId() },
  )
  await commitDecision({
    store,
    keys: [key],
    decide([row]) {
      const before = row && loadSecondFactor(row)
      if (before === undefined) return { ops: [], outcome: undefined }
      const wasOn = before.state === 'on'
      return {
        ops: [{ kind: 'delete', key, when: factorIs(before) }, ...(wasOn ? [event] : [])],
        outcome: undefined,
      }
    },
    deadline,
    clock,
  })
}
