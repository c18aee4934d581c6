import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { noticeOp } from '../mail/write-letter.ts'
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

export type KeyCreation = {
  readonly userId: string
  readonly terms: ApiKeyTerms
  readonly visitor: Visitor
  readonly deadline: number
}

/**
 * The key, and its text, which nobody can read afterwards; a letter tells its owner. Throws
 * `too-many-keys`.
 */
export async function createApiKey(
  { userId, terms, visitor, deadline }: KeyCreation,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<{ readonly key: KeptApiKey; readonly text: string }> {
  const keyId = newId()
  const text = newApiKeyText(keyId)
  const createdAt = new Date(clock.now()).toISOString()
  const key = { ...terms, createdAt, hash: hashOfApiKey(text), lastUse: undefined }
  const { address, requestId } = visitor
  const detail = `${keyId}: ${terms.scopes.join(', ')}`
  const creation: readonly Op[] = [
    {
      kind: 'put',
      key: apiKeyKey(userId, keyId),
      row: storeApiKey(key),
      when: { absent: true },
    },
    {
      kind: 'put',
      key: apiKeyHolderKey(keyId),
      row: storeHolder(userId),
      when: { absent: true },
    },
    securityEventOp(
      { kind: 'key-created', outcome: 'done', userId, address, requestId, detail },
      { at: createdAt, id: newId() },
    ),
  ]
  const tallyKey = apiKeyTallyKey(userId)
  return commitDecision({
    store,
    keys: [tallyKey, apiKeyKey(userId, keyId), profileKey(userId)],
    decide([tallyRow, written, userRow]) {
      const outcome = { key: { ...key, keyId }, text }
      if (written !== undefined) return { ops: [], outcome }
      if (userRow === undefined) throw new Problem('not-signed-in')
      const { email } = loadUser(userId, userRow)
      const letter = noticeOp('key-created', { userId, address: email, nowMs: clock.now(), newId })
      const count = loadKeyTally(tallyRow)
      refuseTooManyKeys(count)
      const counting: Op = {
        kind: 'put',
        key: tallyKey,
        row: storeKeyTally(count + 1n),
        when: keyTallyIs(tallyRow),
      }
      return { ops: [counting, ...creation, letter], outcome }
    },
    deadline,
    clock,
  })
}
