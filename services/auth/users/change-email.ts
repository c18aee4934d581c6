/**
 * Moves a user to another address, as the old one is let go. Whoever has the address can have a new
 * password sent there, so this asks for as much as a new password does, and ends as much.
 */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { linkLetterOps, noticeOp } from '../mail/write-letter.ts'
import { stillConfirmed } from '../passwords/confirm-password.ts'
import { endResetLinkOp } from '../passwords/new-password-ops.ts'
import { passwordKey } from '../passwords/password-rows.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import { sessionsToEnd } from '../sessions/sessions-to-end.ts'
import type { Visitor } from '../visitor.ts'
import { decideEmail, movesAddress } from './decide-profile.ts'
import {
  emailKey,
  loadHolder,
  loadUser,
  profileKey,
  putChanged,
  storeHolder,
  type User,
} from './user-rows.ts'

export type EmailChange = {
  readonly userId: string
  /** The session that goes on. */
  readonly sessionId: string
  readonly email: string
  /** Of the password that was confirmed. */
  readonly passwordVersion: bigint
  readonly visitor: Visitor
  readonly deadline: number
}

/** Throws `email-taken`, and `wrong-credentials` when the password has changed since. */
export async function changeEmail(
  { userId, sessionId, email, passwordVersion, visitor, deadline }: EmailChange,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<User> {
  const nowMs = clock.now()
  const now = new Date(nowMs).toISOString()
  const { address, requestId } = visitor
  let endings: readonly Op[] = []
  return commitDecision({
    store,
    keys: [profileKey(userId), passwordKey(userId), emailKey(email)],
    gather: async () => {
      endings = await sessionsToEnd(userId, store, { except: sessionId })
    },
    decide([profileRow, passwordRow, emailRow]) {
      if (profileRow === undefined) throw new Problem('not-signed-in')
      const before = loadUser(userId, profileRow)
      const after = decideEmail({ user: before, email, holder: loadHolder(emailRow), now })
      if (after === before) return { ops: [], outcome: before }
      const pair = { before, after }
      return {
        ops: [
          putChanged(pair),
          stillConfirmed(userId, passwordRow, passwordVersion),
          ...(movesAddress(pair)
            ? [...move(pair), ...tell(pair, { nowMs, newId }), ...endings]
            : []),
          securityEventOp(
            { kind: 'email-changed', outcome: 'done', userId, address, requestId },
            { at: now, id: newId() },
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

function move({ before, after }: Pair): readonly Op[] {
  const holder = storeHolder(after.userId)
  return [
    { kind: 'put', key: emailKey(after.email), row: holder, when: { absent: true } },
    { kind: 'delete', key: emailKey(before.email), when: { equals: holder } },
  ]
}

/** The new address has to be verified, and the old one hears of it: whoever reads there may object. */
function tell(
  { before, after: { userId, email } }: Pair,
  at: { nowMs: number; newId: () => string },
): readonly Op[] {
  return [
    endResetLinkOp(userId),
    ...linkLetterOps('verify-email', { userId, address: email, ...at }),
    noticeOp('email-changed', { userId, address: before.email, ...at }),
  ]
}
