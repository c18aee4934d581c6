/** What happened to who may come in: kept apart from all other logs, for the operator. */
import { type Static, Type } from 'typebox'
import { Username } from './auth.ts'
import { closed, dataOf, defineRoute, Instant } from './route.ts'

export const SECURITY_EVENTS = [
  'user-registered',
  'signed-in',
  'sign-in-failed',
  'sign-in-blocked',
  'signed-out',
  'session-ended',
  'token-reused',
  'profile-changed',
  'password-changed',
  'password-reset-asked',
  'password-reset',
  'email-changed',
  'email-verified',
  'second-factor-on',
  'second-factor-off',
  'second-factor-failed',
  'recovery-code-used',
  'key-created',
  'key-revoked',
  'key-refused',
  'signing-key-rotated',
  'operator-acted',
  'events-dropped',
] as const
export type SecurityEventKind = (typeof SECURITY_EVENTS)[number]

export const SecurityEvent = Type.Object({
  event_id: Type.String(),
  at: Instant,
  kind: Type.Enum([...SECURITY_EVENTS]),
  outcome: Type.Enum(['done', 'refused']),
  /** Absent where nobody of this platform is meant. */
  user_id: Type.Optional(Type.String()),
  /**
   * The name or address of the account that was tried, where there is one: what else is typed
   * there may be a password. An operator's name for what one did.
   */
  actor: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  request_id: Type.String(),
  /** A word or two more, such as the id of a session or of a key; never a secret. */
  detail: Type.Optional(Type.String()),
})
export type SecurityEvent = Static<typeof SecurityEvent>

const OneDay = Type.String({ format: 'date', 'x-rule': 'Give a UTC day such as 2026-01-31.' })

export const listSecurityEvents = defineRoute({
  name: 'listSecurityEvents',
  service: 'auth',
  method: 'GET',
  path: '/internal/operator/security-events',
  access: 'operator',
  summary: 'What happened on a UTC day, the newest first; filters may make a page short',
  query: Type.Object({
    day: Type.Optional(OneDay),
    kind: Type.Optional(Type.Enum([...SECURITY_EVENTS])),
    user_id: Type.Optional(Type.String({ maxLength: 64 })),
    address: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  answer: Type.Object({
    data: Type.Array(SecurityEvent),
    has_more: Type.Boolean(),
    next_cursor: Type.Optional(Type.String()),
  }),
})

/** The door tells what an operator did; auth keeps it with the rest. */
export const recordOperatorAct = defineRoute({
  name: 'recordOperatorAct',
  service: 'auth',
  method: 'POST',
  path: '/internal/auth/operator-acts',
  access: 'internal',
  summary: 'Keep what an operator did in the security log',
  body: closed({
    operator: Type.String({ maxLength: 128 }),
    /** The route and what it was done to. */
    detail: Type.String({ maxLength: 300 }),
    outcome: Type.Enum(['done', 'refused']),
    user_id: Type.Optional(Type.String({ maxLength: 64 })),
    request_id: Type.String({ maxLength: 128 }),
  }),
  answer: dataOf(Type.Object({ recorded: Type.Boolean() })),
})

export const rotateSigningKey = defineRoute({
  name: 'rotateSigningKey',
  service: 'auth',
  method: 'POST',
  path: '/internal/operator/signing-key',
  access: 'operator',
  summary: 'Sign with a new key at once; tokens of the old keys end, sessions go on by refresh',
  body: closed({ reason: Type.String({ minLength: 1, maxLength: 200 }) }),
  answer: dataOf(Type.Object({ kid: Type.String() })),
})

export const resetSecondFactor = defineRoute({
  name: 'resetSecondFactor',
  service: 'auth',
  method: 'POST',
  path: '/internal/operator/users/:username/second-factor',
  access: 'operator',
  summary: 'Take the second factor from an account whose owner has lost it',
  params: Type.Object({ username: Type.String({ minLength: 1, maxLength: 254 }) }),
  body: closed({ reason: Type.String({ minLength: 1, maxLength: 200 }) }),
  answer: dataOf(Type.Object({ user_id: Type.String(), username: Username })),
  problems: ['user-not-found'],
})

export const endAllSessions = defineRoute({
  name: 'endAllSessions',
  service: 'auth',
  method: 'POST',
  path: '/internal/operator/users/:username/sign-out',
  access: 'operator',
  summary: 'End every session of a user; who has the password signs in again',
  params: Type.Object({ username: Type.String({ minLength: 1, maxLength: 254 }) }),
  body: closed({ reason: Type.String({ minLength: 1, maxLength: 200 }) }),
  answer: dataOf(Type.Object({ user_id: Type.String(), username: Username })),
  problems: ['user-not-found'],
})
