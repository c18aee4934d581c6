import type { placeOrder as placeOrderRoute } from '@cnop/contract/order.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { CASH } from '../ledger/balance-rows.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { OrderRules } from '../order-rules.ts'
import { decideOrder } from './decide-order.ts'
import { gatherQuote } from './gather-quote.ts'
import type { QuoteOf } from './market-quote.ts'
import { orderAnswer } from './order-answer.ts'

/** Fills a market order at the quote of the moment it is committed. */
export function placeOrder(
  asked: Asked & { readonly body: BodyOf<typeof placeOrderRoute> },
  parts: {
    readonly ledger: Ledger
    readonly quoteOf: QuoteOf
    readonly rules: OrderRules
    readonly newId: () => string
  },
): Promise<Answer> {
  const { body } = asked
  const asset = body.asset_id
  const orderId = parts.newId()
  const { gather, quote } = gatherQuote(parts.quoteOf, asset)
  return parts.ledger.commit({
    asked,
    assets: [asset],
    gather,
    decide: ({ account, balance }, moment) => {
      const change = decideOrder(body, {
        account,
        cash: balance(CASH),
        holding: balance(asset),
        quote: quote(),
        rules: parts.rules,
        moment,
        orderId,
      })
      return { change, status: 201, answer: { data: orderAnswer(change.order) } }
    },
  })
}
