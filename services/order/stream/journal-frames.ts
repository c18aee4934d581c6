/** Journal events as frames of an event stream. */
import { formatDecimal } from '@cnop/contract/money.ts'
import type { BalancesFrame } from '@cnop/contract/stream.ts'
import { eventFrame } from '@cnop/kit/event-stream.ts'
import type { Static } from 'typebox'
import { cashBalanceAnswer } from '../cash/cash-answer.ts'
import { CASH } from '../ledger/balance-rows.ts'
import { type JournalEvent, lineOf } from '../ledger/journal-rows.ts'
import { orderOfEvent } from '../orders/order-of-event.ts'

export type JournalChannel = 'orders' | 'balances'

/**
 * The frames of one event; the last of them carries its sequence. Where both channels are
 * concerned the balances go first: a client that is cut off between the two resumes behind the
 * event before and hears the balances again, which are a state, but no order twice.
 */
export function framesOf(event: JournalEvent, channels: ReadonlySet<JournalChannel>): string {
  const order = channels.has('orders') ? orderOfEvent(event) : undefined
  const balances = channels.has('balances') ? balancesAfter(event) : undefined
  const id = String(event.seq)
  const ordersFrame = order && eventFrame({ event: 'orders', data: JSON.stringify(order), id })
  if (balances === undefined) return ordersFrame ?? positionFrame(event.seq)
  const told = { event: 'balances', data: JSON.stringify(balances) }
  return ordersFrame === undefined ? eventFrame({ ...told, id }) : eventFrame(told) + ordersFrame
}

/** Tells nothing but where the client is: what it resumes behind when nothing comes before that. */
export const positionFrame = (seq: bigint): string => `id: ${seq}\n\n`

/** Of what the event touched; `undefined` where it touched no balance. */
function balancesAfter(event: JournalEvent): Static<typeof BalancesFrame> | undefined {
  if (event.lines.length === 0) return undefined
  const cash = lineOf(event, CASH)
  return {
    ...(cash === undefined ? {} : { cash: cashBalanceAnswer(cash.after, event.at) }),
    assets: event.lines
      .filter(({ asset }) => asset !== CASH)
      .map(({ asset, scale, after: { a, h } }) => ({
        asset_id: asset,
        quantity: formatDecimal(a + h, scale),
        available: formatDecimal(a, scale),
        held: formatDecimal(h, scale),
      })),
  }
}
