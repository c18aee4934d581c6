/** API keys: which route, which function. */
import {
  type ApiKey,
  createApiKey as createApiKeyRoute,
  listApiKeys as listApiKeysRoute,
  revokeApiKey as revokeApiKeyRoute,
} from '@cnop/contract/api-key.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import { withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import type { KeptApiKey } from './api-keys/api-key-rows.ts'
import { termsOf } from './api-keys/api-key-terms.ts'
import { createApiKey } from './api-keys/create-api-key.ts'
import { listApiKeys } from './api-keys/list-api-keys.ts'
import { revokeApiKey } from './api-keys/revoke-api-key.ts'
import type { Outbox } from './mail/outbox.ts'
import { type ConfirmingParts, confirmPassword } from './passwords/confirm-password.ts'
import { visitorOf } from './visitor.ts'

export function apiKeyEndpoints(
  parts: ConfirmingParts & {
    clock: CommitClock
    newId: () => string
    outbox: Pick<Outbox, 'wake'>
  },
): readonly Endpoint[] {
  return [
    serve(listApiKeysRoute, async (call) => {
      const keys = await listApiKeys(customerOf(call).userId, parts.store)
      return { data: keys.map(answerOf) }
    }),
    serve(createApiKeyRoute, async (call) => {
      const { userId } = customerOf(call)
      const terms = termsOf(call.body, parts.clock.now())
      const { deadline } = call
      const visitor = visitorOf(call)
      const { password } = call.body
      const passwordVersion = await confirmPassword({ userId, password, visitor }, parts)
      const creation = { userId, terms, passwordVersion, visitor, deadline }
      const { key, text } = await createApiKey(creation, parts)
      parts.outbox.wake()
      return { data: { ...answerOf(key), api_key: text } }
    }),
    serve(revokeApiKeyRoute, async (call) => {
      const { userId } = customerOf(call)
      const { key_id: keyId } = call.params
      const { deadline } = call
      await revokeApiKey({ userId, keyId, visitor: visitorOf(call), deadline }, parts)
      return { message: 'The key is revoked' }
    }),
  ]
}

const answerOf = (key: KeptApiKey): ApiKey =>
  withoutAbsent({
    key_id: key.keyId,
    name: key.name,
    scopes: [...key.scopes],
    addresses: [...key.addresses],
    created_at: key.createdAt,
    expires_at: key.expires === undefined ? undefined : instant(key.expires * 1000),
    last_used_at: key.lastUse && instant(key.lastUse.atMs),
    last_used_address: key.lastUse?.address,
  })

/** RFC 3339, UTC. */
const instant = (ms: number): string => new Date(ms).toISOString()
