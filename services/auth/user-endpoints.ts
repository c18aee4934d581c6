/** Who somebody is: which route, which function. */
import {
  changeEmail as changeEmailRoute,
  findUser as findUserRoute,
  getProfile,
  register,
  updateProfile as updateProfileRoute,
} from '@cnop/contract/auth.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { networkOf } from '@cnop/kit/networks.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import type { AuthRules } from './auth-rules.ts'
import { type AllowanceParts, takeHourly, takeLetterTo } from './hourly-allowance.ts'
import type { Outbox } from './mail/outbox.ts'
import { type ConfirmingParts, confirmPassword } from './passwords/confirm-password.ts'
import { changeEmail } from './users/change-email.ts'
import { findUser, readUser } from './users/find-user.ts'
import { changesOf, detailsOf, profileOf } from './users/profile-fields.ts'
import { type RegistrationParts, registerUser } from './users/register-user.ts'
import { updateProfile } from './users/update-profile.ts'
import { visitorOf } from './visitor.ts'

/** Each tells whether an address is taken, and most send letters. */
const MOVES_PER_HOUR = 5

export function userEndpoints(
  parts: RegistrationParts &
    ConfirmingParts &
    AllowanceParts & {
      readonly rules: Pick<AuthRules, 'registrationsPerAddress'>
      readonly outbox: Pick<Outbox, 'wake'>
    },
): readonly Endpoint[] {
  const { store, rules, outbox } = parts
  return [
    serve(register, async (call) => {
      const { username, password } = call.body
      const visitor = visitorOf(call)
      const key = `registrations:${networkOf(visitor.address)}`
      await takeHourly({ key, perHour: rules.registrationsPerAddress }, parts)
      const userId = parts.newId()
      const details = detailsOf(call.body)
      const { deadline } = call
      await registerUser({ userId, username, password, details, visitor, deadline }, parts)
      outbox.wake()
      return { message: 'User registered successfully', user_id: userId, username }
    }),
    serve(getProfile, async (call) => {
      const user = await readUser(customerOf(call).userId, store)
      if (user === undefined) throw new Problem('not-signed-in')
      return profileOf(user)
    }),
    serve(updateProfileRoute, async (call) => {
      const { userId } = customerOf(call)
      const changes = changesOf(call.body)
      const { deadline } = call
      const visitor = visitorOf(call)
      return profileOf(await updateProfile({ userId, changes, visitor, deadline }, parts))
    }),
    serve(changeEmailRoute, async (call) => {
      const { userId, sessionId } = customerOf(call)
      const { email, current_password: password } = call.body
      const { deadline } = call
      const visitor = visitorOf(call)
      const passwordVersion = await confirmPassword({ userId, password, visitor }, parts)
      await takeHourly({ key: `address-changes:${userId}`, perHour: MOVES_PER_HOUR }, parts)
      await takeLetterTo(email, parts)
      const user = await changeEmail(
        { userId, sessionId, email, passwordVersion, visitor, deadline },
        parts,
      )
      outbox.wake()
      return profileOf(user)
    }),
    serve(findUserRoute, async ({ params }) => {
      const given = params.username
      const user = (await readUser(given, store)) ?? (await findUser(given, store))
      if (user === undefined) throw new Problem('user-not-found')
      const { userId, username, email } = user
      return { data: { user_id: userId, username, email } }
    }),
  ]
}
