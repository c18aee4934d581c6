import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { decideBeginning } from './decide-second-factor.ts'
import { factorIs, loadSecondFactor, secondFactorKey, storeSecondFactor } from './factor-rows.ts'
import type { FactorVault } from './factor-vault.ts'
import { newTimeSecret } from './time-codes.ts'

/** The secret for the app, which waits to be confirmed. Throws `second-factor-on`. */
export async function beginSecondFactor(
  { userId, deadline }: { userId: string; deadline: number },
  { store, clock, vault }: { store: Store; clock: CommitClock; vault: FactorVault },
): Promise<string> {
  const secret = newTimeSecret()
  const sealedSecret = vault.seal(userId, secret)
  const key = secondFactorKey(userId)
  return commitDecision({
    store,
    keys: [key],
    decide([row]) {
      const before = row && loadSecondFactor(row)
      const after = decideBeginning(before, { sealedSecret, nowMs: BigInt(clock.now()) })
      return {
        ops: [{ kind: 'put', key, row: storeSecondFactor(after), when: factorIs(before) }],
        outcome: secret,
      }
    },
    deadline,
    clock,
  })
}
