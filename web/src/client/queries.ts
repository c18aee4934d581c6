/** What the pages ask the platform for, under the names by which it is kept and thrown away. */
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import {
  type AssetSummary,
  type CandleInterval,
  getAsset,
  getCandles,
  listAssets,
} from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { QueryClient, queryOptions } from '@tanstack/react-query'
import { ask, session } from './door.ts'
import { onServer } from './on-server.ts'
import { onOwnChange, prices } from './stream.ts'

const ASSETS_MAX = 250
const ATTEMPTS_MAX = 3
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
      retry: (failures, error) => !onServer && failures < ATTEMPTS_MAX - 1 && mayPass(error),
      retryDelay: (failures, error) =>
        error instanceof Problem && error.retryAfterSeconds !== undefined
          ? Math.min(error.retryAfterSeconds, 10) * SECOND
          : SECOND * 2 ** failures,
    },
    mutations: { networkMode: 'always' },
  },
})

/** A refusal that says what is wrong will say so again. */
const mayPass = (error: Error): boolean =>
  !(error instanceof Problem) || error.status === 429 || error.status >= 500

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
