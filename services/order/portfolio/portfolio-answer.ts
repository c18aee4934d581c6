/**
 * Books and prices to the portfolio of a customer. Every sum is of whole cents, so that the figures
 * of the assets add up to the figures above them.
 */
import type { Quote } from '@cnop/contract/inventory.ts'
import {
  divideNearest,
  formatDecimal,
  formatPrice,
  formatUsd,
  PERCENT_SCALE,
  PRICE_SCALE,
  pow10,
  USD_SCALE,
} from '@cnop/contract/money.ts'
import type { Holding, Portfolio } from '@cnop/contract/portfolio.ts'
import { type Balance, CASH, quantityOf } from '../ledger/balance-rows.ts'
import { dayOf } from '../ledger/moment.ts'
import { type Books, cashIn, holdingsIn } from '../ledger/read-books.ts'
import { dayPricesOf, worthOf } from './asset-worth.ts'

export type QuoteByAsset = ReadonlyMap<string, Quote>

export function portfolioAnswer(books: Books, quotes: QuoteByAsset, at: string): Portfolio {
  const cash = cashIn(books)
  const valued = valuedHoldings(books, quotes, dayOf(at))
  const assetsValue = sumOf(valued, ({ value }) => value)
  const total = cash + assetsValue
  const cost = sumOf(valued, ({ balance }) => balance.cost)
  return {
    total_value: formatUsd(total),
    cash_balance: formatUsd(cash),
    assets_value: formatUsd(assetsValue),
    day_change: formatUsd(dayChange(books, quotes, dayOf(at))),
    unrealized_pnl: formatUsd(assetsValue - cost),
    realized_pnl: formatUsd(sumOf(books.balances, ({ realized }) => realized)),
    assets: withShares(valued, total),
    as_of: at,
  }
}

/** The assets whose prices a portfolio needs: what is there, and what was there today. */
export const assetsToPrice = ({ balances }: Books, today: string): readonly string[] =>
  balances
    .filter((balance) => balance.asset !== CASH)
    .filter((balance) => quantityOf(balance) !== 0n || quantityAtOpen(balance, today) !== 0n)
    .map(({ asset }) => asset)

type ValuedHolding = {
  readonly balance: Balance
  readonly quote: Quote | undefined
  /** Cents. */
  readonly value: bigint
}

/** The most valuable first. */
function valuedHoldings(books: Books, quotes: QuoteByAsset, today: string): ValuedHolding[] {
  return holdingsIn(books)
    .map((balance) => {
      const quote = quotes.get(balance.asset)
      const stock = { ...balance, quantity: quantityOf(balance) }
      return { balance, quote, value: worthOf(stock, quote && dayPricesOf(quote, today).price) }
    })
    .toSorted((left, right) => Number(left.value < right.value) - Number(left.value > right.value))
}

/**
 * Shares are rounded as running totals: each is within a hundredth of a percent of the exact one,
 * and together they are the share of all assets.
 */
function withShares(valued: readonly ValuedHolding[], total: bigint): Holding[] {
  const sharesUpTo = (cents: bigint): bigint =>
    total > 0n ? divideNearest(cents * pow10(2 + PERCENT_SCALE), total) : 0n
  let before = 0n
  return valued.map((holding) => {
    const share = sharesUpTo(before + holding.value) - sharesUpTo(before)
    before += holding.value
    return holdingAnswer(holding, share)
  })
}

function holdingAnswer({ balance, quote, value }: ValuedHolding, share: bigint): Holding {
  const quantity = quantityOf(balance)
  return {
    asset_id: balance.asset,
    asset_name: quote?.asset_name ?? balance.asset,
    quantity: formatDecimal(quantity, balance.scale),
    current_price: quote?.price ?? null,
    market_value: formatUsd(value),
    percentage: formatDecimal(share, PERCENT_SCALE, PERCENT_SCALE),
    average_cost: formatPrice(averageCost(balance)),
    unrealized_pnl: formatUsd(value - balance.cost),
  }
}

/** Cost over quantity, to the nearest of twelve places: cents per unit to dollars per whole asset. */
const averageCost = (balance: Balance): bigint =>
  divideNearest(balance.cost * pow10(PRICE_SCALE - USD_SCALE + balance.scale), quantityOf(balance))

/**
 * What the day earned: everything at the prices of now, less everything as the day began at the
 * prices of then. What came from outside or went there since counts as if it had been there, or not
 * been there, when the day began, so that it is neither a gain nor a loss.
 */
function dayChange({ balances }: Books, quotes: QuoteByAsset, today: string): bigint {
  return sumOf(balances, (balance) => {
    const [now, then] = [quantityOf(balance), quantityAtOpen(balance, today)]
    if (balance.asset === CASH) return now - then
    const quote = quotes.get(balance.asset)
    if (quote === undefined) return 0n
    const { price, dayOpen } = dayPricesOf(quote, today)
    const stock = (quantity: bigint) => ({ ...balance, quantity })
    return worthOf(stock(now), price) - worthOf(stock(then), dayOpen)
  })
}

/** A balance that no event of this day has changed is what it was when the day began. */
const quantityAtOpen = (balance: Balance, today: string): bigint =>
  balance.day < today ? quantityOf(balance) : balance.open + balance.flow

const sumOf = <Item>(items: readonly Item[], amountOf: (item: Item) => bigint): bigint =>
  items.reduce((sum, item) => sum + amountOf(item), 0n)
