/**
 * A market order: filled as a whole at the quote, or refused. The first of these that holds is the
 * refusal: bad input, frozen account, halted asset, stale quote, price moved, too small, too large,
 * not enough of the asset, not enough cash.
 *
 * Rounding is in the ledger's favour: a buyer is charged up, a seller is paid down, the fee is
 * rounded up. The same whole number is on both legs.
 */
import {
  basisPointsUp,
  divideNearest,
  formatDecimal,
  formatPrice,
  formatUsd,
  minOf,
  notionalDown,
  notionalUp,
  quantityFor,
  quantityYielding,
  USD_SCALE,
} from '@cnop/contract/money.ts'
import type { OrderBody } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Account } from '../ledger/account-rows.ts'
import type { Balance } from '../ledger/balance-rows.ts'
import type { Change } from '../ledger/change.ts'
import { assertActive } from '../ledger/decide-account.ts'
import type { Posting } from '../ledger/journal-rows.ts'
import type { Moment } from '../ledger/moment.ts'
import type { OrderRules } from '../order-rules.ts'
import { decideMarketTerms, type MarketTerms } from './decide-market-terms.ts'
import type { MarketQuote } from './market-quote.ts'
import type { OrderState } from './order-rows.ts'

export type OrderCircumstances = {
  readonly account: Account | undefined
  readonly cash: Balance | undefined
  readonly holding: Balance | undefined
  readonly quote: MarketQuote
  readonly rules: OrderRules
  readonly moment: Moment
}

/** A trade at the quote: `notional` is what the quantity is worth, before the fee. Cents. */
export type Trade = {
  readonly terms: MarketTerms
  readonly quantity: bigint
  readonly notional: bigint
  readonly fee: bigint
  /** What changes hands: paid with the fee, or received without it. */
  readonly total: bigint
}

/** What the order would do now. Throws the `Problem` it is refused with. */
export function decideTrade(body: OrderBody, circumstances: OrderCircumstances): Trade {
  const { account, quote, rules, moment } = circumstances
  const terms = decideMarketTerms(body, quote.scale)
  assertActive(account)
  assertTradeable(quote, moment)
  assertPrice(terms, quote)
  const trade = terms.side === 'buy' ? purchase(terms, quote, rules) : sale(terms, quote, rules)
  assertSize(trade, circumstances)
  assertMeans(trade, circumstances)
  return trade
}

/** The filled order and its postings. Throws the `Problem` it is refused with. */
export function decideOrder(
  body: OrderBody,
  circumstances: OrderCircumstances & { readonly orderId: string },
): Change & { readonly order: OrderState } {
  const trade = decideTrade(body, circumstances)
  const { quote } = circumstances
  const { size, worstPrice } = trade.terms
  return {
    type: 'order-filled',
    postings: trade.terms.side === 'buy' ? boughtFor(trade, quote) : soldFor(trade, circumstances),
    order: filledOrder(body, trade, circumstances),
    quoteLifeMs: quote.staleAfterMs - quote.asOfMs,
    ...('notional' in size ? { notional: formatUsd(size.notional) } : {}),
    ...(worstPrice === undefined ? {} : { worstPrice: formatPrice(worstPrice) }),
  }
}

function assertTradeable(quote: MarketQuote, moment: Moment): void {
  if (quote.halted) {
    throw new Problem('asset-halted', { detail: `Trading in ${quote.asset} is halted.` })
  }
  if (moment.nowMs >= quote.staleAfterMs) {
    throw new Problem('prices-stale', {
      detail: `The last price of ${quote.asset} is too old to trade at.`,
      retryAfterSeconds: 1,
    })
  }
}

function assertPrice({ side, worstPrice }: MarketTerms, { price }: MarketQuote): void {
  if (worstPrice === undefined) return
  if (side === 'buy' ? price <= worstPrice : price >= worstPrice) return
  throw new Problem('price-moved', {
    detail: `The price is ${formatPrice(price)} now, worse than ${formatPrice(worstPrice)}.`,
  })
}

function purchase(terms: MarketTerms, { price, scale }: MarketQuote, rules: OrderRules): Trade {
  const { size } = terms
  const quantity = 'quantity' in size ? size.quantity : quantityFor(size.notional, price, scale)
  const notional = notionalUp(quantity, price, scale)
  const fee = basisPointsUp(notional, rules.feeBasisPoints)
  return { terms, quantity, notional, fee, total: notional + fee }
}

/** A sale by value sells the least quantity that yields it. Its fee is never more than it yields. */
function sale(terms: MarketTerms, { price, scale }: MarketQuote, rules: OrderRules): Trade {
  const { size } = terms
  const quantity =
    'quantity' in size ? size.quantity : quantityYielding(size.notional, price, scale)
  const notional = notionalDown(quantity, price, scale)
  const fee = minOf(basisPointsUp(notional, rules.feeBasisPoints), notional)
  return { terms, quantity, notional, fee, total: notional - fee }
}

function assertSize(trade: Trade, { holding, quote, rules }: OrderCircumstances): void {
  const { notional } = trade
  const least = sellsAll(trade, holding) ? 1n : rules.orderMin
  if (trade.quantity === 0n || notional < least) {
    throw new Problem('order-too-small', {
      detail: `This is ${formatUsd(notional)} USD of ${quote.asset}; the least is ${formatUsd(least)} USD.`,
    })
  }
  if (notional > rules.orderMax) {
    throw new Problem('order-too-large', {
      detail: `This is ${formatUsd(notional)} USD; the most is ${formatUsd(rules.orderMax)} USD.`,
    })
  }
}

const sellsAll = ({ terms, quantity }: Trade, holding: Balance | undefined): boolean =>
  terms.side === 'sell' && holding !== undefined && quantity === holding.a + holding.h

function assertMeans(trade: Trade, { cash, holding, quote }: OrderCircumstances): void {
  if (trade.terms.side === 'sell') {
    const available = holding?.a ?? 0n
    if (trade.quantity <= available) return
    throw new Problem('insufficient-holdings', {
      detail: `This sells ${formatDecimal(trade.quantity, quote.scale)} ${quote.asset}; ${formatDecimal(available, quote.scale)} is available.`,
    })
  }
  const available = cash?.a ?? 0n
  if (trade.total <= available) return
  throw new Problem('insufficient-funds', {
    detail: `This costs ${formatUsd(trade.total)} USD; ${formatUsd(available)} USD is available.`,
  })
}

const NOTHING = { a: 0n, h: 0n, xT: 0n, xF: 0n, xE: 0n, cost: 0n, realized: 0n } as const

function boughtFor({ quantity, notional, fee, total }: Trade, quote: MarketQuote): Posting[] {
  const { asset, scale } = quote
  return [
    { ...NOTHING, asset: 'USD', scale: USD_SCALE, a: -total, xT: notional, xF: fee },
    { ...NOTHING, asset, scale, a: quantity, xT: -quantity, cost: total },
  ]
}

/** What is sold leaves at its average cost; selling everything leaves no cost behind. */
function soldFor(
  { quantity, notional, fee, total }: Trade,
  { quote, holding }: OrderCircumstances,
): Posting[] {
  const { asset, scale } = quote
  const held = holding === undefined ? quantity : holding.a + holding.h
  const cost = divideNearest((holding?.cost ?? 0n) * quantity, held)
  return [
    { ...NOTHING, asset: 'USD', scale: USD_SCALE, a: total, xT: -notional, xF: fee },
    { ...NOTHING, asset, scale, a: -quantity, xT: quantity, cost: -cost, realized: total - cost },
  ]
}

function filledOrder(
  body: OrderBody,
  { terms, quantity, fee, total }: Trade,
  circumstances: OrderCircumstances & { readonly orderId: string },
): OrderState {
  const { quote, moment, orderId } = circumstances
  const ageMs = moment.nowMs - quote.asOfMs
  return {
    id: orderId,
    ...(body.client_order_id === undefined ? {} : { clientOrderId: body.client_order_id }),
    type: terms.type,
    orderClass: 'simple',
    asset: quote.asset,
    scale: quote.scale,
    timeInForce: terms.timeInForce,
    ...('notional' in terms.size ? { notional: terms.size.notional } : {}),
    ...(terms.worstPrice === undefined ? {} : { worstPrice: terms.worstPrice }),
    quantity,
    filled: quantity,
    status: 'completed',
    total,
    fee,
    hold: 0n,
    fill: {
      price: quote.price,
      tick: quote.tick,
      // A clock behind the feed's must not make a tick of the future.
      ageMs: ageMs > 0 ? ageMs : 0,
      source: quote.source,
    },
    createdAt: moment.at,
    updatedAt: moment.at,
    completedAt: moment.at,
  }
}
