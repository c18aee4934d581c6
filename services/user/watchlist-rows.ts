/** Key and stored shape of the assets a customer watches, in the customer's order. */
import { textIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'

export type WatchedAssets = {
  readonly assetIds: readonly string[]
  /** RFC 3339. */
  readonly updatedAt: string
}

export const watchlistKey = (userId: string): Key => ({ pk: `U#${userId}`, sk: '@WATCHLIST' })

export const loadWatchlist = (row: Row): WatchedAssets => ({
  assetIds: textIn(row, 'assetIds').split(',').filter(Boolean),
  updatedAt: textIn(row, 'updatedAt'),
})

/** An asset id has no comma in it. */
export const storeWatchlist = ({ assetIds, updatedAt }: WatchedAssets): Row => ({
  assetIds: assetIds.join(','),
  updatedAt,
})
