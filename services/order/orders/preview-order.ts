import {
  divideDown,
  divideUp,
  formatDecimal,
  formatPrice,
  formatUsd,
} from '@cnop/contract/money.ts'
import type { OrderBody, OrderPreview } from '@cnop/contract/order.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { headKey, loadAccount } from '../ledger/account-rows.ts'
import { balanceKey, CASH, loadBalance } from '../ledger/balance-rows.ts'
import { momentOf } from '../ledger/moment.ts'
import type { OrderRules } from '../order-rules.ts'
import { decideTrade, type OrderCircumstances, type Trade } from './decide-order.ts'
import { gatherQuote } from './gather-quote.ts'
import type { QuoteOf } from './market-quote.ts'

/** What the order would do now, by the rules that would fill it; refused with what would refuse it. */
export async function previewOrder(
  asked: { readonly userId: string; readonly body: OrderBody },
  parts: {
    readonly store: Pick<Store, 'snapshot'>
    readonly quoteOf: QuoteOf
    readonly rules: OrderRules
    readonly now: () => number
  },
): Promise<OrderPreview> {
  const { userId, body } = asked
  const { gather, quote } = gatherQuote(parts.quoteOf, body.asset_id)
  await gather()
  const { asset } = quote()
  const [head, cash, holding] = await parts.store.snapshot([
    headKey(userId),
    balanceKey(userId, CASH),
    balanceKey(userId, asset),
  ])
  const account = head && loadAccount(head)
  const circumstances = {
    account,
    cash: cash && loadBalance(CASH, cash),
    holding: holding && loadBalance(asset, holding),
    quote: quote(),
    rules: parts.rules,
    moment: momentOf(parts.now(), account?.at),
  }
  return previewAnswer(decideTrade(body, circumstances), circumstances)
}

function previewAnswer(trade: Trade, circumstances: OrderCircumstances): OrderPreview {
  const { cash, holding, quote, rules } = circumstances
  const cashNow = cash?.a ?? 0n
  const assetNow = holding?.a ?? 0n
  const buys = trade.terms.side === 'buy'
  return {
    order_type: trade.terms.type,
    asset_id: quote.asset,
    quantity: formatDecimal(trade.quantity, quote.scale),
    price: formatPrice(quote.price),
    quote_as_of: new Date(quote.asOfMs).toISOString(),
    stale_after: new Date(quote.staleAfterMs).toISOString(),
    worst_price: formatPrice(protectedPrice(quote.price, trade.terms.side, rules)),
    notional: formatUsd(trade.notional),
    fee: formatUsd(trade.fee),
    total_amount: formatUsd(trade.total),
    cash_after: formatUsd(buys ? cashNow - trade.total : cashNow + trade.total),
    asset_after: formatDecimal(
      buys ? assetNow + trade.quantity : assetNow - trade.quantity,
      quote.scale,
    ),
  }
}

const WHOLE = 10_000n

/** A little worse than the quote: above it for a buyer, below it for a seller, and never zero. */
function protectedPrice(
  price: bigint,
  side: Trade['terms']['side'],
  { protectionBasisPoints }: OrderRules,
): bigint {
  if (side === 'buy') return divideUp(price * (WHOLE + protectionBasisPoints), WHOLE)
  const lowered = divideDown(price * (WHOLE - protectionBasisPoints), WHOLE)
  return lowered > 0n ? lowered : 1n
}
