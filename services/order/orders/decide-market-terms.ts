/** What a request for an order says, or every field of it that this build does not take. */
import { parsePrice, USD_SCALE } from '@cnop/contract/money.ts'
import type { OrderBody } from '@cnop/contract/order.ts'
import type { FieldError } from '@cnop/contract/problem.ts'
import { invalidInput, readPositiveAmount } from '../ledger/decide-amount.ts'

/** The terms of a market order: how much, at what price at worst, and for how long. */
export type MarketTerms = {
  readonly type: 'market_buy' | 'market_sell'
  readonly side: 'buy' | 'sell'
  /** How much: units of the asset, or cents. */
  readonly size: { readonly quantity: bigint } | { readonly notional: bigint }
  readonly worstPrice: bigint | undefined
  readonly timeInForce: 'gtc' | 'ioc' | 'fok'
}

/** Fields of orders that wait for something. */
const WAITING_FIELDS = [
  'price',
  'stop_price',
  'trail_amount',
  'trail_percent',
  'expires_at',
  'take_profit',
  'stop_loss',
] as const

/** Throws `invalid-input` that names every field at fault. `scale` is the asset's. */
export function decideMarketTerms(body: OrderBody, scale: number): MarketTerms {
  const errors: FieldError[] = []
  const type = typeOf(body, errors)
  const timeInForce = timeInForceOf(body, errors)
  const size = sizeOf(body, scale, errors)
  const worstPrice = worstPriceOf(body, errors)
  refuseWaitingFields(body, errors)
  if (type === undefined || timeInForce === undefined || size === undefined || errors.length > 0) {
    throw invalidInput(errors)
  }
  return { type, side: type === 'market_buy' ? 'buy' : 'sell', size, worstPrice, timeInForce }
}

function typeOf({ order_type }: OrderBody, errors: FieldError[]): MarketTerms['type'] | undefined {
  if (order_type === 'market_buy' || order_type === 'market_sell') return order_type
  errors.push({ field: 'order_type', message: 'Use market_buy or market_sell.' })
  return undefined
}

function timeInForceOf(
  { time_in_force = 'gtc' }: OrderBody,
  errors: FieldError[],
): MarketTerms['timeInForce'] | undefined {
  if (time_in_force === 'gtc' || time_in_force === 'ioc' || time_in_force === 'fok') {
    return time_in_force
  }
  errors.push({ field: 'time_in_force', message: 'A market order takes gtc, ioc or fok.' })
  return undefined
}

function sizeOf(
  { quantity, notional }: OrderBody,
  scale: number,
  errors: FieldError[],
): MarketTerms['size'] | undefined {
  if (quantity !== undefined && notional === undefined) {
    const units = readPositiveAmount(quantity, scale)
    if (typeof units === 'bigint') return { quantity: units }
    errors.push({ field: 'quantity', message: units })
  } else if (notional !== undefined && quantity === undefined) {
    const cents = readPositiveAmount(notional, USD_SCALE)
    if (typeof cents === 'bigint') return { notional: cents }
    errors.push({ field: 'notional', message: cents })
  } else {
    errors.push({ field: 'quantity', message: 'Say either quantity or notional.' })
  }
  return undefined
}

function worstPriceOf({ worst_price }: OrderBody, errors: FieldError[]): bigint | undefined {
  if (worst_price === undefined) return undefined
  const price = parsePrice(worst_price)
  if (price !== undefined && price > 0n) return price
  errors.push({
    field: 'worst_price',
    message: 'Use a price of more than zero, with at most 12 decimal places.',
  })
  return undefined
}

function refuseWaitingFields(body: OrderBody, errors: FieldError[]): void {
  for (const field of WAITING_FIELDS) {
    if (body[field] !== undefined) {
      errors.push({ field, message: 'A market order does not take this field.' })
    }
  }
  if (body.order_class !== undefined && body.order_class !== 'simple') {
    errors.push({ field: 'order_class', message: 'Use simple.' })
  }
}
