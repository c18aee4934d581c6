/** What a journal event was for the customer's cash. */
import type { CashTransaction, TransactionType, TransferAnswer } from '@cnop/contract/balance.ts'
import { formatUsd } from '@cnop/contract/money.ts'
import { CASH } from '../ledger/balance-rows.ts'
import { type JournalEvent, type Line, lineOf } from '../ledger/journal-rows.ts'
import { orderOfEvent } from '../orders/order-of-event.ts'

/** `undefined` for an event that left cash alone. */
export function cashTransactionOf(event: JournalEvent): CashTransaction | undefined {
  const line = lineOf(event, CASH)
  if (line === undefined) return undefined
  return {
    ...namesOf(event),
    transaction_type: typeOf(event, line),
    amount: formatUsd(line.a),
    status: 'completed',
    created_at: event.at,
  }
}

/**
 * An order may move cash more than once, so that its transactions are told apart by the sequence
 * of their events; a transfer moves it once and is its own reference.
 */
function namesOf(event: JournalEvent): Pick<CashTransaction, 'transaction_id' | 'reference_id'> {
  const order = orderOfEvent(event)
  if (order !== undefined) {
    return { transaction_id: `${order.order_id}-${event.seq}`, reference_id: order.order_id }
  }
  const { transaction_id } = JSON.parse(event.body) as TransferAnswer
  return { transaction_id, reference_id: transaction_id }
}

function typeOf(event: JournalEvent, line: Line): TransactionType {
  switch (event.type) {
    case 'cash-deposited':
      return 'deposit'
    case 'cash-withdrawn':
      return 'withdraw'
    case 'reward-paid':
      return 'reward'
    case 'order-placed':
      return 'order_hold'
    case 'order-filled':
      return line.xT < 0n ? 'order_sale' : 'order_payment'
    case 'order-cancelled':
      return 'order_release'
    case 'balance-adjusted':
    case 'account-status-set':
      return 'system_adjustment'
  }
}
