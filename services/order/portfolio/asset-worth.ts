/** What assets are worth: the same on the portfolio and on its curve. */
import type { Quote } from '@cnop/contract/inventory.ts'
import { notionalNearest } from '@cnop/contract/money.ts'
import { dayOf } from '../ledger/moment.ts'
import { priceIn } from '../prices/asset-prices.ts'

export type AssetStock = {
  readonly quantity: bigint
  readonly scale: number
  /** Cents. */
  readonly cost: bigint
}

/** Cents, to the nearest. What never had a price is worth what it cost. */
export const worthOf = (
  { quantity, scale, cost }: AssetStock,
  price: bigint | undefined,
): bigint => (price === undefined ? cost : notionalNearest(quantity, price, scale))

/** What a quote says of now and of the start of the day. */
export type DayPrices = { readonly price: bigint; readonly dayOpen: bigint }

/** A quote that is no younger than the day has not moved since the day began. */
export function dayPricesOf(quote: Quote, today: string): DayPrices {
  const price = priceIn(quote.price)
  const ofToday = dayOf(quote.as_of) === today
  return { price, dayOpen: ofToday ? priceIn(quote.day_open) : price }
}
