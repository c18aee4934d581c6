import { Problem } from '@cnop/contract/problem.ts'
import type { ProfileChanges, User } from './user-rows.ts'

const AGE_YEARS_MIN = 13n

/** The user after a change that was made at `now`, RFC 3339. */
export const decideProfile = (user: User, changes: ProfileChanges, now: string): User => ({
  ...user,
  ...changes,
  updatedAt: now,
  version: user.version + 1n,
})

/**
 * The user with another address; the very same user where it is the same. Throws `email-taken` when
 * it is somebody else's. A new one has to be verified; the same one spelled anew has not.
 */
export function decideEmail({
  user,
  email,
  holder,
  now,
}: {
  user: User
  email: string
  /** Of the address asked for. */
  holder: string | undefined
  /** RFC 3339, UTC. */
  now: string
}): User {
  if (holder !== undefined && holder !== user.userId) throw new Problem('email-taken')
  if (email === user.email) return user
  const after = { ...user, email, updatedAt: now, version: user.version + 1n }
  return movesAddress({ before: user, after }) ? { ...after, emailVerified: false } : after
}

type Addressed = Pick<User, 'email'>

/** Whether two addresses are two, without regard to case. */
export const movesAddress = ({ before, after }: { before: Addressed; after: Addressed }): boolean =>
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
