/** Key and stored shape of a session: one sign-in, good for as long as its row is there. */
import { countIn, textIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'

export type Session = {
  readonly username: string
  /** RFC 3339. */
  readonly createdAt: string
  /** Epoch seconds; from then on the session is over. */
  readonly expires: number
}

const SESSION_PREFIX = 'S#'

/** The sessions of a partition, the oldest first. */
export const SESSION_RANGE = { from: SESSION_PREFIX, to: 'S$' } as const

export const sessionKey = (userId: string, sessionId: string): Key => ({
  pk: partitionOf(userId),
  sk: `${SESSION_PREFIX}${sessionId}`,
})

export const loadSession = (row: Row): Session => ({
  username: textIn(row, 'username'),
  createdAt: textIn(row, 'createdAt'),
  expires: countIn(row, 'expires'),
})

export const storeSession = (session: Session): Row => ({
  ...session,
  expires: BigInt(session.expires),
})
