/** A balance in an asset as the wire says it. */
import type { AssetBalance } from '@cnop/contract/balance.ts'
import type { Quote } from '@cnop/contract/inventory.ts'
import { formatDecimal, formatUsd, notionalNearest } from '@cnop/contract/money.ts'
import { type Balance, quantityOf } from '../ledger/balance-rows.ts'
import { priceIn } from '../prices/asset-prices.ts'

/** Without a quote the asset goes by its id, and its worth is not known. */
export function assetBalanceAnswer(balance: Balance, quote: Quote | undefined): AssetBalance {
  const { asset, scale, a, h, createdAt, updatedAt } = balance
  const quantity = quantityOf(balance)
  return {
    asset_id: asset,
    asset_name: quote?.asset_name ?? asset,
    quantity: formatDecimal(quantity, scale),
    available: formatDecimal(a, scale),
    held: formatDecimal(h, scale),
    current_price: quote?.price ?? null,
    total_value:
      quote === undefined
        ? null
        : formatUsd(notionalNearest(quantity, priceIn(quote.price), scale)),
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
