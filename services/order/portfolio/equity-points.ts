/** Positions and prices to the points of an equity curve. */
import { formatUsd } from '@cnop/contract/money.ts'
import type { EquityPoint } from '@cnop/contract/portfolio.ts'
import { CASH } from '../ledger/balance-rows.ts'
import type { PriceAt } from '../prices/asset-prices.ts'
import { worthOf } from './asset-worth.ts'
import type { Position } from './rewind-books.ts'

export type PastPrices = {
  /** Of now, by asset. */
  readonly now: ReadonlyMap<string, bigint>
  /** Of before, by asset, oldest first. */
  readonly closes: ReadonlyMap<string, readonly PriceAt[]>
}

/** The assets that were there at one of the moments. */
export const assetsIn = (positions: readonly Position[]): readonly string[] => [
  ...new Set(
    positions.flatMap(({ stocks }) =>
      [...stocks]
        .filter(([asset, { quantity }]) => asset !== CASH && quantity !== 0n)
        .map(([asset]) => asset),
    ),
  ),
]

/** Positions come newest first, the one of now among them; points go oldest first. */
export function equityPoints(
  [present, ...past]: readonly Position[],
  prices: PastPrices,
): EquityPoint[] {
  if (present === undefined) return []
  const earlier = past.map((position) =>
    equityPoint(position, (asset) => priceAt(asset, position.timeMs, prices)),
  )
  return [...earlier.toReversed(), equityPoint(present, (asset) => prices.now.get(asset))]
}

function equityPoint(
  { timeMs, stocks, flows }: Position,
  priceOf: (asset: string) => bigint | undefined,
): EquityPoint {
  const cash = stocks.get(CASH)?.quantity ?? 0n
  let equity = cash
  let netFlow = flows.get(CASH) ?? 0n
  for (const [asset, stock] of stocks) {
    if (asset === CASH) continue
    const price = priceOf(asset)
    equity += worthOf(stock, price)
    netFlow += worthOf({ ...stock, quantity: flows.get(asset) ?? 0n, cost: 0n }, price)
  }
  return {
    time: new Date(timeMs).toISOString(),
    equity: formatUsd(equity),
    cash: formatUsd(cash),
    net_flow: formatUsd(netFlow),
  }
}

/** The last close until then; before the first close known, that one; without any, the price of now. */
function priceAt(asset: string, timeMs: number, { now, closes }: PastPrices): bigint | undefined {
  const known = closes.get(asset) ?? []
  const close = known[countUntil(known, timeMs) - 1] ?? known[0]
  return close?.price ?? now.get(asset)
}

/** How many of the prices, oldest first, are of that time or before. */
function countUntil(prices: readonly PriceAt[], timeMs: number): number {
  let until = 0
  let after = prices.length
  while (until < after) {
    const middle = Math.floor((until + after) / 2)
    if ((prices[middle]?.timeMs ?? Number.POSITIVE_INFINITY) <= timeMs) until = middle + 1
    else after = middle
  }
  return until
}
