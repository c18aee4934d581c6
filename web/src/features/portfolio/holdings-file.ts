/** Holdings and their history as lines of a file: plain decimals, in dollars unless named otherwise. */
import type { listAssetTransactions } from '@cnop/contract/order.ts'
import type { Portfolio } from '@cnop/contract/portfolio.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { Worth } from './worth.ts'

export type AssetTransaction = AnswerOf<typeof listAssetTransactions>['data'][number]

/** Names of columns are part of the file, like those of an interface: they follow no language. */
export const HOLDING_COLUMNS = [
  'asset_id',
  'asset_name',
  'quantity',
  'price_usd',
  'value_usd',
  'share_percent',
  'average_cost_usd',
  'cost_usd',
  'profit_usd',
  'profit_percent',
  'as_of',
] as const

export const holdingRows = (
  { assets, as_of }: Portfolio,
  { holdings }: Worth,
): readonly (readonly string[])[] =>
  assets.flatMap(({ asset_id, asset_name, quantity, average_cost }) => {
    const worth = holdings.get(asset_id)
    if (worth === undefined) return []
    const { price, value, share, cost, profit, profitPercent } = worth
    return [
      [
        asset_id,
        asset_name,
        quantity,
        price ?? '',
        value,
        share,
        average_cost,
        cost,
        profit,
        profitPercent ?? '',
        as_of,
      ],
    ]
  })

export const HISTORY_COLUMNS = [
  'time',
  'type',
  'asset_id',
  'quantity',
  'price_usd',
  'total_usd',
  'status',
  'order_id',
] as const

export const historyRows = (
  transactions: readonly AssetTransaction[],
): readonly (readonly string[])[] =>
  transactions.map((one) => [
    one.timestamp,
    one.transaction_type,
    one.asset_id,
    one.quantity,
    one.price,
    one.total_amount,
    one.status,
    one.order_id,
  ])
