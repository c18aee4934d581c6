/** The passwords that guessers try first; where the list comes from is said beside it. */
import { readFileSync } from 'node:fs'

const LIST = new URL('common-passwords.txt', import.meta.url)

/** Lower case; 12 characters and more, and short ones that long ones are made of. */
export const readCommonPasswords = (): ReadonlySet<string> =>
  new Set(readFileSync(LIST, 'utf8').trimEnd().split('\n'))
