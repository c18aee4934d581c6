/**
 * A portfolio at the newest prices that are known here, by the arithmetic of the platform: whole
 * cents, each rounded once, so that the lines add up to the figures above them.
 */
import {
  divideNearest,
  formatDecimal,
  formatUsd,
  notionalNearest,
  PERCENT_SCALE,
  parseDecimal,
  parsePrice,
  parseUsd,
  percentOf,
} from '@cnop/contract/money.ts'
import type { Holding, Portfolio } from '@cnop/contract/portfolio.ts'

/** Decimal text, all of it; dollars unless said otherwise. */
export type HoldingWorth = {
  /** `null`: it never had one, and the holding counts as what it cost. */
  readonly price: string | null
  readonly value: string
  readonly cost: string
  readonly profit: string
  /** Of the cost, in percent; `null` for what cost nothing. */
  readonly profitPercent: string | null
  /** Of everything, in percent. */
  readonly share: string
}

export type Worth = {
  readonly total: string
  readonly assets: string
  readonly cashShare: string
  readonly assetsShare: string
  readonly dayChange: string
  readonly unrealized: string
  readonly holdings: ReadonlyMap<string, HoldingWorth>
}

export type PriceOf = (assetId: string) => string | undefined

/** No asset has more places; a value does not depend on how many zeros follow. */
const QUANTITY_SCALE_MAX = 18
const WHOLE = 10_000n

export function worthOf(portfolio: Portfolio, priceOf: PriceOf): Worth {
  const valued = portfolio.assets.map((holding) => valuedAt(holding, priceOf(holding.asset_id)))
  const assets = valued.reduce((sum, { value }) => sum + value, 0n)
  const total = cents(portfolio.cash_balance) + assets
  // What was there when the day began, and what it all cost, are as the platform said.
  const moved = assets - cents(portfolio.assets_value)
  const shares = sharesOf(
    valued.map(({ value }) => value),
    total,
  )
  const assetsShare = shares.reduce((sum, share) => sum + share, 0n)
  return {
    total: formatUsd(total),
    assets: formatUsd(assets),
    cashShare: percentText(total > 0n ? WHOLE - assetsShare : 0n),
    assetsShare: percentText(assetsShare),
    dayChange: formatUsd(cents(portfolio.day_change) + moved),
    unrealized: formatUsd(cents(portfolio.unrealized_pnl) + moved),
    holdings: new Map(
      valued.map((one, index) => [one.assetId, holdingWorth(one, shares[index] ?? 0n)]),
    ),
  }
}

type Valued = {
  readonly assetId: string
  readonly price: string | null
  /** Cents. */
  readonly value: bigint
  readonly cost: bigint
}

function valuedAt(holding: Holding, newest: string | undefined): Valued {
  const { asset_id, quantity, current_price, market_value, unrealized_pnl } = holding
  const told = cents(market_value)
  const units = parseDecimal(quantity, QUANTITY_SCALE_MAX)
  const price = newest === undefined ? undefined : parsePrice(newest)
  const known = units !== undefined && price !== undefined
  return {
    assetId: asset_id,
    price: newest ?? current_price,
    value: known ? notionalNearest(units, price, QUANTITY_SCALE_MAX) : told,
    cost: told - cents(unrealized_pnl),
  }
}

const holdingWorth = ({ price, value, cost }: Valued, share: bigint): HoldingWorth => ({
  price,
  value: formatUsd(value),
  cost: formatUsd(cost),
  profit: formatUsd(value - cost),
  profitPercent: cost > 0n ? percentOf(value - cost, cost) : null,
  share: percentText(share),
})

/** Hundredths of a percent, rounded as running totals: together they are the share of them all. */
function sharesOf(values: readonly bigint[], total: bigint): readonly bigint[] {
  const upTo = (sum: bigint): bigint => (total > 0n ? divideNearest(sum * WHOLE, total) : 0n)
  let before = 0n
  return values.map((value) => {
    const share = upTo(before + value) - upTo(before)
    before += value
    return share
  })
}

const percentText = (hundredths: bigint): string =>
  formatDecimal(hundredths, PERCENT_SCALE, PERCENT_SCALE)

const cents = (text: string): bigint => parseUsd(text) ?? 0n
