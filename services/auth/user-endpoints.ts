/** Who somebody is: which route, which function. */
import {
  findUser as findUserRoute,
  getProfile,
  register,
  updateProfile as updateProfileRoute,
} from '@cnop/contract/auth.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { PasswordHasher } from './passwords/password-hasher.ts'
import { findUser, readUser } from './users/find-user.ts'
import { changesOf, detailsOf, profileOf } from './users/profile-fields.ts'
import { registerUser } from './users/register-user.ts'
import { updateProfile } from './users/update-profile.ts'

export function userEndpoints(parts: {
  store: Store
  clock: CommitClock
  hasher: PasswordHasher
  newId: () => string
}): readonly Endpoint[] {
  const { store } = parts
  return [
    serve(register, async ({ body, deadline }) => {
      const { username, password } = body
      const userId = parts.newId()
      const details = detailsOf(body)
      await registerUser({ userId, username, password, details, deadline }, parts)
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
      return profileOf(await updateProfile({ userId, changes, deadline: call.deadline }, parts))
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
