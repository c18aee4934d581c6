import type { Order } from '@cnop/contract/order.ts'
import type { JournalEvent } from '../ledger/journal-rows.ts'

/** The order that an event made or changed, as it was answered; `undefined` for any other event. */
export function orderOfEvent(event: JournalEvent): Order | undefined {
  switch (event.type) {
    case 'order-placed':
    case 'order-filled':
    case 'order-cancelled':
      return (JSON.parse(event.body) as { data: Order }).data
    case 'cash-deposited':
    case 'cash-withdrawn':
    case 'reward-paid':
    case 'balance-adjusted':
    case 'account-status-set':
      return undefined
  }
}
