/**
 * Revokes all API keys of a user by one row, whatever their number: each key names the series it
 * was made in, and is good as long as that is its owner's. What is left of it is swept later.
 */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Row, Store } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'
import {
  API_KEY_RANGE,
  apiKeyHolderKey,
  apiKeyIdIn,
  apiKeyKey,
  apiKeyTallyKey,
  keyTallyIs,
  loadApiKey,
  loadKeyTally,
  storeKeyTally,
} from './api-key-rows.ts'
import { API_KEYS_MAX } from './decide-api-key.ts'

/** For the commit that makes them worthless: a key that is made meanwhile makes it fail. */
export function allKeysRevoked(userId: string, tallyRow: Row | undefined): Op {
  const { series } = loadKeyTally(tallyRow)
  return {
    kind: 'put',
    key: apiKeyTallyKey(userId),
    row: storeKeyTally({ count: 0n, series: series + 1n }),
    when: keyTallyIs(tallyRow),
  }
}

/** A series that is over never comes back, so nothing has to be asked when its rows go. */
export async function sweepRevokedKeys(
  { userId, deadline }: { userId: string; deadline: number },
  { store, clock }: { store: Store; clock: CommitClock },
): Promise<void> {
  const limit = Number(API_KEYS_MAX)
  const { rows } = await store.query(partitionOf(userId), { ...API_KEY_RANGE, limit })
  await commitDecision({
    store,
    keys: [apiKeyTallyKey(userId)],
    decide([tallyRow]) {
      const { series } = loadKeyTally(tallyRow)
      const over = rows.filter(({ row }) => loadApiKey(row).series < series)
      return { ops: over.flatMap(({ sk }) => removal(userId, apiKeyIdIn(sk))), outcome: undefined }
    },
    deadline,
    clock,
  })
}

const removal = (userId: string, keyId: string): readonly Op[] => [
  { kind: 'delete', key: apiKeyKey(userId, keyId) },
  { kind: 'delete', key: apiKeyHolderKey(keyId) },
]
