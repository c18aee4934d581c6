/** What a command comes to: a change of the account, or an answer that changes nothing. */

import type { TransferKind } from '../cash/transfer-rows.ts'
import type { OrderState } from '../orders/order-rows.ts'
import type { AccountStatus, RewardKind } from './account-rows.ts'
import type { EventType, JournalEvent, Posting } from './journal-rows.ts'

/** Facts that an event tells beyond its lines and its answer. */
type EventFacts = Pick<
  JournalEvent,
  'reason' | 'corrects' | 'notional' | 'worstPrice' | 'quantityScale' | 'quoteLifeMs'
>

/** One event, and what follows from it. Rules decide on it; nothing here is a row yet. */
export type Change = EventFacts & {
  readonly type: EventType
  readonly postings: readonly Posting[]
  /** The order as it is afterwards. */
  readonly order?: OrderState
  readonly transfer?: {
    readonly id: string
    readonly kind: TransferKind
    readonly asset: string
    readonly amount: bigint
  }
  readonly accountStatus?: AccountStatus
  readonly reward?: RewardKind
}
