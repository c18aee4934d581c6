/** Key and stored shape of a user's password. */
import { textIn, unitsIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'

export type Password = {
  /** A PHC string. */
  readonly hash: string
  /** Moves by one with every new password, and not when the same one is hashed anew. */
  readonly version: bigint
}

export const passwordKey = (userId: string): Key => ({ pk: partitionOf(userId), sk: '@PASSWORD' })

export const loadPassword = (row: Row): Password => ({
  hash: textIn(row, 'hash'),
  version: unitsIn(row, 'version'),
})

export const storePassword = (password: Password): Row => ({ ...password })
