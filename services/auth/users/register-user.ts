/**
 * Opens an account: the user, the name, the address, the password, and the letter that verifies the
 * address, all in one commit. A name that is taken is found at the end of the same work.
 */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Key, Op, Row, Store } from '@cnop/kit/store/store.ts'
import { linkLetterOps } from '../mail/write-letter.ts'
import { refuseWeakPassword } from '../passwords/decide-new-password.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import { passwordKey, storePassword } from '../passwords/password-rows.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'
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
  readonly visitor: Visitor
  readonly deadline: number
}

export type RegistrationParts = {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly clock: CommitClock
  readonly newId: () => string
  readonly commonPasswords: ReadonlySet<string>
}

/** Throws `invalid-input`, `username-taken`, `email-taken` or `too-busy`. */
export async function registerUser(
  { userId, username, password, details, visitor, deadline }: Registration,
  { store, hasher, clock, newId, commonPasswords }: RegistrationParts,
): Promise<void> {
  const { email } = details
  const nowMs = clock.now()
  const now = new Date(nowMs).toISOString()
  refuseTooYoung(details.dateOfBirth, now)
  refuseWeakPassword({ password, field: 'password', username, email }, commonPasswords)
  const user: User = {
    ...details,
    userId,
    username,
    emailVerified: false,
    createdAt: now,
    updatedAt: now,
    version: 1n,
  }
  const { address, requestId } = visitor
  const ops = [
    ...registrationOps(user, await hasher.hash(password)),
    ...linkLetterOps('verify-email', { userId, address: email, nowMs, newId }),
    securityEventOp(
      { kind: 'user-registered', outcome: 'done', userId, actor: username, address, requestId },
      { at: now, id: newId() },
    ),
  ]
  await commitDecision({
    store,
    keys: [usernameKey(username), emailKey(email)],
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
