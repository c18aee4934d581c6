/** Replaces the list of assets a customer watches; the last of several lists stays, whole. */
import { call, type Send } from '@cnop/contract/call.ts'
import { getQuotes } from '@cnop/contract/inventory.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import {
  loadWatchlist,
  storeWatchlist,
  type WatchedAssets,
  watchlistKey,
} from './watchlist-rows.ts'

export type NewWatchlist = {
  readonly userId: string
  readonly assetIds: readonly string[]
  readonly deadline: number
}

/** Throws `asset-not-found`, or `dependency-down` when nobody can tell. */
export async function replaceWatchlist(
  { userId, assetIds, deadline }: NewWatchlist,
  { store, clock, send }: { store: Store; clock: CommitClock; send: Send },
): Promise<WatchedAssets> {
  await refuseUnknownAssets(assetIds, send)
  const key = watchlistKey(userId)
  const after = { assetIds, updatedAt: new Date(clock.now()).toISOString() }
  return commitDecision<WatchedAssets>({
    store,
    keys: [key],
    decide([row]) {
      const before = row && loadWatchlist(row)
      return before !== undefined && sameList(before.assetIds, assetIds)
        ? { ops: [], outcome: before }
        : { ops: [{ kind: 'put', key, row: storeWatchlist(after) }], outcome: after }
    },
    deadline,
    clock,
  })
}

/** The quotes of the list itself are the smallest question that inventory refuses for an unknown id. */
async function refuseUnknownAssets(assetIds: readonly string[], send: Send): Promise<void> {
  if (assetIds.length === 0) return
  await call(send, getQuotes, { query: { asset_ids: assetIds.join(',') } })
}

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.join() === other.join()
