import type { Store } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'
import {
  API_KEY_RANGE,
  apiKeyIdIn,
  apiKeyTallyKey,
  type KeptApiKey,
  loadApiKey,
  loadKeyTally,
} from './api-key-rows.ts'
import { API_KEYS_MAX } from './decide-api-key.ts'

/**
 * All of a user, the newest first; those that are over stay in the list until they are revoked. Of
 * those that were revoked all at once some rows may be left, older than any that is good.
 */
export async function listApiKeys(userId: string, store: Store): Promise<readonly KeptApiKey[]> {
  const { rows } = await store.query(partitionOf(userId), {
    ...API_KEY_RANGE,
    limit: Number(API_KEYS_MAX),
    reverse: true,
  })
  const [tallyRow] = await store.snapshot([apiKeyTallyKey(userId)])
  const { series } = loadKeyTally(tallyRow)
  return rows
    .map(({ sk, row }) => ({ ...loadApiKey(row), keyId: apiKeyIdIn(sk) }))
    .filter((key) => key.series === series)
}
