/** Sends a link for a new password, if anybody has the address. Runs behind the answer. */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { type AllowanceParts, takeHourly } from '../hourly-allowance.ts'
import { linkLetterOps } from '../mail/write-letter.ts'
import type { SecurityEventQueue } from '../security-log/security-event-queue.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import { findUser } from '../users/find-user.ts'
import { loadUser, profileKey } from '../users/user-rows.ts'
import type { Visitor } from '../visitor.ts'

export type ForgotParts = AllowanceParts & {
  readonly store: Store
  readonly clock: CommitClock
  readonly newId: () => string
  readonly events: Pick<SecurityEventQueue, 'push'>
}

/** Nobody needs more, and nobody is to be flooded. */
const LETTERS_PER_HOUR = 3
const COMMIT_MS = 10_000

export async function forgotPassword(
  { email, visitor }: { email: string; visitor: Visitor },
  parts: ForgotParts,
): Promise<void> {
  const { address, requestId } = visitor
  const user = await findUser(email, parts.store)
  const asked = { kind: 'password-reset-asked', userId: user?.userId, address, requestId } as const
  if (user === undefined) {
    parts.events.push({ ...asked, outcome: 'refused', actor: email })
    return
  }
  try {
    const key = `reset-letters:${user.userId}`
    await takeHourly({ key, perHour: LETTERS_PER_HOUR }, parts)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    parts.events.push({ ...asked, outcome: 'refused', detail: 'too many letters' })
    return
  }
  await sendResetLink(user.userId, { ...asked, outcome: 'done' }, parts)
}

async function sendResetLink(
  userId: string,
  asked: Parameters<typeof securityEventOp>[0],
  { store, clock, newId }: ForgotParts,
): Promise<void> {
  const key = profileKey(userId)
  const nowMs = clock.now()
  await commitDecision({
    store,
    keys: [key],
    decide([row]) {
      if (row === undefined) return { ops: [], outcome: undefined }
      const { email, version } = loadUser(userId, row)
      return {
        ops: [
          { kind: 'check', key, when: { equals: { version } } },
          ...linkLetterOps('reset-password', { userId, address: email, nowMs, newId }),
          securityEventOp(asked, { at: new Date(nowMs).toISOString(), id: newId() }),
        ],
        outcome: undefined,
      }
    },
    deadline: nowMs + COMMIT_MS,
    clock,
  })
}
