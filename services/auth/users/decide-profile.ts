import { Problem } from '@cnop/contract/problem.ts'
import type { Details, User } from './user-rows.ts'

const AGE_YEARS_MIN = 13n

/**
 * The user after a change. Throws `email-taken` when the address is somebody else's. A new one has
 * to be verified; the same one spelled anew has not.
 */
export function decideProfile({
  user,
  changes,
  emailHolder,
  now,
}: {
  user: User
  changes: Partial<Details>
  /** Of the address asked for. */
  emailHolder: string | undefined
  /** RFC 3339, UTC. */
  now: string
}): User {
  if (emailHolder !== undefined && emailHolder !== user.userId) throw new Problem('email-taken')
  const after = { ...user, ...changes, updatedAt: now, version: user.version + 1n }
  return movesAddress(user, after) ? { ...after, emailVerified: false } : after
}

/** Whether two addresses are two, without regard to case. */
export const movesAddress = (before: Pick<User, 'email'>, after: Pick<User, 'email'>): boolean =>
  before.email.toLowerCase() !== after.email.toLowerCase()

/**
 * Throws `invalid-input` for somebody who is younger than 13 at `now`, in UTC. Who was born on the
 * 29th of February comes of an age on the 1st of March of a common year.
 */
export function refuseTooYoung(dateOfBirth: string | undefined, now: string): void {
  if (dateOfBirth === undefined) return
  const [year = '', month = '', day = ''] = now.slice(0, '2000-12-31'.length).split('-')
  const latest = [String(BigInt(year) - AGE_YEARS_MIN), month, day].join('-')
  if (dateOfBirth <= latest) return
  throw new Problem('invalid-input', {
    errors: [
      { field: 'date_of_birth', message: `You must be at least ${AGE_YEARS_MIN} years old.` },
    ],
  })
}
