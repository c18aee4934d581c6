/**
 * Keys and stored shapes of sessions: one row for a sign-in, good for as long as it is there, and
 * one row that counts what happens to all of a user's, so that a commit can depend on the list.
 */
import {
  countIn,
  optionalTextIn,
  optionalUnitsIn,
  textIn,
  unitsIn,
} from '@cnop/kit/store/row-fields.ts'
import type { Condition, Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'

export type Session = {
  readonly username: string
  /** RFC 3339, as `lastSeenAt`. */
  readonly createdAt: string
  readonly lastSeenAt: string
  /** Epoch seconds; from then on the session is over. */
  readonly expires: number
  /** Of the refresh token in use; each refresh moves it by one. */
  readonly generation: bigint
  /** Epoch milliseconds of that move. */
  readonly rotatedAtMs: number
  /** Where it was last seen, and what the client called itself there. */
  readonly address: string
  readonly userAgent: string
}

export type KeptSession = Session & { readonly sessionId: string }

const SESSION_PREFIX = 'S#'

/** The sessions of a partition, the oldest first. */
export const SESSION_RANGE = { from: SESSION_PREFIX, to: 'S$' } as const

export const sessionKey = (userId: string, sessionId: string): Key => ({
  pk: partitionOf(userId),
  sk: `${SESSION_PREFIX}${sessionId}`,
})

export const isSessionKey = ({ sk }: Key): boolean => sk.startsWith(SESSION_PREFIX)

export const sessionIdIn = (sk: string): string => sk.slice(SESSION_PREFIX.length)

/** A session without the columns of a refresh token cannot be refreshed, and lives on till it expires. */
export function loadSession(row: Row): Session {
  const createdAt = textIn(row, 'createdAt')
  return {
    username: textIn(row, 'username'),
    createdAt,
    lastSeenAt: optionalTextIn(row, 'lastSeenAt') ?? createdAt,
    expires: countIn(row, 'expires'),
    generation: optionalUnitsIn(row, 'generation') ?? 0n,
    rotatedAtMs: Number(optionalUnitsIn(row, 'rotatedAtMs') ?? 0n),
    address: optionalTextIn(row, 'address') ?? '',
    userAgent: optionalTextIn(row, 'userAgent') ?? '',
  }
}

export const storeSession = (session: Session): Row => ({
  ...session,
  expires: BigInt(session.expires),
  rotatedAtMs: BigInt(session.rotatedAtMs),
})

/** How often a user has signed in, and how often several of their sessions were ended in one step. */
export type SessionTally = { readonly opened: bigint; readonly ended: bigint }

export const sessionTallyKey = (userId: string): Key => ({
  pk: partitionOf(userId),
  sk: '@SESSIONS',
})

export const loadTally = (row: Row | undefined): SessionTally =>
  row === undefined
    ? { opened: 0n, ended: 0n }
    : { opened: unitsIn(row, 'opened'), ended: unitsIn(row, 'ended') }

export const storeTally = (tally: SessionTally): Row => ({ ...tally })

/** That the tally stands as it was read: before the first sign-in there is none. */
export const tallyIs = ({ opened, ended }: SessionTally): Condition =>
  opened === 0n && ended === 0n ? { absent: true } : { equals: { opened, ended } }
