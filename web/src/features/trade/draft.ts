/** What somebody is about to ask for, and what that is as a request. */
import {
  divideDown,
  formatDecimal,
  formatUsd,
  minOf,
  parseDecimal,
  parsePrice,
  parseUsd,
  quantityFor,
  USD_SCALE,
} from '@cnop/contract/money.ts'
import type { OrderBody } from '@cnop/contract/order.ts'
import { readTypedDecimal } from '../../ui/decimal-text.ts'

export const SIDES = ['buy', 'sell'] as const
export type Side = (typeof SIDES)[number]

/** How much is said in dollars or in units of the asset. */
export type Measure = 'cash' | 'quantity'

export type Draft = { readonly measure: Measure; readonly typed: string }

/** A purchase is thought of in dollars, a sale in what is there. */
export const emptyDraft = (side: Side): Draft => ({
  measure: side === 'buy' ? 'cash' : 'quantity',
  typed: '',
})

export const orderTypeOf = (side: Side) => (side === 'buy' ? 'market_buy' : 'market_sell')

export const placesOf = (measure: Measure, scale: number): number =>
  measure === 'cash' ? USD_SCALE : scale

export type Pair = { readonly assetId: string; readonly side: Side; readonly scale: number }

/** The order that is drafted; `undefined` as long as there is none in what is typed. */
export function orderOf({ measure, typed }: Draft, { assetId, side, scale }: Pair) {
  const read = readTypedDecimal(typed, placesOf(measure, scale))
  if (read.kind !== 'decimal' || !/[1-9]/.test(read.text)) return undefined
  const size = measure === 'cash' ? { notional: read.text } : { quantity: read.text }
  return { order_type: orderTypeOf(side), asset_id: assetId, ...size } satisfies OrderBody
}

export const SHARES = [25, 50, 75, 100] as const
export type Share = (typeof SHARES)[number]

/** What an order can be made of. Decimal text. */
export type Means = {
  readonly cash: string
  readonly holding: string
  readonly price: string
  readonly orderMax: string
  readonly feeBasisPoints: number
}

/**
 * A share of what would be given: cash for a purchase, so that price and fee together stay within
 * what is there; the asset for a sale. Never more than one order may be.
 */
export function draftOfShare(share: Share, pair: Pair, means: Means): Draft {
  return pair.side === 'buy'
    ? { measure: 'cash', typed: formatUsd(cashShare(share, means)) }
    : { measure: 'quantity', typed: formatDecimal(holdingShare(share, pair, means), pair.scale) }
}

const WHOLE = 10_000n

function cashShare(share: Share, { cash, orderMax, feeBasisPoints }: Means): bigint {
  const spendable = divideDown((parseUsd(cash) ?? 0n) * WHOLE, WHOLE + BigInt(feeBasisPoints))
  return minOf(partOf(spendable, share), parseUsd(orderMax) ?? 0n)
}

function holdingShare(share: Share, { scale }: Pair, { holding, price, orderMax }: Means): bigint {
  const wished = partOf(parseDecimal(holding, scale) ?? 0n, share)
  const priceUnits = parsePrice(price) ?? 0n
  if (priceUnits <= 0n) return wished
  // A price that rises while the order is on its way would lift it over the limit.
  const largest = partOf(parseUsd(orderMax) ?? 0n, 99)
  return minOf(wished, quantityFor(largest, priceUnits, scale))
}

const partOf = (whole: bigint, percent: number): bigint => divideDown(whole * BigInt(percent), 100n)
