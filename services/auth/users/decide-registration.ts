import { Problem } from '@cnop/contract/problem.ts'

/**
 * Whether a new user gets the name and the address asked for. `written` when this same user has
 * them already: the answer to an earlier attempt was lost on its way.
 */
export function decideRegistration({
  userId,
  usernameHolder,
  emailHolder,
}: {
  userId: string
  usernameHolder: string | undefined
  emailHolder: string | undefined
}): 'free' | 'written' {
  if (usernameHolder === userId) return 'written'
  if (usernameHolder !== undefined) throw new Problem('username-taken')
  if (emailHolder !== undefined) throw new Problem('email-taken')
  return 'free'
}
