/** The second factor: time-based codes (RFC 6238) of an authenticator app, and recovery codes. */
import { Type } from 'typebox'
import { Message, Password } from './auth.ts'
import { closed, dataOf, defineRoute } from './route.ts'
import { SecondFactorCode } from './session.ts'

export const getSecondFactor = defineRoute({
  name: 'getSecondFactor',
  service: 'auth',
  method: 'GET',
  path: '/auth/totp',
  access: 'customer',
  scope: 'session',
  summary: 'Whether a second factor is on, and how many recovery codes are left',
  answer: dataOf(Type.Object({ on: Type.Boolean(), recovery_codes_left: Type.Integer() })),
})

export const SecondFactorBody = closed({ password: Password })

export const beginSecondFactor = defineRoute({
  name: 'beginSecondFactor',
  service: 'auth',
  method: 'POST',
  path: '/auth/totp',
  access: 'customer',
  scope: 'session',
  summary: 'A secret for the authenticator app; the factor is on once a code of it is confirmed',
  body: SecondFactorBody,
  answer: dataOf(
    Type.Object({
      secret: Type.String({ description: 'Base32, to type' }),
      uri: Type.String({ description: 'otpauth, to show as a QR code' }),
    }),
  ),
  status: 201,
  problems: ['wrong-credentials', 'second-factor-on', 'sign-in-blocked', 'too-busy'],
})

export const confirmSecondFactor = defineRoute({
  name: 'confirmSecondFactor',
  service: 'auth',
  method: 'POST',
  path: '/auth/totp/confirm',
  access: 'customer',
  scope: 'session',
  summary:
    'Switch the second factor on; the recovery codes are shown this once; other sessions end',
  body: closed({ code: SecondFactorCode }),
  answer: dataOf(Type.Object({ recovery_codes: Type.Array(Type.String()) })),
  problems: [
    'second-factor-off',
    'second-factor-on',
    'wrong-second-factor',
    'sign-in-blocked',
    'too-busy',
  ],
})

export const dropSecondFactor = defineRoute({
  name: 'dropSecondFactor',
  service: 'auth',
  method: 'DELETE',
  path: '/auth/totp',
  access: 'customer',
  scope: 'session',
  secondFactor: true,
  summary: 'Switch the second factor off',
  answer: Message,
})

/**
 * The door asks before it lets a request with `secondFactor` pass. A code is good once, and again
 * for the same `purpose`, so that a request repeated under its key is not refused for its code.
 */
export const checkSecondFactor = defineRoute({
  name: 'checkSecondFactor',
  service: 'auth',
  method: 'POST',
  path: '/internal/auth/second-factor',
  access: 'internal',
  summary: 'Is this code good for this user; without a second factor everything is',
  body: closed({
    user_id: Type.String({ maxLength: 64 }),
    code: Type.Optional(Type.String({ maxLength: 64 })),
    /** The route and the idempotency key of the request. */
    purpose: Type.String({ minLength: 1, maxLength: 300 }),
    address: Type.String({ maxLength: 64 }),
    request_id: Type.String({ maxLength: 128 }),
  }),
  answer: dataOf(Type.Object({ asked: Type.Boolean() })),
  problems: ['second-factor-required', 'wrong-second-factor', 'sign-in-blocked', 'too-busy'],
})
