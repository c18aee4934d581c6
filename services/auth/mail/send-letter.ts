/**
 * Sends one waiting letter, at least once. Whoever takes it moves it to later in the same commit:
 * should that replica die, another one finds the letter due again.
 */
import type { Log } from '@cnop/kit/log.ts'
import { type Mail, MailFault } from '@cnop/kit/mail/mail.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { letterKey, putLetter, takeLetter, type WaitingLetter } from './letter-rows.ts'
import { writeText } from './letter-texts.ts'
import type { LinkTokens } from './link-tokens.ts'

export type SendingParts = {
  readonly store: Store
  readonly mail: Mail
  readonly clock: CommitClock
  readonly linkTokens: LinkTokens
  readonly publicUrl: string
  readonly log: Log
  readonly telemetry: Telemetry
}

const COMMIT_MS = 5_000
/** Longer than mail takes to hand a letter over or to give up. */
const LEASE_MS = 120_000
const WAIT_FIRST_MS = 2_000
const WAIT_MAX_MS = 3_600_000

export function letterSender(parts: SendingParts): (found: WaitingLetter) => Promise<void> {
  const { store, mail, clock, log } = parts
  const lettersTotal = parts.telemetry.counter('mail_letters_total', 'Letters, tried or given up', [
    'purpose',
    'outcome',
  ])

  /** All ops while the letter is still where it was found, or `false`. */
  const move = (letter: WaitingLetter, ops: readonly Op[]): Promise<boolean> =>
    commitDecision({
      store,
      keys: [letterKey(letter)],
      decide: ([row]) => (row === undefined ? { ops: [], outcome: false } : { ops, outcome: true }),
      deadline: clock.now() + COMMIT_MS,
      clock,
    })

  async function deliver(found: WaitingLetter): Promise<void> {
    const nowMs = clock.now()
    if (nowMs >= found.expiresMs) return giveUp(found, 'its time is over')
    const taken = { ...found, attempts: found.attempts + 1, dueMs: nowMs + LEASE_MS }
    if (!(await move(found, [takeLetter(found), putLetter(taken)]))) return
    try {
      await mail.send(writeText(taken, parts))
    } catch (error) {
      return tryLater(taken, error)
    }
    lettersTotal.inc({ purpose: taken.purpose, outcome: 'sent' })
    await move(taken, [takeLetter(taken)])
  }

  async function tryLater(letter: WaitingLetter, error: unknown): Promise<void> {
    const reason = error instanceof MailFault ? error.message : 'an unexpected fault'
    lettersTotal.inc({ purpose: letter.purpose, outcome: 'failed' })
    const dueMs = clock.now() + waitMs(letter.attempts, clock.random())
    if (dueMs >= letter.expiresMs) return giveUp(letter, reason)
    log.info({ ...nameOf(letter), reason }, 'a letter could not be handed over')
    await move(letter, [takeLetter(letter), putLetter({ ...letter, dueMs })])
  }

  async function giveUp(letter: WaitingLetter, reason: string): Promise<void> {
    if (!(await move(letter, [takeLetter(letter)]))) return
    lettersTotal.inc({ purpose: letter.purpose, outcome: 'given-up' })
    log.warn({ ...nameOf(letter), reason }, 'a letter was given up')
  }

  return deliver
}

/** Twice as long after each attempt, up to an hour, and a random half less. */
function waitMs(attempts: number, chance: number): number {
  const longestMs = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** (attempts - 1))
  return Math.ceil(longestMs * (1 - chance / 2))
}

/** Enough to find it; an address is nobody's business in a log. */
const nameOf = ({ id, purpose, userId, attempts }: WaitingLetter) => ({
  letter_id: id,
  user_id: userId,
  purpose,
  attempts,
})
