/** Keys and stored shapes of a user: who it is, and which name and address it holds. */
import {
  optionalTextIn,
  textIn,
  truthIn,
  unitsIn,
  withoutAbsent,
} from '@cnop/kit/store/row-fields.ts'
import type { Key, Op, Row } from '@cnop/kit/store/store.ts'

/** What people tell about themselves, and may change. */
export type Details = {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly phone: string | undefined
  /** 1990-12-31 */
  readonly dateOfBirth: string | undefined
  readonly marketingEmailsConsent: boolean
}

/** What is changed by itself; another address asks for more. */
export type ProfileChanges = Partial<Omit<Details, 'email'>>

export type User = Details & {
  readonly userId: string
  readonly username: string
  /** Whether a link that was sent to the address has come back. */
  readonly emailVerified: boolean
  /** RFC 3339, as `updatedAt`. */
  readonly createdAt: string
  readonly updatedAt: string
  /** Moves by one with every change, under a condition. */
  readonly version: bigint
}

const USER_PREFIX = 'U#'

/** Everything of one user is in one partition. */
export const partitionOf = (userId: string): string => `${USER_PREFIX}${userId}`

/** Whose row it is. */
export const userIdIn = ({ pk }: Key): string => pk.slice(USER_PREFIX.length)

export const profileKey = (userId: string): Key => ({ pk: partitionOf(userId), sk: '@PROFILE' })

export function loadUser(userId: string, row: Row): User {
  return {
    userId,
    username: textIn(row, 'username'),
    email: textIn(row, 'email'),
    emailVerified: row['emailVerified'] !== undefined && truthIn(row, 'emailVerified'),
    firstName: textIn(row, 'firstName'),
    lastName: textIn(row, 'lastName'),
    phone: optionalTextIn(row, 'phone'),
    dateOfBirth: optionalTextIn(row, 'dateOfBirth'),
    marketingEmailsConsent: truthIn(row, 'marketingEmailsConsent'),
    createdAt: textIn(row, 'createdAt'),
    updatedAt: textIn(row, 'updatedAt'),
    version: unitsIn(row, 'version'),
  }
}

export function storeUser({ userId: _, ...columns }: User): Row {
  return withoutAbsent(columns)
}

/** While nobody else has changed the user since. */
export const putChanged = ({ before, after }: { before: User; after: User }): Op => ({
  kind: 'put',
  key: profileKey(after.userId),
  row: storeUser(after),
  when: { equals: { version: before.version } },
})

/** One row holds a name, and one an address, for one user: whoever writes it first has it. */
export const usernameKey = (username: string): Key => ({
  pk: `N#${username.toLowerCase()}`,
  sk: '@USER',
})

export const emailKey = (email: string): Key => ({ pk: `M#${email.toLowerCase()}`, sk: '@USER' })

/** No user name has an @ in it, and every address has. */
export const usernameOrEmailKey = (text: string): Key =>
  text.includes('@') ? emailKey(text) : usernameKey(text)

/** The user who holds a name or an address; `undefined` where nobody does. */
export const loadHolder = (row: Row | undefined): string | undefined =>
  row === undefined ? undefined : textIn(row, 'userId')

export const storeHolder = (userId: string): Row => ({ userId })
