/** Opens an account: the user, the name, the address and the password, all in one commit. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Key, Op, Row, Store } from '@cnop/kit/store/store.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import { passwordKey, storePassword } from '../passwords/password-rows.ts'
import { refuseTooYoung } from './decide-profile.ts'
import { decideRegistration } from './decide-registration.ts'
import {
  type Details,
  emailKey,
  loadHolder,
  profileKey,
  storeHolder,
  storeUser,
  type User,
  usernameKey,
} from './user-rows.ts'

export type Registration = {
  readonly userId: string
  readonly username: string
  readonly password: string
  readonly details: Details
  readonly deadline: number
}

/** Throws `invalid-input`, `username-taken`, `email-taken` or `too-busy`. */
export async function registerUser(
  { userId, username, password, details, deadline }: Registration,
  { store, hasher, clock }: { store: Store; hasher: PasswordHasher; clock: CommitClock },
): Promise<void> {
  const now = new Date(clock.now()).toISOString()
  refuseTooYoung(details.dateOfBirth, now)
  const user: User = {
    ...details,
    userId,
    username,
    emailVerified: false,
    createdAt: now,
    updatedAt: now,
    version: 1n,
  }
  const ops = registrationOps(user, await hasher.hash(password))
  await commitDecision({
    store,
    keys: [usernameKey(username), emailKey(details.email)],
    decide([usernameRow, emailRow]) {
      const verdict = decideRegistration({
        userId,
        usernameHolder: loadHolder(usernameRow),
        emailHolder: loadHolder(emailRow),
      })
      return { ops: verdict === 'free' ? ops : [], outcome: undefined }
    },
    deadline,
    clock,
  })
}

function registrationOps(user: User, passwordHash: string): readonly Op[] {
  const { userId } = user
  return [
    putNew(usernameKey(user.username), storeHolder(userId)),
    putNew(emailKey(user.email), storeHolder(userId)),
    putNew(profileKey(userId), storeUser(user)),
    putNew(passwordKey(userId), storePassword({ hash: passwordHash, version: 1n })),
  ]
}

const putNew = (key: Key, row: Row): Op => ({ kind: 'put', key, row, when: { absent: true } })
