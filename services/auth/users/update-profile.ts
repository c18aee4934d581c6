/** Changes what a user tells about themselves. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'
import { decideProfile, refuseTooYoung } from './decide-profile.ts'
import { loadUser, type ProfileChanges, profileKey, putChanged, type User } from './user-rows.ts'

export type ProfileUpdate = {
  readonly userId: string
  readonly changes: ProfileChanges
  readonly visitor: Visitor
  readonly deadline: number
}

/** Throws `invalid-input`. */
export async function updateProfile(
  { userId, changes, visitor, deadline }: ProfileUpdate,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<User> {
  const now = new Date(clock.now()).toISOString()
  const { address, requestId } = visitor
  refuseTooYoung(changes.dateOfBirth, now)
  return commitDecision({
    store,
    keys: [profileKey(userId)],
    decide([row]) {
      if (row === undefined) throw new Problem('not-signed-in')
      const before = loadUser(userId, row)
      const after = decideProfile(before, changes, now)
      const detail = changedDetails(before, after).join(' ')
      const event = { outcome: 'done', userId, address, requestId, detail } as const
      const told = securityEventOp({ ...event, kind: 'profile-changed' }, { at: now, id: newId() })
      return {
        ops: [putChanged({ before, after }), ...(detail === '' ? [] : [told])],
        outcome: after,
      }
    },
    deadline,
    clock,
  })
}

const DETAILS = [
  'firstName',
  'lastName',
  'phone',
  'dateOfBirth',
  'marketingEmailsConsent',
] as const satisfies readonly (keyof ProfileChanges)[]

/** Which details have changed, never what they say. */
const changedDetails = (before: User, after: User): readonly string[] =>
  DETAILS.filter((name) => before[name] !== after[name])
