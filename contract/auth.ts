/** Who somebody is. */
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
  description: 'No composition rule; common passwords are refused',
})
export const Email = Type.String({
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
  /** Whether a link that was sent to the address has come back. */
  email_verified: Type.Boolean(),
  first_name: Type.String(),
  last_name: Type.String(),
  phone: Type.Optional(Type.String()),
  date_of_birth: Type.Optional(Type.String()),
  marketing_emails_consent: Type.Boolean(),
  created_at: Instant,
  updated_at: Instant,
})
export type Profile = Static<typeof Profile>

/** One sentence for a person. */
export const Message = Type.Object({ message: Type.String() })

export const register = defineRoute({
  name: 'register',
  service: 'auth',
  method: 'POST',
  path: '/auth/register',
  access: 'public',
  summary: 'Open an account',
  body: RegisterBody,
  answer: Type.Object({ ...Message.properties, user_id: Type.String(), username: Username }),
  status: 201,
  problems: ['username-taken', 'email-taken', 'rate-limited', 'too-busy'],
})

export const getProfile = defineRoute({
  name: 'getProfile',
  service: 'auth',
  method: 'GET',
  path: '/auth/profile',
  access: 'customer',
  scope: 'read',
  summary: 'Who I am',
  answer: Profile,
})

export const ProfileBody = closed({
  first_name: Type.Optional(PersonName),
  last_name: Type.Optional(PersonName),
  phone: Type.Optional(Phone),
  date_of_birth: Type.Optional(BirthDate),
  marketing_emails_consent: Type.Optional(Type.Boolean()),
})

export const updateProfile = defineRoute({
  name: 'updateProfile',
  service: 'auth',
  method: 'PUT',
  path: '/auth/profile',
  access: 'customer',
  scope: 'session',
  summary: 'Change who I am; what is left out stays',
  body: ProfileBody,
  answer: Profile,
})

export const EmailBody = closed({ email: Email, current_password: Password })

export const changeEmail = defineRoute({
  name: 'changeEmail',
  service: 'auth',
  method: 'POST',
  path: '/auth/email',
  access: 'customer',
  scope: 'session',
  secondFactor: true,
  summary: 'Change my e-mail address, which has to be verified; every other session ends',
  body: EmailBody,
  answer: Profile,
  problems: ['email-taken', 'wrong-credentials', 'sign-in-blocked', 'rate-limited', 'too-busy'],
})

export const findUser = defineRoute({
  name: 'findUser',
  service: 'auth',
  method: 'GET',
  path: '/internal/operator/users/:username',
  access: 'operator',
  summary: 'Who has this user id, user name or e-mail address; an id comes first',
  params: Type.Object({ username: Type.String({ minLength: 1, maxLength: 254 }) }),
  answer: dataOf(Type.Object({ user_id: Type.String(), username: Username, email: Type.String() })),
  problems: ['user-not-found'],
})
