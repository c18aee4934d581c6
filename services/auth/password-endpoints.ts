/** Passwords and the links sent by mail: which route, which function. */
import {
  changePassword as changePasswordRoute,
  forgotPassword as forgotPasswordRoute,
  resetPassword as resetPasswordRoute,
  sendVerification as sendVerificationRoute,
  verifyEmail as verifyEmailRoute,
} from '@cnop/contract/password.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { networkOf } from '@cnop/kit/networks.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import { takeHourly, takeLetterTo } from './hourly-allowance.ts'
import type { LinkTokens } from './mail/link-tokens.ts'
import type { Outbox } from './mail/outbox.ts'
import type { BackgroundWork } from './passwords/background-work.ts'
import { changePassword, type PasswordParts } from './passwords/change-password.ts'
import { type ForgotParts, forgotPassword } from './passwords/forgot-password.ts'
import { resetPassword } from './passwords/reset-password.ts'
import { readUser } from './users/find-user.ts'
import { sendVerification, verifyEmail } from './users/verify-email.ts'
import { visitorOf } from './visitor.ts'

/** From one address: more than a household needs. */
const LINKS_ASKED_PER_HOUR = 30
const VERIFICATIONS_PER_HOUR = 5

export function passwordEndpoints(
  parts: PasswordParts &
    ForgotParts & {
      readonly linkTokens: LinkTokens
      readonly outbox: Pick<Outbox, 'wake'>
      readonly background: Pick<BackgroundWork, 'add'>
    },
): readonly Endpoint[] {
  const { store, outbox, background, guard } = parts
  return [
    serve(changePasswordRoute, async (call) => {
      const { userId, sessionId } = customerOf(call)
      const { current_password: currentPassword, new_password: newPassword } = call.body
      const { deadline } = call
      const visitor = visitorOf(call)
      await changePassword(
        { userId, sessionId, currentPassword, newPassword, visitor, deadline },
        parts,
      )
      outbox.wake()
      return { message: 'Your password is changed, and you are signed out everywhere else' }
    }),
    serve(forgotPasswordRoute, async (call) => {
      const visitor = visitorOf(call)
      const { email } = call.body
      const key = `links-asked:${networkOf(visitor.address)}`
      await guard.attempt(visitor, () => takeHourly({ key, perHour: LINKS_ASKED_PER_HOUR }, parts))
      background.add(async () => {
        await forgotPassword({ email, visitor }, parts)
        outbox.wake()
      })
      return { message: 'If there is an account with this address, a letter is on its way' }
    }),
    serve(resetPasswordRoute, async (call) => {
      const { token, new_password: newPassword } = call.body
      const { deadline } = call
      await resetPassword({ token, newPassword, visitor: visitorOf(call), deadline }, parts)
      outbox.wake()
      return { message: 'Your new password is set: sign in with it' }
    }),
    serve(verifyEmailRoute, async (call) => {
      const { deadline } = call
      await verifyEmail({ token: call.body.token, visitor: visitorOf(call), deadline }, parts)
      return { message: 'Your e-mail address is confirmed' }
    }),
    serve(sendVerificationRoute, async (call) => {
      const { userId } = customerOf(call)
      const key = `verification-letters:${userId}`
      await takeHourly({ key, perHour: VERIFICATIONS_PER_HOUR }, parts)
      const user = await readUser(userId, store)
      if (user === undefined) throw new Problem('not-signed-in')
      await takeLetterTo(user.email, parts)
      await sendVerification({ userId, deadline: call.deadline }, parts)
      outbox.wake()
      return { message: 'Unless your e-mail address is confirmed already, a letter is on its way' }
    }),
  ]
}
