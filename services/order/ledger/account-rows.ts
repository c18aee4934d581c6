/** The head of a customer's partition: where the journal stands, and what the account may do. */

import { nameIn, textIn, unitsIn, withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'

const PARTITION_PREFIX = 'U#'

/** Everything of one customer is in one partition. */
export const partitionOf = (userId: string): string => `${PARTITION_PREFIX}${userId}`

/** The customer of a partition; `undefined` where it is none of a customer's. */
export const userIdOf = (partition: string): string | undefined =>
  partition.startsWith(PARTITION_PREFIX) ? partition.slice(PARTITION_PREFIX.length) : undefined

export const HEAD_SORT_KEY = '@HEAD'

export const headKey = (userId: string): Key => ({ pk: partitionOf(userId), sk: HEAD_SORT_KEY })

/** `frozen` and `closed` accounts move nothing by themselves; an operator still can. */
export const ACCOUNT_STATUSES = ['active', 'frozen', 'closed'] as const
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number]

/** `small` for any phrase, `red-pocket` for one of the list. */
export const REWARD_KINDS = ['small', 'red-pocket'] as const
export type RewardKind = (typeof REWARD_KINDS)[number]

export type Account = {
  /** Of the last journal event; it moves by one with every commit, under a condition. */
  readonly seq: bigint
  /** Of the last journal event. */
  readonly hash: string
  /** When the last journal event happened, RFC 3339. */
  readonly at: string
  readonly createdAt: string
  readonly status: AccountStatus
  /** Orders that can still be filled. */
  readonly openOrders: bigint
  /** Journal events that moved cash: the length of that listing. */
  readonly cashTransactions: bigint
  /** The UTC day, `2026-01-31`, that the columns below are of. */
  readonly day: string
  /** Cents. */
  readonly depositedToday: bigint
  /** Cents. */
  readonly withdrawnToday: bigint
  /** The greatest reward of the day; absent while there was none. */
  readonly rewarded?: RewardKind | undefined
}

export const loadAccount = (row: Row): Account =>
  withoutAbsent({
    seq: unitsIn(row, 'seq'),
    hash: textIn(row, 'hash'),
    at: textIn(row, 'at'),
    createdAt: textIn(row, 'createdAt'),
    status: nameIn(row, 'status', ACCOUNT_STATUSES),
    openOrders: unitsIn(row, 'openOrders'),
    cashTransactions: unitsIn(row, 'cashTransactions'),
    day: textIn(row, 'day'),
    depositedToday: unitsIn(row, 'depositedToday'),
    withdrawnToday: unitsIn(row, 'withdrawnToday'),
    rewarded: row['rewarded'] === undefined ? undefined : nameIn(row, 'rewarded', REWARD_KINDS),
  })

export const storeAccount = (account: Account): Row => withoutAbsent({ ...account })
