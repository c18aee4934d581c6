/** From a name, a password and a second factor to a session. */
import type { Store } from '@cnop/kit/store/store.ts'
import { type VerifyParts, verifyPassword } from '../passwords/verify-password.ts'
import { type PassingParts, passSecondFactor } from '../second-factor/pass-second-factor.ts'
import type { SignInGuard } from '../sign-in/sign-in-guard.ts'
import type { Visitor } from '../visitor.ts'
import { type Grant, type GrantParts, grantTokens } from './grant-tokens.ts'
import { type OpeningParts, openSession } from './open-session.ts'
import { loadTally, sessionTallyKey } from './session-rows.ts'

export type SigningIn = {
  readonly usernameOrEmail: string
  readonly password: string
  readonly secondFactor: string | undefined
  /** Of the browser it comes from, where it has one: that session ends. */
  readonly refreshToken: string | undefined
  readonly visitor: Visitor
  readonly deadline: number
}

export type SignInParts = VerifyParts &
  PassingParts &
  OpeningParts &
  GrantParts & {
    readonly guard: SignInGuard
    readonly rules: OpeningParts['rules'] & GrantParts['rules']
  }

/**
 * Throws `wrong-credentials`, `second-factor-required`, `wrong-second-factor`, `sign-in-blocked`, or
 * `too-busy`.
 */
export function signIn(signingIn: SigningIn, parts: SignInParts): Promise<Grant> {
  const { usernameOrEmail: account, visitor } = signingIn
  const { address, requestId } = visitor
  return parts.guard.attempt({ account, address, requestId }, () => enter(signingIn, parts))
}

/** What the sign-in stands on is read before it is asked for, so that no change goes unnoticed. */
async function enter(
  { visitor, secondFactor, refreshToken, ...credentials }: SigningIn,
  parts: SignInParts,
): Promise<Grant> {
  const { store, clock, newId, refreshTokens } = parts
  const { deadline } = credentials
  const { user, passwordVersion } = await verifyPassword(credentials, parts)
  const { userId } = user
  const ground = { passwordVersion, ended: await endingsOf(userId, store) }
  const purpose = `sign-in ${newId()}`
  await passSecondFactor({ userId, code: secondFactor, purpose, visitor, deadline }, parts)
  const nowMs = clock.now()
  const left = refreshToken === undefined ? undefined : refreshTokens.read(refreshToken)
  const session = await openSession({ user, ground, left, visitor, nowMs, deadline }, parts)
  return grantTokens({ userId, session, nowMs }, parts)
}

async function endingsOf(userId: string, store: Store): Promise<bigint> {
  const [row] = await store.snapshot([sessionTallyKey(userId)])
  return loadTally(row).ended
}
