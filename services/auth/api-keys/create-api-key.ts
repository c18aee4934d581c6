import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Row, Store } from '@cnop/kit/store/store.ts'
import { noticeOp } from '../mail/write-letter.ts'
import { stillConfirmed } from '../passwords/confirm-password.ts'
import { passwordKey } from '../passwords/password-rows.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import { loadUser, profileKey, storeHolder } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'
import {
  apiKeyHolderKey,
  apiKeyKey,
  apiKeyTallyKey,
  type KeptApiKey,
  keyTallyIs,
  loadKeyTally,
  storeApiKey,
  storeKeyTally,
} from './api-key-rows.ts'
import type { ApiKeyTerms } from './api-key-terms.ts'
import { hashOfApiKey, newApiKeyText } from './api-key-text.ts'
import { refuseTooManyKeys } from './decide-api-key.ts'
import { sweepRevokedKeys } from './revoke-all-keys.ts'

export type KeyCreation = {
  readonly userId: string
  readonly terms: ApiKeyTerms
  /** Of the password that was confirmed. */
  readonly passwordVersion: bigint
  readonly visitor: Visitor
  readonly deadline: number
}

/**
 * The key, and its text, which nobody can read afterwards; a letter tells its owner. Throws
 * `too-many-keys`, and `wrong-credentials` when the password has changed since it was confirmed.
 */
export async function createApiKey(
  { userId, terms, passwordVersion, visitor, deadline }: KeyCreation,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<{ readonly key: KeptApiKey; readonly text: string }> {
  const keyId = newId()
  const text = newApiKeyText(keyId)
  const nowMs = clock.now()
  const createdAt = new Date(nowMs).toISOString()
  const made = { ...terms, createdAt, hash: hashOfApiKey(text), lastUse: undefined }
  const { address, requestId } = visitor
  const detail = `${keyId}: ${terms.scopes.join(', ')}`
  const event = securityEventOp(
    { kind: 'key-created', outcome: 'done', userId, address, requestId, detail },
    { at: createdAt, id: newId() },
  )
  await sweepRevokedKeys({ userId, deadline }, { store, clock })
  return commitDecision({
    store,
    keys: [
      apiKeyTallyKey(userId),
      apiKeyKey(userId, keyId),
      profileKey(userId),
      passwordKey(userId),
    ],
    decide([tallyRow, written, userRow, passwordRow]) {
      const { series } = loadKeyTally(tallyRow)
      const key = { ...made, series, keyId }
      const outcome = { key, text }
      if (written !== undefined) return { ops: [], outcome }
      if (userRow === undefined) throw new Problem('not-signed-in')
      const { email } = loadUser(userId, userRow)
      return {
        ops: [
          stillConfirmed(userId, passwordRow, passwordVersion),
          ...keyOps(userId, key, tallyRow),
          event,
          noticeOp('key-created', { userId, address: email, nowMs, newId }),
        ],
        outcome,
      }
    },
    deadline,
    clock,
  })
}

/** Throws `too-many-keys`. */
function keyOps(
  userId: string,
  { keyId, ...key }: KeptApiKey,
  tallyRow: Row | undefined,
): readonly Op[] {
  const { count, series } = loadKeyTally(tallyRow)
  refuseTooManyKeys(count)
  const absent = { absent: true } as const
  return [
    {
      kind: 'put',
      key: apiKeyTallyKey(userId),
      row: storeKeyTally({ count: count + 1n, series }),
      when: keyTallyIs(tallyRow),
    },
    { kind: 'put', key: apiKeyKey(userId, keyId), row: storeApiKey(key), when: absent },
    { kind: 'put', key: apiKeyHolderKey(keyId), row: storeHolder(userId), when: absent },
  ]
}
