/** A quote as decisions use it: units and milliseconds instead of text. */

import type { Quote } from '@cnop/contract/inventory.ts'
import { parsePrice } from '@cnop/contract/money.ts'

export type MarketQuote = {
  readonly asset: string
  /** Decimal places of a quantity. */
  readonly scale: number
  readonly halted: boolean
  /** US dollars with twelve places; more than zero. */
  readonly price: bigint
  /** Epoch milliseconds. */
  readonly asOfMs: number
  readonly staleAfterMs: number
  /** Names the recorded tick. */
  readonly tick: string
  readonly source: string
}

/** The last known quote of an asset; throws `asset-not-found`, or what keeps it from being known. */
export type QuoteOf = (assetId: string) => Promise<Quote>

export function marketQuote(quote: Quote): MarketQuote {
  const price = parsePrice(quote.price)
  if (price === undefined || price <= 0n) throw new Error(`No price of ${quote.asset_id}`)
  return {
    asset: quote.asset_id,
    scale: quote.quantity_scale,
    halted: quote.halted,
    price,
    asOfMs: Date.parse(quote.as_of),
    staleAfterMs: Date.parse(quote.stale_after),
    tick: quote.tick,
    source: quote.source,
  }
}
