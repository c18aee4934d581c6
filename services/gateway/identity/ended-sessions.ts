/** Which requests end sessions and keys when they succeed, and whose: those are let in no more. */
import { revokeApiKey } from '@cnop/contract/api-key.ts'
import { changeEmail } from '@cnop/contract/auth.ts'
import { changePassword, resetPassword } from '@cnop/contract/password.ts'
import type { Route } from '@cnop/contract/route.ts'
import { confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { endOtherSessions, endSession, logout } from '@cnop/contract/session.ts'
import type { Customer } from '@cnop/kit/caller.ts'

export type HasEnded = (caller: Customer) => boolean

type Params = Readonly<Record<string, string>>

/** A key ends as a session does: it stands for one. */
const named =
  (param: string) =>
  (by: Customer, params: Params): HasEnded =>
  ({ userId, sessionId }) =>
    userId === by.userId && sessionId === params[param]

const itself =
  (by: Customer): HasEnded =>
  ({ sessionId }) =>
    sessionId === by.sessionId

/** Keys have no part in it. */
const others =
  (by: Customer): HasEnded =>
  ({ userId, sessionId, scopes }) =>
    userId === by.userId && sessionId !== by.sessionId && scopes === undefined

const ENDINGS: Readonly<Record<string, (by: Customer, params: Params) => HasEnded>> = {
  [logout.name]: itself,
  [endSession.name]: named('session_id'),
  [revokeApiKey.name]: named('key_id'),
  [endOtherSessions.name]: others,
  [changeEmail.name]: others,
  [changePassword.name]: others,
  [confirmSecondFactor.name]: others,
}

/** What a request of this route ends when it succeeds; `undefined` where it ends nothing. */
export const endingOf = (route: Route): ((by: Customer, params: Params) => HasEnded) | undefined =>
  ENDINGS[route.name]

/** It ends every session of somebody the door does not know. */
export const endsSomebodys = (route: Route): boolean => route.name === resetPassword.name
