/**
 * A new password for somebody who knows the present one: this session stays, all others end, and
 * API keys, which others may depend on, are for their owner to revoke.
 */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { apiKeyTallyKey, loadKeyTally } from '../api-keys/api-key-rows.ts'
import { noticeOp } from '../mail/write-letter.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import { sessionsToEnd } from '../sessions/sessions-to-end.ts'
import type { SignInGuard } from '../sign-in/sign-in-guard.ts'
import { loadUser, profileKey } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'
import { confirmPassword } from './confirm-password.ts'
import { refuseSamePassword, refuseWeakPassword } from './decide-new-password.ts'
import { endResetLinkOp, newPasswordOps } from './new-password-ops.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { loadPassword, passwordKey } from './password-rows.ts'

export type PasswordParts = {
  readonly store: Store
  readonly clock: CommitClock
  readonly newId: () => string
  readonly hasher: PasswordHasher
  readonly guard: SignInGuard
  readonly commonPasswords: ReadonlySet<string>
}

export type PasswordChange = {
  readonly userId: string
  readonly sessionId: string
  readonly currentPassword: string
  readonly newPassword: string
  readonly visitor: Visitor
  readonly deadline: number
}

/** Throws `wrong-credentials`, `sign-in-blocked`, `invalid-input` or `too-busy`. */
export async function changePassword(change: PasswordChange, parts: PasswordParts): Promise<void> {
  const { userId, sessionId, visitor, deadline } = change
  const { store, clock, newId, hasher } = parts
  const keys = [profileKey(userId), passwordKey(userId), apiKeyTallyKey(userId)]
  const verifiedVersion = await verifyCurrent(change, parts)
  const hash = await hasher.hash(change.newPassword)
  const nowMs = clock.now()
  let endings: readonly Op[] = []
  await commitDecision({
    store,
    keys,
    gather: async () => {
      endings = await sessionsToEnd(userId, store, { except: sessionId })
    },
    decide([profileRow, passwordRow, keyTallyRow]) {
      const present = passwordRow && loadPassword(passwordRow)
      if (profileRow === undefined || present?.version !== verifiedVersion) {
        throw new Problem('wrong-credentials')
      }
      const user = loadUser(userId, profileRow)
      const { address, requestId } = visitor
      const apiKeys = Number(loadKeyTally(keyTallyRow).count)
      return {
        ops: [
          ...newPasswordOps(user, { present, hash }),
          endResetLinkOp(userId),
          ...endings,
          securityEventOp(
            { kind: 'password-changed', outcome: 'done', userId, address, requestId },
            { at: new Date(nowMs).toISOString(), id: newId() },
          ),
          noticeOp('password-changed', { userId, address: user.email, apiKeys, nowMs, newId }),
        ],
        outcome: undefined,
      }
    },
    deadline,
    clock,
  })
}

/** The version of the password that was verified. */
async function verifyCurrent(
  { userId, currentPassword, newPassword, visitor }: PasswordChange,
  parts: PasswordParts,
): Promise<bigint> {
  const [profileRow] = await parts.store.snapshot([profileKey(userId)])
  if (profileRow === undefined) throw new Problem('not-signed-in')
  const { username, email } = loadUser(userId, profileRow)
  const chosen = { password: newPassword, field: 'new_password', username, email } as const
  refuseSamePassword(currentPassword, newPassword)
  refuseWeakPassword(chosen, parts.commonPasswords)
  return confirmPassword({ userId, password: currentPassword, visitor }, parts)
}
