/** An address is its user's once a link that was sent there has come back. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { decideLink } from '../mail/decide-link.ts'
import { linkKey, loadLink, useLinkOp } from '../mail/link-rows.ts'
import type { LinkTokens } from '../mail/link-tokens.ts'
import { linkLetterOps } from '../mail/write-letter.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { Visitor } from '../visitor.ts'
import { loadUser, profileKey, storeUser } from './user-rows.ts'

export type VerificationParts = {
  readonly store: Store
  readonly clock: CommitClock
  readonly newId: () => string
  readonly linkTokens: LinkTokens
}

/** Throws `link-not-valid`. */
export async function verifyEmail(
  { token, visitor, deadline }: { token: string; visitor: Visitor; deadline: number },
  { store, clock, newId, linkTokens }: VerificationParts,
): Promise<void> {
  const link = linkTokens.read(token, 'verify-email')
  if (link === undefined) throw new Problem('link-not-valid')
  const { userId, linkId, purpose } = link
  const keyOfLink = linkKey(userId, purpose)
  const keyOfUser = profileKey(userId)
  const nowMs = clock.now()
  const { address, requestId } = visitor
  await commitDecision({
    store,
    keys: [keyOfLink, keyOfUser],
    decide([linkRow, userRow]) {
      const user = userRow && loadUser(userId, userRow)
      decideLink({ linkId, kept: linkRow && loadLink(linkRow), address: user?.email, nowMs })
      if (user === undefined) throw new Problem('link-not-valid')
      const { version } = user
      return {
        ops: [
          useLinkOp(keyOfLink, { linkId }),
          {
            kind: 'put',
            key: keyOfUser,
            row: storeUser({ ...user, emailVerified: true, version: version + 1n }),
            when: { equals: { version } },
          },
          securityEventOp(
            { kind: 'email-verified', outcome: 'done', userId, address, requestId },
            { at: new Date(nowMs).toISOString(), id: newId() },
          ),
        ],
        outcome: undefined,
      }
    },
    deadline,
    clock,
  })
}

/** Another link to the present address; there is nothing to do where it is verified. */
export async function sendVerification(
  { userId, deadline }: { userId: string; deadline: number },
  { store, clock, newId }: Omit<VerificationParts, 'linkTokens'>,
): Promise<void> {
  const key = profileKey(userId)
  const nowMs = clock.now()
  await commitDecision({
    store,
    keys: [key],
    decide([row]) {
      if (row === undefined) throw new Problem('not-signed-in')
      const { email, emailVerified, version } = loadUser(userId, row)
      const writing = { userId, address: email, nowMs, newId }
      return {
        ops: emailVerified
          ? []
          : [
              { kind: 'check', key, when: { equals: { version } } },
              ...linkLetterOps('verify-email', writing),
            ],
        outcome: undefined,
      }
    },
    deadline,
    clock,
  })
}
