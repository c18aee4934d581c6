/** What is told of a tick: the price of each asset that has one. */
import { formatPrice } from '@cnop/contract/money.ts'
import type { PricesFrame } from '@cnop/contract/stream.ts'
import type { Static } from 'typebox'
import type { KnownPrice } from '../record/decide-tick.ts'

export const PRICES_CHANNEL = 'prices'

/** A `PricesFrame` as text. `second` is that of the tick. */
export function priceFrame(second: number, prices: ReadonlyMap<string, KnownPrice>): string {
  const frame: Static<typeof PricesFrame> = {
    as_of: new Date(second * 1000).toISOString(),
    prices: Object.fromEntries(
      [...prices].map(([assetId, { price }]) => [assetId, formatPrice(price)]),
    ),
  }
  return JSON.stringify(frame)
}

/** The epoch second of a frame's tick. */
export const secondOfFrame = (frame: string): number =>
  Date.parse((JSON.parse(frame) as Static<typeof PricesFrame>).as_of) / 1000
