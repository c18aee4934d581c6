/** API keys: for programs, in place of a password and a session. */
import { type Static, Type } from 'typebox'
import { Message, Password } from './auth.ts'
import { closed, dataOf, defineRoute, Instant, KEY_SCOPES } from './route.ts'

const Scopes = Type.Array(Type.Enum([...KEY_SCOPES]), {
  minItems: 1,
  maxItems: KEY_SCOPES.length,
  uniqueItems: true,
  'x-rule': 'Name read, trade or both.',
})

export const ApiKey = Type.Object({
  key_id: Type.String(),
  name: Type.String(),
  scopes: Scopes,
  /** Addresses and networks it may be used from; none means any. */
  addresses: Type.Array(Type.String()),
  created_at: Instant,
  /** Absent for one that does not expire. */
  expires_at: Type.Optional(Instant),
  /** To the minute; absent for one that was never used. */
  last_used_at: Type.Optional(Instant),
  last_used_address: Type.Optional(Type.String()),
})
export type ApiKey = Static<typeof ApiKey>

export const listApiKeys = defineRoute({
  name: 'listApiKeys',
  service: 'auth',
  method: 'GET',
  path: '/auth/keys',
  access: 'customer',
  scope: 'session',
  summary: 'My API keys, the newest first',
  answer: Type.Object({ data: Type.Array(ApiKey) }),
})

export const ApiKeyBody = closed({
  password: Password,
  name: Type.String({
    pattern: '^[^\\p{C}]{1,50}$',
    'x-rule': 'Use 1 to 50 characters.',
  }),
  scopes: Scopes,
  addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 20,
      'x-rule': 'Give up to 20 addresses or networks such as 203.0.113.7 or 10.0.0.0/8.',
    }),
  ),
  expires_at: Type.Optional(Instant),
})

export const createApiKey = defineRoute({
  name: 'createApiKey',
  service: 'auth',
  method: 'POST',
  path: '/auth/keys',
  access: 'customer',
  scope: 'session',
  secondFactor: true,
  summary: 'Make an API key, sent as a bearer token; its secret is shown this once',
  body: ApiKeyBody,
  answer: dataOf(
    Type.Object({
      ...ApiKey.properties,
      api_key: Type.String({ description: 'Send as `Authorization: Bearer …`' }),
    }),
  ),
  status: 201,
  problems: ['too-many-keys', 'wrong-credentials', 'sign-in-blocked', 'too-busy'],
})

export const revokeApiKey = defineRoute({
  name: 'revokeApiKey',
  service: 'auth',
  method: 'DELETE',
  path: '/auth/keys/:key_id',
  access: 'customer',
  scope: 'session',
  summary: 'Revoke an API key: it stops working at once',
  params: Type.Object({ key_id: Type.String({ pattern: '^[0-9A-Za-z_-]{1,64}$' }) }),
  answer: Message,
  problems: ['key-not-found'],
})
