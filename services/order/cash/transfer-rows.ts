/** What crossed the border of the platform: deposits, withdrawals, rewards and an operator's corrections. */

import { nameIn, textIn, unitsIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../ledger/account-rows.ts'

export const TRANSFER_PREFIX = 'D#'

export const transferKey = (userId: string, transferId: string): Key => ({
  pk: partitionOf(userId),
  sk: `${TRANSFER_PREFIX}${transferId}`,
})

export const transferIdOfKey = (sortKey: string): string => sortKey.slice(TRANSFER_PREFIX.length)

/** Every transfer of a partition, oldest first: bounds of a query. */
export const TRANSFER_RANGE = { from: TRANSFER_PREFIX, to: 'D$' } as const

export const TRANSFER_KINDS = ['deposit', 'withdrawal', 'reward', 'adjustment'] as const
export type TransferKind = (typeof TRANSFER_KINDS)[number]

const TRANSFER_STATES = ['completed'] as const

export type Transfer = {
  readonly id: string
  readonly kind: TransferKind
  readonly asset: string
  /** What it did to the available balance: negative for a withdrawal. */
  readonly amount: bigint
  readonly state: (typeof TRANSFER_STATES)[number]
  /** The journal event that made it. */
  readonly seq: bigint
  readonly createdAt: string
}

export const loadTransfer = (id: string, row: Row): Transfer => ({
  id,
  kind: nameIn(row, 'kind', TRANSFER_KINDS),
  asset: textIn(row, 'asset'),
  amount: unitsIn(row, 'amount'),
  state: nameIn(row, 'state', TRANSFER_STATES),
  seq: unitsIn(row, 'seq'),
  createdAt: textIn(row, 'createdAt'),
})

export function storeTransfer(transfer: Transfer): Row {
  const { id: _inTheKey, ...columns } = transfer
  return { ...columns }
}
