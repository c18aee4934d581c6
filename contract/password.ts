/** Passwords, and the one-time links that are sent by mail. */
import { Type } from 'typebox'
import { Email, Message, Password } from './auth.ts'
import { closed, defineRoute } from './route.ts'

/** What stands behind the `#` of a link that was sent by mail. */
const LinkToken = Type.String({
  pattern: '^[0-9A-Za-z._-]{20,200}$',
  'x-rule': 'Give the token of the link as it stands in the mail.',
})

export const PasswordBody = closed({ current_password: Password, new_password: Password })

export const changePassword = defineRoute({
  name: 'changePassword',
  service: 'auth',
  method: 'POST',
  path: '/auth/password',
  access: 'customer',
  scope: 'session',
  secondFactor: true,
  summary: 'Change my password; every other session ends',
  body: PasswordBody,
  answer: Message,
  problems: ['wrong-credentials', 'sign-in-blocked', 'too-busy'],
})

export const forgotPassword = defineRoute({
  name: 'forgotPassword',
  service: 'auth',
  method: 'POST',
  path: '/auth/password/forgot',
  access: 'public',
  summary: 'Send a link for a new password; the answer is the same whether the address is known',
  body: closed({ email: Email }),
  answer: Message,
  problems: ['sign-in-blocked', 'rate-limited', 'too-busy'],
})

export const resetPassword = defineRoute({
  name: 'resetPassword',
  service: 'auth',
  method: 'POST',
  path: '/auth/password/reset',
  access: 'public',
  summary: 'Set a new password with the link of the mail; every session ends',
  body: closed({ token: LinkToken, new_password: Password }),
  answer: Message,
  problems: ['link-not-valid', 'sign-in-blocked', 'too-busy'],
})

export const verifyEmail = defineRoute({
  name: 'verifyEmail',
  service: 'auth',
  method: 'POST',
  path: '/auth/email/verify',
  access: 'public',
  summary: 'Confirm the e-mail address with the link of the mail',
  body: closed({ token: LinkToken }),
  answer: Message,
  problems: ['link-not-valid'],
})

export const sendVerification = defineRoute({
  name: 'sendVerification',
  service: 'auth',
  method: 'POST',
  path: '/auth/email/send',
  access: 'customer',
  scope: 'session',
  summary: 'Send the link that confirms my e-mail address again',
  answer: Message,
  problems: ['rate-limited'],
})
