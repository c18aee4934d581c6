/**
 * Which passwords may be chosen: length is what makes one good, so nothing is asked of its
 * characters, and what only looks long is refused. Passwords in use are never asked this.
 */
import { Problem } from '@cnop/contract/problem.ts'

export type NewPassword = {
  readonly password: string
  /** What the request calls it. */
  readonly field: 'password' | 'new_password'
  readonly username: string
  readonly email: string
}

const LENGTH_MIN = 12
const LENGTH_MAX = 128

/** Shorter ones are in many a good password by accident. */
const MAILBOX_LENGTH_MIN = 4

/** Throws `invalid-input` with a sentence at the field. */
export function refuseWeakPassword(
  { password, field, username, email }: NewPassword,
  common: ReadonlySet<string>,
): void {
  const text = password.normalize('NFC').toLowerCase()
  const fault =
    faultOfLength([...password.normalize('NFC')].length) ??
    faultOfOwnName(text, { username, email }) ??
    faultOfPattern(text) ??
    faultOfPlatform(text, common) ??
    faultOfCommon(text, common)
  if (fault === undefined) return
  throw new Problem('invalid-input', { errors: [{ field, message: fault }] })
}

/** Throws `invalid-input`: a change that changes nothing would still end the other sessions. */
export function refuseSamePassword(current: string, next: string): void {
  if (current.normalize('NFC') !== next.normalize('NFC')) return
  throw new Problem('invalid-input', {
    errors: [{ field: 'new_password', message: 'Choose another password than the present one.' }],
  })
}

const faultOfLength = (length: number): string | undefined =>
  length < LENGTH_MIN || length > LENGTH_MAX
    ? `Use ${LENGTH_MIN} to ${LENGTH_MAX} characters.`
    : undefined

function faultOfOwnName(
  text: string,
  { username, email }: { username: string; email: string },
): string | undefined {
  const [mailbox = ''] = email.toLowerCase().split('@')
  if (text.includes(username.toLowerCase())) return 'Leave your user name out of the password.'
  return mailbox.length >= MAILBOX_LENGTH_MIN && text.includes(mailbox)
    ? 'Leave your e-mail address out of the password.'
    : undefined
}

function faultOfPattern(text: string): string | undefined {
  if (repeatedPart(text).length < LENGTH_MIN) return 'Repeating something short makes no password.'
  return isWalk(text) ? 'Neighbours of a keyboard or an alphabet make no password.' : undefined
}

/** What a text consists of over and over, cut off anywhere; the whole text where nothing repeats. */
function repeatedPart(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (text.startsWith(text.slice(length))) return text.slice(0, length)
  }
  return text
}

const WALKS = [
  'abcdefghijklmnopqrstuvwxyza',
  '`1234567890-=',
  '01234567890',
  "qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
  'qwertzuiopüasdfghjklöäyxcvbnm,.-',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/',
]
const NEIGHBOURS: ReadonlySet<string> = new Set(
  WALKS.flatMap((walk) =>
    [...walk].slice(1).flatMap((next, i) => [`${walk[i]}${next}`, `${next}${walk[i]}`]),
  ),
)
const STEPS_PER_WALK_MIN = 4

/** Whether a text goes from each key to itself or a neighbour, with a leap now and then. */
function isWalk(text: string): boolean {
  const keys = [...text]
  const leaps = keys
    .slice(1)
    .filter((key, i) => key !== keys[i] && !NEIGHBOURS.has(`${keys[i]}${key}`)).length
  return (leaps + 1) * STEPS_PER_WALK_MIN <= keys.length
}

const PLATFORM = /cloudnative|orderprocessor|cnop/g

/** The platform's name, alone or with a common password, with less than a password round it. */
function faultOfPlatform(text: string, common: ReadonlySet<string>): string | undefined {
  const letters = text.replace(/\P{L}/gu, '')
  const rest = letters.replace(PLATFORM, '')
  const nothingElse = rest === '' || common.has(rest)
  return rest !== letters && nothingElse && text.length - letters.length < LENGTH_MIN
    ? 'The name of this platform and little else make no password.'
    : undefined
}

const AROUND = /^[^\p{L}]*|[^\p{L}]*$/gu

/** A common password, once or over and over, with less than a password round it. */
function faultOfCommon(text: string, common: ReadonlySet<string>): string | undefined {
  const bare = text.replace(AROUND, '')
  const known =
    common.has(text) ||
    (text.length - bare.length < LENGTH_MIN && (common.has(bare) || common.has(repeatedPart(bare))))
  return known ? 'This is among the passwords that guessers try first.' : undefined
}
