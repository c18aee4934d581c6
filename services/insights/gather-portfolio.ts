/** What there is to read about a customer's portfolio, asked as that customer. */
import { call, type Send } from '@cnop/contract/call.ts'
import { listAssets } from '@cnop/contract/inventory.ts'
import { listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory } from '@cnop/contract/portfolio.ts'
import type { Gathered } from './decide-briefing.ts'

const ORDERS_COUNTED = 10
const ASSETS_MAX = 250

/** What tells whether anything has changed. */
export async function gatherHoldings(send: Send): Promise<Pick<Gathered, 'portfolio' | 'orders'>> {
  const [portfolio, orders] = await Promise.all([
    call(send, getPortfolio, {}),
    call(send, listOrders, { query: { limit: ORDERS_COUNTED } }),
  ])
  return { portfolio, orders: orders.data }
}

/** What a text needs beside that. */
export async function gatherMoves(send: Send): Promise<Pick<Gathered, 'history' | 'dayChanges'>> {
  const [history, assets] = await Promise.all([
    call(send, getPortfolioHistory, { query: { period: '1m', interval: '1d' } }),
    call(send, listAssets, { query: { limit: ASSETS_MAX } }),
  ])
  const changes = assets.data.flatMap(({ asset_id, price_change_percentage_24h: change }) =>
    change === null ? [] : [[asset_id, change] as const],
  )
  return { history: history.data, dayChanges: new Map(changes) }
}
