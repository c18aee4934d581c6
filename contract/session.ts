/** Signing in and out: a session, the access tokens of it, and the cookie that renews them. */
import { type Static, Type } from 'typebox'
import { Email, Message, Password, Username } from './auth.ts'
import { closed, dataOf, defineRoute, Instant, KEY_SCOPES } from './route.ts'

/** Carries the refresh token between browser and auth; the only cookie there is. */
export const REFRESH_COOKIE = 'cnop_refresh'

/**
 * Names, in an answer of auth to the door, the users whose sessions or API keys the request may have
 * ended, separated by commas. The door asks about their tokens anew; it goes no further.
 */
export const ENDED_HEADER = 'x-sessions-ended'

/** A code of the authenticator app, or one of the recovery codes. */
export const SecondFactorCode = Type.String({
  pattern: '^(?:[0-9]{6}|[0-9a-zA-Z]{5}-[0-9a-zA-Z]{5})$',
  'x-rule': 'Give the six digits of your app, or a recovery code such as 7k2mq-x4t9w.',
})

const AccessToken = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
})

export const login = defineRoute({
  name: 'login',
  service: 'auth',
  method: 'POST',
  path: '/auth/login',
  access: 'public',
  summary: 'Sign in with the user name or the e-mail address; sets the refresh cookie',
  body: closed({
    username: Type.Union([Username, Email], {
      'x-rule': 'Give your user name or your e-mail address.',
    }),
    password: Password,
    second_factor: Type.Optional(SecondFactorCode),
  }),
  answer: AccessToken,
  problems: [
    'wrong-credentials',
    'second-factor-required',
    'wrong-second-factor',
    'sign-in-blocked',
    'too-busy',
  ],
})

export const refresh = defineRoute({
  name: 'refresh',
  service: 'auth',
  method: 'POST',
  path: '/auth/refresh',
  access: 'public',
  cookie: true,
  summary: 'A new access token for the refresh cookie, which is replaced; a replaced one ends all',
  answer: AccessToken,
  problems: ['not-signed-in', 'cross-site-request'],
})

export const logout = defineRoute({
  name: 'logout',
  service: 'auth',
  method: 'POST',
  path: '/auth/logout',
  access: 'customer',
  scope: 'session',
  summary: 'Sign out: the token and the refresh cookie stop working at once',
  body: Type.Optional(closed({ access_token: Type.Optional(Type.String({ maxLength: 8192 })) })),
  answer: Message,
})

export const Session = Type.Object({
  session_id: Type.String(),
  /** Whether this request came by it. */
  current: Type.Boolean(),
  /** Where it was last seen. */
  address: Type.String(),
  /** What the client called itself, shortened. */
  user_agent: Type.String(),
  created_at: Instant,
  last_seen_at: Instant,
  expires_at: Instant,
})
export type Session = Static<typeof Session>

export const listSessions = defineRoute({
  name: 'listSessions',
  service: 'auth',
  method: 'GET',
  path: '/auth/sessions',
  access: 'customer',
  scope: 'session',
  summary: 'Where I am signed in, the newest first',
  answer: Type.Object({ data: Type.Array(Session) }),
})

export const endSession = defineRoute({
  name: 'endSession',
  service: 'auth',
  method: 'DELETE',
  path: '/auth/sessions/:session_id',
  access: 'customer',
  scope: 'session',
  summary: 'Sign out one session',
  params: Type.Object({ session_id: Type.String({ pattern: '^[0-9A-Za-z_-]{1,64}$' }) }),
  answer: Message,
  problems: ['session-not-found'],
})

export const endOtherSessions = defineRoute({
  name: 'endOtherSessions',
  service: 'auth',
  method: 'DELETE',
  path: '/auth/sessions',
  access: 'customer',
  scope: 'session',
  summary: 'Sign out everywhere but here',
  answer: Message,
})

export const tokenKeys = defineRoute({
  name: 'tokenKeys',
  service: 'auth',
  method: 'GET',
  path: '/auth/jwks',
  access: 'public',
  summary: 'The public keys that verify access tokens (RFC 7517)',
  answer: Type.Object({
    keys: Type.Array(
      Type.Object({
        kty: Type.Literal('OKP'),
        crv: Type.Literal('Ed25519'),
        x: Type.String(),
        kid: Type.String(),
        alg: Type.Literal('EdDSA'),
        use: Type.Literal('sig'),
      }),
    ),
  }),
})

export const TokenSubject = Type.Object({
  user_id: Type.String(),
  username: Username,
  /** Of the session, or of the API key that stands for one. */
  session_id: Type.String(),
  /** What an API key may do; absent for a session, which may do everything. */
  scopes: Type.Optional(Type.Array(Type.Enum([...KEY_SCOPES]))),
  /** Absent for a key that does not expire. */
  expires_at: Type.Optional(Instant),
})

export const validateToken = defineRoute({
  name: 'validateToken',
  service: 'auth',
  method: 'POST',
  path: '/internal/auth/validate',
  access: 'internal',
  summary: 'Is this access token or API key good, and whose is it',
  body: closed({
    token: Type.String({ maxLength: 8192 }),
    /** Where it came from: a key may be good at some addresses only. */
    address: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  answer: dataOf(TokenSubject),
  problems: ['bad-token', 'address-not-allowed'],
})
