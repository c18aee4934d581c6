/** What is the signed-in customer's own; thrown away with the session. */
import { getBalance, listAssetBalances } from '@cnop/contract/balance.ts'
import { listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory, type HistoryPeriod } from '@cnop/contract/portfolio.ts'
import { queryOptions } from '@tanstack/react-query'
import { ask } from './door.ts'
import { LATEST_ORDERS, OWN } from './queries.ts'

const REFETCH_MS = 20_000

export const portfolioQuery = queryOptions({
  queryKey: [OWN, 'portfolio'],
  queryFn: ({ signal }) => ask(getPortfolio, { signal }),
  refetchInterval: REFETCH_MS,
})

export const historyQuery = (period: HistoryPeriod) =>
  queryOptions({
    queryKey: [OWN, 'history', period],
    queryFn: async ({ signal }) =>
      (await ask(getPortfolioHistory, { query: { period }, signal })).data,
  })

export const balanceQuery = queryOptions({
  queryKey: [OWN, 'balance'],
  queryFn: ({ signal }) => ask(getBalance, { signal }),
})

export const latestOrdersQuery = (limit: number) =>
  queryOptions({
    queryKey: [...LATEST_ORDERS, limit],
    queryFn: async ({ signal }) => (await ask(listOrders, { query: { limit }, signal })).data,
  })

/** What there is of each asset, and how much of it can be sold. */
export const assetBalancesQuery = queryOptions({
  queryKey: [OWN, 'asset-balances'],
  queryFn: async ({ signal }) => (await ask(listAssetBalances, { signal })).data,
})
