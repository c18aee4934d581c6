/** The second factor: which route, which function. */
import { Problem } from '@cnop/contract/problem.ts'
import {
  beginSecondFactor as beginSecondFactorRoute,
  checkSecondFactor,
  confirmSecondFactor as confirmSecondFactorRoute,
  dropSecondFactor,
  getSecondFactor,
} from '@cnop/contract/second-factor.ts'
import { resetSecondFactor } from '@cnop/contract/security-log.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Outbox } from './mail/outbox.ts'
import type { PasswordHasher } from './passwords/password-hasher.ts'
import { verifyPassword } from './passwords/verify-password.ts'
import { beginSecondFactor } from './second-factor/begin-second-factor.ts'
import { confirmSecondFactor } from './second-factor/confirm-second-factor.ts'
import { endSecondFactor } from './second-factor/end-second-factor.ts'
import type { FactorVault } from './second-factor/factor-vault.ts'
import { passSecondFactor } from './second-factor/pass-second-factor.ts'
import { readSecondFactor } from './second-factor/read-second-factor.ts'
import { timeSecretUri } from './second-factor/time-codes.ts'
import type { SignInGuard } from './sign-in/sign-in-guard.ts'
import { findUser } from './users/find-user.ts'
import { visitorOf } from './visitor.ts'

export function secondFactorEndpoints(parts: {
  store: Store
  clock: CommitClock
  hasher: PasswordHasher
  guard: SignInGuard
  vault: FactorVault
  outbox: Pick<Outbox, 'wake'>
  newId: () => string
}): readonly Endpoint[] {
  const { store, guard, outbox } = parts
  return [
    serve(getSecondFactor, async (call) => {
      const { on, recoveryCodesLeft } = await readSecondFactor(customerOf(call).userId, store)
      return { data: { on, recovery_codes_left: recoveryCodesLeft } }
    }),
    serve(beginSecondFactorRoute, async (call) => {
      const { userId, username } = customerOf(call)
      const { address, requestId } = visitorOf(call)
      const { password } = call.body
      const { deadline } = call
      await guard.attempt({ account: username, userId, address, requestId }, () =>
        verifyPassword({ usernameOrEmail: username, password, deadline }, parts),
      )
      const secret = await beginSecondFactor({ userId, deadline }, parts)
      return { data: { secret, uri: timeSecretUri(secret, username) } }
    }),
    serve(confirmSecondFactorRoute, async (call) => {
      const { userId, sessionId } = customerOf(call)
      const { code } = call.body
      const { deadline } = call
      const visitor = visitorOf(call)
      const { address, requestId } = visitor
      const codes = await guard.attempt({ userId, address, requestId }, () =>
        confirmSecondFactor({ userId, sessionId, code, visitor, deadline }, parts),
      )
      outbox.wake()
      return { data: { recovery_codes: [...codes] } }
    }),
    serve(dropSecondFactor, async (call) => {
      const { address, requestId } = visitorOf(call)
      const { deadline } = call
      const { userId } = customerOf(call)
      await endSecondFactor({ userId, by: { address, requestId }, deadline }, parts)
      outbox.wake()
      return { message: 'The second factor is off' }
    }),
    serve(checkSecondFactor, async ({ body, deadline }) => {
      const { user_id: userId, code, purpose, address, request_id: requestId } = body
      const visitor = { address, requestId }
      const { on } = await readSecondFactor(userId, store)
      if (!on) return { data: { asked: false } }
      const asked = await guard.attempt({ userId, address, requestId }, () =>
        passSecondFactor({ userId, code, purpose, visitor, deadline }, parts),
      )
      return { data: { asked } }
    }),
    serve(resetSecondFactor, async (call) => {
      const user = await findUser(call.params.username, store)
      if (user === undefined) throw new Problem('user-not-found')
      const { caller, requestId, deadline } = call
      const actor = caller.kind === 'operator' ? caller.name : undefined
      const by = { actor, requestId, detail: call.body.reason }
      await endSecondFactor({ userId: user.userId, by, deadline }, parts)
      outbox.wake()
      return { data: { user_id: user.userId, username: user.username } }
    }),
  ]
}
