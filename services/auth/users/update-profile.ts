/** Changes what a user tells about themselves; a new address is taken as the old one is let go. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { linkLetterOps, noticeOp } from '../mail/write-letter.ts'
import { endResetLinkOp } from '../passwords/new-password-ops.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'
import { decideProfile, movesAddress, refuseTooYoung } from './decide-profile.ts'
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

export type ProfileChange = {
  readonly userId: string
  readonly changes: Partial<Details>
  readonly visitor: Visitor
  readonly deadline: number
}

type UpdateParts = {
  readonly store: Store
  readonly clock: CommitClock
  readonly newId: () => string
}

/** Throws `invalid-input` or `email-taken`. */
export async function updateProfile(change: ProfileChange, parts: UpdateParts): Promise<User> {
  const { userId, changes, visitor, deadline } = change
  const { store, clock, newId } = parts
  const { email } = changes
  const nowMs = clock.now()
  const now = new Date(nowMs).toISOString()
  refuseTooYoung(changes.dateOfBirth, now)
  return commitDecision({
    store,
    keys: [profileKey(userId), ...(email === undefined ? [] : [emailKey(email)])],
    decide([profileRow, emailRow]) {
      if (profileRow === undefined) throw new Problem('not-signed-in')
      const before = loadUser(userId, profileRow)
      const after = decideProfile({ user: before, changes, emailHolder: loadHolder(emailRow), now })
      const pair = { before, after }
      const moves = movesAddress(before, after)
      return {
        ops: [
          putChanged(pair),
          ...(moves ? [...moveAddress(pair), ...tellOfMove(pair, { nowMs, newId })] : []),
          ...eventsOf(pair, visitor).map((event) =>
            securityEventOp(event, { at: now, id: newId() }),
          ),
        ],
        outcome: after,
      }
    },
    deadline,
    clock,
  })
}

type Pair = { readonly before: User; readonly after: User }

const putChanged = ({ before, after }: Pair): Op => ({
  kind: 'put',
  key: profileKey(after.userId),
  row: storeUser(after),
  when: { equals: { version: before.version } },
})

function moveAddress({ before, after }: Pair): readonly Op[] {
  const holder = storeHolder(after.userId)
  return [
    { kind: 'put', key: emailKey(after.email), row: holder, when: { absent: true } },
    { kind: 'delete', key: emailKey(before.email), when: { equals: holder } },
  ]
}

/** The new address has to be verified, and the old one hears of it: whoever reads there may object. */
function tellOfMove(
  { before, after: { userId, email } }: Pair,
  at: { nowMs: number; newId: () => string },
): readonly Op[] {
  return [
    endResetLinkOp(userId),
    ...linkLetterOps('verify-email', { userId, address: email, ...at }),
    noticeOp('email-changed', { userId, address: before.email, ...at }),
  ]
}

const DETAILS = [
  'firstName',
  'lastName',
  'phone',
  'dateOfBirth',
  'marketingEmailsConsent',
] as const satisfies readonly (keyof Details)[]

/** Which details have changed, never what they say. */
function eventsOf({ before, after }: Pair, { address, requestId }: Visitor) {
  const who = { outcome: 'done', userId: after.userId, address, requestId } as const
  const changed = DETAILS.filter((name) => before[name] !== after[name])
  return [
    ...(before.email === after.email ? [] : [{ ...who, kind: 'email-changed' } as const]),
    ...(changed.length === 0
      ? []
      : [{ ...who, kind: 'profile-changed', detail: changed.join(' ') } as const]),
  ]
}
