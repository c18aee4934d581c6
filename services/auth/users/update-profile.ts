/** Changes what a user tells about themselves; a new address is taken as the old one is let go. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { decideProfile, refuseTooYoung } from './decide-profile.ts'
import {
  type Details,
  emailKey,
  loadHolder,
  loadUser,
  profileKey,
  storeHolder,
  storeUser,
  type User,
} from './user-rows.ts'

/** Throws `invalid-input` or `email-taken`. */
export async function updateProfile(
  { userId, changes, deadline }: { userId: string; changes: Partial<Details>; deadline: number },
  { store, clock }: { store: Store; clock: CommitClock },
): Promise<User> {
  const { email } = changes
  const now = new Date(clock.now()).toISOString()
  refuseTooYoung(changes.dateOfBirth, now)
  return commitDecision({
    store,
    keys: [profileKey(userId), ...(email === undefined ? [] : [emailKey(email)])],
    decide([profileRow, emailRow]) {
      if (profileRow === undefined) throw new Problem('not-signed-in')
      const emailHolder = loadHolder(emailRow)
      const before = loadUser(userId, profileRow)
      const after = decideProfile({ user: before, changes, emailHolder, now })
      const addressMoves = email !== undefined && emailHolder === undefined
      return {
        ops: [putChanged(before, after), ...(addressMoves ? moveAddress(before, after) : [])],
        outcome: after,
      }
    },
    deadline,
    clock,
  })
}

const putChanged = (before: User, after: User): Op => ({
  kind: 'put',
  key: profileKey(after.userId),
  row: storeUser(after),
  when: { equals: { version: before.version } },
})

function moveAddress(before: User, after: User): readonly Op[] {
  const holder = storeHolder(after.userId)
  return [
    { kind: 'put', key: emailKey(after.email), row: holder, when: { absent: true } },
    { kind: 'delete', key: emailKey(before.email), when: { equals: holder } },
  ]
}
