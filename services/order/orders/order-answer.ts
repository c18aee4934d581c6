/**
 * An order as the wire says it, and read back from there: the answer is kept in the journal to
 * the byte, so what it says of an order is not said twice.
 */
import {
  formatDecimal,
  formatPrice,
  formatUsd,
  parseDecimal,
  parsePrice,
  parseUsd,
} from '@cnop/contract/money.ts'
import type { Order as OrderAnswer } from '@cnop/contract/order.ts'
import { CorruptRow, withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import { type Order, type OrderState, type OrderTerms, sideOf } from './order-rows.ts'

/** What is held is cash for a purchase and the asset for a sale. */
const formatHold = (order: OrderState): string =>
  sideOf(order.type) === 'buy' ? formatUsd(order.hold) : formatDecimal(order.hold, order.scale)

const formatted = (price: bigint | undefined): string | undefined =>
  price === undefined ? undefined : formatPrice(price)

/** The members stand in the order of the contract. */
export function orderAnswer(order: OrderState): OrderAnswer {
  const { fill } = order
  return withoutAbsent({
    order_id: order.id,
    client_order_id: order.clientOrderId,
    order_type: order.type,
    order_class: order.orderClass,
    asset_id: order.asset,
    quantity: formatDecimal(order.quantity, order.scale),
    filled_quantity: formatDecimal(order.filled, order.scale),
    price: formatted(order.price),
    stop_price: formatted(order.stopPrice),
    status: order.status,
    status_reason: order.statusReason,
    time_in_force: order.timeInForce,
    total_amount: formatUsd(order.total),
    fee: formatUsd(order.fee),
    held_amount: formatHold(order),
    fill: fill && {
      price: formatPrice(fill.price),
      quote: fill.tick,
      quote_age_ms: fill.ageMs,
      source: fill.source,
      model: 'quote' as const,
    },
    replaces: order.replaces,
    replaced_by: order.replacedBy,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    completed_at: order.completedAt,
  })
}

/** What an answer does not tell of its order. */
export type OrderContext = OrderTerms & Pick<Order, 'scale' | 'version' | 'placedSeq' | 'seq'>

/** The order that `orderAnswer` told; throws `CorruptRow` where a number is none. */
export function orderOfAnswer(answer: OrderAnswer, context: OrderContext): Order {
  const side = sideOf(answer.order_type)
  const quantity = (text: string): bigint => known(parseDecimal(text, context.scale))
  return withoutAbsent({
    ...context,
    id: answer.order_id,
    clientOrderId: answer.client_order_id,
    type: answer.order_type,
    orderClass: answer.order_class,
    asset: answer.asset_id,
    timeInForce: answer.time_in_force,
    price: priceOf(answer.price),
    stopPrice: priceOf(answer.stop_price),
    quantity: quantity(answer.quantity),
    filled: quantity(answer.filled_quantity),
    status: answer.status,
    statusReason: answer.status_reason,
    total: known(parseUsd(answer.total_amount)),
    fee: known(parseUsd(answer.fee)),
    hold: side === 'buy' ? known(parseUsd(answer.held_amount)) : quantity(answer.held_amount),
    fill: answer.fill && {
      price: known(parsePrice(answer.fill.price)),
      tick: answer.fill.quote,
      ageMs: answer.fill.quote_age_ms,
      source: answer.fill.source,
    },
    replaces: answer.replaces,
    replacedBy: answer.replaced_by,
    createdAt: answer.created_at,
    updatedAt: answer.updated_at,
    completedAt: answer.completed_at,
  })
}

const priceOf = (text: string | undefined): bigint | undefined =>
  text === undefined ? undefined : known(parsePrice(text))

function known(units: bigint | undefined): bigint {
  if (units === undefined) throw new CorruptRow('body', 'an order with plain decimals')
  return units
}
