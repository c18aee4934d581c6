/**
 * A new password for whoever holds the link that was sent to the owner. Somebody else may have had
 * the account: every session ends, and every API key.
 */
import { Problem } from '@cnop/contract/problem.ts'
import { commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Key, Op, Row } from '@cnop/kit/store/store.ts'
import { apiKeyTallyKey, loadKeyTally } from '../api-keys/api-key-rows.ts'
import { allKeysRevoked } from '../api-keys/revoke-all-keys.ts'
import { decideLink } from '../mail/decide-link.ts'
import { linkKey, loadLink, useLinkOp } from '../mail/link-rows.ts'
import type { LinkName, LinkTokens } from '../mail/link-tokens.ts'
import { noticeOp } from '../mail/write-letter.ts'
import { type SecurityEvent, securityEventOp } from '../security-log/security-event-rows.ts'
import { sessionsToEnd } from '../sessions/sessions-to-end.ts'
import { loadUser, profileKey } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'
import type { PasswordParts } from './change-password.ts'
import { refuseWeakPassword } from './decide-new-password.ts'
import { newPasswordOps } from './new-password-ops.ts'
import { loadPassword, passwordKey } from './password-rows.ts'

export type PasswordReset = {
  readonly token: string
  readonly newPassword: string
  readonly visitor: Visitor
  readonly deadline: number
}

type ResetParts = PasswordParts & { readonly linkTokens: LinkTokens }

/**
 * Throws `link-not-valid`, `sign-in-blocked`, `invalid-input` or `too-busy`; the link stays good
 * until a password is set with it.
 */
export async function resetPassword(reset: PasswordReset, parts: ResetParts): Promise<void> {
  const { address, requestId } = reset.visitor
  const failures = ['link-not-valid'] as const
  await parts.guard.attempt({ address, requestId, failures }, async () => {
    const link = parts.linkTokens.read(reset.token, 'reset-password')
    if (link === undefined) throw new Problem('link-not-valid')
    await setPassword(link, reset, parts)
  })
}

async function setPassword(
  link: LinkName,
  { newPassword, visitor, deadline }: PasswordReset,
  { store, clock, newId, hasher, commonPasswords }: ResetParts,
): Promise<void> {
  const { userId } = link
  const keys = [
    linkKey(userId, link.purpose),
    profileKey(userId),
    passwordKey(userId),
    apiKeyTallyKey(userId),
  ]
  const nowMs = clock.now()
  const { username, email } = accountBehind(link, await store.snapshot(keys), nowMs).user
  const chosen = { password: newPassword, field: 'new_password', username, email } as const
  refuseWeakPassword(chosen, commonPasswords)
  const hash = await hasher.hash(newPassword)
  const { address, requestId } = visitor
  const tell = (event: Pick<SecurityEvent, 'kind' | 'detail'>): Op =>
    securityEventOp(
      { ...event, outcome: 'done', userId, address, requestId },
      { at: new Date(nowMs).toISOString(), id: newId() },
    )
  let endings: readonly Op[] = []
  await commitDecision({
    store,
    keys,
    gather: async () => {
      endings = await sessionsToEnd(userId, store)
    },
    decide(rows) {
      const { user, present } = accountBehind(link, rows, nowMs)
      const { count: keyCount } = loadKeyTally(rows[3])
      return {
        ops: [
          useLinkOp(keys[0] as Key, link),
          ...newPasswordOps(user, { present, hash }),
          ...endings,
          allKeysRevoked(userId, rows[3]),
          tell({ kind: 'password-reset' }),
          ...(keyCount === 0n ? [] : [tell({ kind: 'key-revoked', detail: `all ${keyCount}` })]),
          noticeOp('password-reset', { userId, address: user.email, nowMs, newId }),
        ],
        outcome: undefined,
      }
    },
    deadline,
    clock,
  })
}

/** Throws `link-not-valid`. */
function accountBehind(
  { userId, linkId }: LinkName,
  [linkRow, profileRow, passwordRow]: readonly (Row | undefined)[],
  nowMs: number,
) {
  const user = profileRow && loadUser(userId, profileRow)
  decideLink({ linkId, kept: linkRow && loadLink(linkRow), address: user?.email, nowMs })
  if (user === undefined || passwordRow === undefined) throw new Problem('link-not-valid')
  return { user, present: loadPassword(passwordRow) }
}
