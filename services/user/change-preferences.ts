/** Changes some settings of a customer and keeps the rest, whoever else changes others meanwhile. */
import type { Preferences } from '@cnop/contract/user.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { decidePreferences } from './decide-preferences.ts'
import {
  type ChosenPreferences,
  loadPreferences,
  preferencesKey,
  storePreferences,
} from './preferences-rows.ts'

/** Throws `invalid-input`. */
export async function changePreferences(
  {
    userId,
    changes,
    deadline,
  }: { userId: string; changes: Partial<Preferences>; deadline: number },
  { store, clock }: { store: Store; clock: CommitClock },
): Promise<ChosenPreferences> {
  const key = preferencesKey(userId)
  const now = new Date(clock.now()).toISOString()
  return commitDecision({
    store,
    keys: [key],
    decide([row]) {
      const stored = row && loadPreferences(row)
      const after = decidePreferences({ stored, changes, now })
      const when =
        stored === undefined ? ({ absent: true } as const) : { equals: { version: stored.version } }
      return {
        ops: [{ kind: 'put', key, row: storePreferences(after), when }],
        outcome: after,
      }
    },
    deadline,
    clock,
  })
}
