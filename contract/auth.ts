import { type Static, Type } from 'typebox'
import { closed, dataOf, defineRoute, Instant } from './route.ts'

export const Username = Type.String({
  pattern: '^[A-Za-z0-9_]{6,30}$',
  'x-rule': 'Use 6 to 30 letters, digits or underscores.',
})
export const Password = Type.String({
  minLength: 12,
  maxLength: 128,
  'x-rule': 'Use 12 to 128 characters.',
})
const Email = Type.String({
  format: 'email',
  maxLength: 254,
  'x-rule': 'Give an e-mail address such as name@example.org.',
})
const PersonName = Type.String({
  pattern: "^\\p{L}[\\p{L}\\p{M} '-]{0,49}$",
  'x-rule': 'Use 1 to 50 letters, spaces, apostrophes or hyphens.',
})
const Phone = Type.String({
  pattern: '^\\+?(?:[ ().-]{0,2}[0-9]){10,15}$',
  'x-rule': 'Use 10 to 15 digits, with a plus, spaces, dots, hyphens or brackets as you like.',
})
const BirthDate = Type.String({ format: 'date', 'x-rule': 'Give a date such as 1990-12-31.' })

const profileFields = {
  first_name: PersonName,
  last_name: PersonName,
  phone: Type.Optional(Phone),
  date_of_birth: Type.Optional(BirthDate),
  marketing_emails_consent: Type.Optional(Type.Boolean()),
}

export const RegisterBody = closed({
  username: Username,
  email: Email,
  password: Password,
  ...profileFields,
})
export type RegisterBody = Static<typeof RegisterBody>

export const Profile = Type.Object({
  user_id: Type.String(),
  username: Username,
  email: Email,
  first_name: Type.String(),
  last_name: Type.String(),
  phone: Type.Optional(Type.String()),
  date_of_birth: Type.Optional(Type.String()),
  marketing_emails_consent: Type.Boolean(),
  created_at: Instant,
  updated_at: Instant,
})
export type Profile = Static<typeof Profile>

const Message = { message: Type.String() }

export const register = defineRoute({
  name: 'register',
  service: 'auth',
  method: 'POST',
  path: '/auth/register',
  access: 'public',
  summary: 'Open an account',
  body: RegisterBody,
  answer: Type.Object({ ...Message, user_id: Type.String(), username: Username }),
  status: 201,
  problems: ['username-taken', 'email-taken', 'too-busy'],
})

export const login = defineRoute({
  name: 'login',
  service: 'auth',
  method: 'POST',
  path: '/auth/login',
  access: 'public',
  summary: 'Sign in with the user name or the e-mail address',
  body: closed({
    username: Type.Union([Username, Email], {
      'x-rule': 'Give your user name or your e-mail address.',
    }),
    password: Password,
  }),
  answer: Type.Object({
    access_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds' }),
  }),
  problems: ['wrong-credentials', 'too-busy'],
})

export const logout = defineRoute({
  name: 'logout',
  service: 'auth',
  method: 'POST',
  path: '/auth/logout',
  access: 'customer',
  summary: 'Sign out: the token stops working at once',
  body: Type.Optional(closed({ access_token: Type.Optional(Type.String({ maxLength: 8192 })) })),
  answer: Type.Object(Message),
})

export const getProfile = defineRoute({
  name: 'getProfile',
  service: 'auth',
  method: 'GET',
  path: '/auth/profile',
  access: 'customer',
  summary: 'Who I am',
  answer: Profile,
})

export const updateProfile = defineRoute({
  name: 'updateProfile',
  service: 'auth',
  method: 'PUT',
  path: '/auth/profile',
  access: 'customer',
  summary: 'Change who I am; what is left out stays',
  body: closed({
    email: Type.Optional(Email),
    first_name: Type.Optional(PersonName),
    last_name: Type.Optional(PersonName),
    phone: Type.Optional(Phone),
    date_of_birth: Type.Optional(BirthDate),
    marketing_emails_consent: Type.Optional(Type.Boolean()),
  }),
  answer: Profile,
  problems: ['email-taken'],
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
  session_id: Type.String(),
  expires_at: Instant,
})

export const validateToken = defineRoute({
  name: 'validateToken',
  service: 'auth',
  method: 'POST',
  path: '/internal/auth/validate',
  access: 'internal',
  summary: 'Is this token good, and whose is it',
  body: closed({ token: Type.String({ maxLength: 8192 }) }),
  answer: dataOf(TokenSubject),
  problems: ['bad-token'],
})

export const findUser = defineRoute({
  name: 'findUser',
  service: 'auth',
  method: 'GET',
  path: '/internal/operator/users/:username',
  access: 'operator',
  summary: 'The id behind a user name or an e-mail address',
  params: Type.Object({ username: Type.String({ minLength: 1, maxLength: 254 }) }),
  answer: dataOf(Type.Object({ user_id: Type.String(), username: Username, email: Type.String() })),
  problems: ['user-not-found'],
})
