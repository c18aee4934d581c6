import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import { storeHolder } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'
import {
  apiKeyHolderKey,
  apiKeyKey,
  apiKeyTallyKey,
  keyTallyIs,
  loadApiKey,
  loadKeyTally,
  storeKeyTally,
} from './api-key-rows.ts'

export type KeyRevocation = {
  readonly userId: string
  readonly keyId: string
  readonly visitor: Visitor
  readonly deadline: number
}

/** From the commit on the key is worth nothing. Throws `key-not-found`, also for another's key. */
export async function revokeApiKey(
  { userId, keyId, visitor, deadline }: KeyRevocation,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<void> {
  const key = apiKeyKey(userId, keyId)
  const tallyKey = apiKeyTallyKey(userId)
  const { address, requestId } = visitor
  const event = securityEventOp(
    { kind: 'key-revoked', outcome: 'done', userId, address, requestId, detail: keyId },
    { at: new Date(clock.now()).toISOString(), id: newId() },
  )
  await commitDecision({
    store,
    keys: [key, tallyKey],
    decide([row, tallyRow]) {
      const kept = row && loadApiKey(row)
      const tally = loadKeyTally(tallyRow)
      if (kept?.series !== tally.series) throw new Problem('key-not-found')
      return {
        ops: [
          { kind: 'delete', key, when: { equals: { hash: kept.hash } } },
          {
            kind: 'delete',
            key: apiKeyHolderKey(keyId),
            when: { equals: storeHolder(userId) },
          },
          {
            kind: 'put',
            key: tallyKey,
            row: storeKeyTally({ ...tally, count: tally.count - 1n }),
            when: keyTallyIs(tallyRow),
          },
          event,
        ],
        outcome: undefined,
      }
    },
    deadline,
    clock,
  })
}
