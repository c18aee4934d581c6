/** What the pages ask the platform for, under the names by which it is kept and thrown away. */
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import {
  type AssetSummary,
  type CandleInterval,
  getAsset,
  getCandles,
  listAssets,
} from '@cnop/contract/inventory.ts'
import { type Query, QueryClient, queryOptions } from '@tanstack/react-query'
import { ask, session } from './door.ts'
import { onServer } from './on-server.ts'
import { connection, onOwnChange, prices } from './stream.ts'
import { mayPass, pauseBefore } from './trouble.ts'

const ASSETS_MAX = 250
const SECOND = 1_000

/** Everything of one customer is kept under this word, to be thrown away together. */
export const OWN = 'own'

/** The few newest orders, which only show that something happened. */
export const LATEST_ORDERS = [OWN, 'orders', 'latest'] as const

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10 * SECOND,
      networkMode: 'always',
      refetchOnWindowFocus: true,
      // Until it is answered: what is shown of it meanwhile is what `troubleOf` says. What the
      // door writes is not waited for: the browser asks for what is missing.
      retry: (_, error) => !onServer && mayPass(error),
      retryDelay: pauseBefore,
    },
    mutations: { networkMode: 'always' },
  },
})

/** Whatever was not answered is asked again at once, without waiting for its turn. */
export function askAgain(): void {
  const isFailing = ({ state }: Query): boolean =>
    state.status === 'error' || state.fetchFailureCount > 0
  // Without an answer to keep, a question is begun anew; with one it is only repeated.
  void queryClient.resetQueries({
    type: 'active',
    predicate: (query) => isFailing(query) && query.state.data === undefined,
  })
  void queryClient.refetchQueries({ type: 'active', predicate: isFailing })
}

/** Where the line was cut nobody knows what was missed: the market is asked, and what had failed. */
let wasCut = false
connection.onChange(() => {
  const state = connection.state()
  if (state === 'reconnecting' || state === 'offline') wasCut = true
  if (state !== 'live' || !wasCut) return
  wasCut = false
  void queryClient.invalidateQueries({ predicate: ({ queryKey: [owner] }) => owner !== OWN })
  askAgain()
})

session.onChange((change) => {
  if (change !== 'renewed') queryClient.removeQueries({ queryKey: [OWN] })
})

/** Orders are told whole, and put where they are listed; what stands on all of them is asked again. */
onOwnChange(({ what }) => {
  if (what === 'orders') return void queryClient.invalidateQueries({ queryKey: LATEST_ORDERS })
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [owner, name] }) =>
      owner === OWN && (what === 'gap' || name !== 'orders'),
  })
})

export const capabilitiesQuery = queryOptions({
  queryKey: ['capabilities'],
  queryFn: async ({ signal }) => (await ask(getCapabilities, { signal })).data,
  staleTime: Number.POSITIVE_INFINITY,
})

/** Every place that shows a price shows the newest that is known, whichever way it came. */
function noted(assets: readonly AssetSummary[]): readonly AssetSummary[] {
  if (onServer) return assets
  for (const { asset_id, price_usd, price_as_of } of assets)
    if (price_usd !== null && price_as_of !== null)
      prices.put(price_as_of, { [asset_id]: price_usd })
  return assets
}

/** All of them at once: the list is searched and sorted here, without waiting. */
export const assetsQuery = queryOptions({
  queryKey: ['assets'],
  queryFn: async ({ signal }) => {
    const { data } = await ask(listAssets, { query: { limit: ASSETS_MAX }, signal })
    return noted(data)
  },
  refetchInterval: 30 * SECOND,
})

export const assetQuery = (assetId: string) =>
  queryOptions({
    queryKey: ['asset', assetId],
    queryFn: async ({ signal }) => {
      const { data } = await ask(getAsset, { params: { asset_id: assetId }, signal })
      noted([data])
      return data
    },
    refetchInterval: 20 * SECOND,
  })

export const candlesQuery = (assetId: string, interval: CandleInterval) =>
  queryOptions({
    queryKey: ['candles', assetId, interval],
    queryFn: async ({ signal }) =>
      (await ask(getCandles, { params: { asset_id: assetId }, query: { interval }, signal })).data,
    refetchInterval: 60 * SECOND,
  })
