import { formatDecimal, formatPrice, formatUsd } from '@cnop/contract/money.ts'
import type { listAssetTransactions } from '@cnop/contract/order.ts'
import type { AnswerOf, QueryOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import type { AssetPrices, Trace } from '../prices/asset-prices.ts'
import { type Order, sideOf } from './order-rows.ts'
import { readOrderPage } from './read-orders.ts'

type Answer = AnswerOf<typeof listAssetTransactions>

/** The orders of an asset as far as they were filled. Throws `asset-not-found`. */
export async function readAssetTransactions({
  store,
  prices,
  userId,
  assetId,
  query: { limit, cursor },
  trace,
}: {
  store: Pick<StoreReader, 'query'>
  prices: Pick<AssetPrices, 'quotesIfUp'>
  userId: string
  assetId: string
  query: QueryOf<typeof listAssetTransactions>
  trace: Trace
}): Promise<Answer> {
  const page = await readOrderPage({
    store,
    userId,
    limit,
    cursor,
    itemOf: (order) => (order.asset === assetId ? transactionOf(order) : undefined),
  })
  // What was traded is known to exist; only for the rest is it worth asking.
  if (page.data.length === 0) await prices.quotesIfUp([assetId], trace)
  return page
}

function transactionOf(order: Order): Answer['data'][number] | undefined {
  if (order.fill === undefined) return undefined
  return {
    asset_id: order.asset,
    transaction_type: sideOf(order.type),
    quantity: formatDecimal(order.filled, order.scale),
    price: formatPrice(order.fill.price),
    total_amount: formatUsd(order.total),
    status: order.status,
    timestamp: order.completedAt ?? order.updatedAt,
    order_id: order.id,
  }
}
