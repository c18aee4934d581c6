import type { adjustBalance as adjustBalanceRoute } from '@cnop/contract/balance.ts'
import { USD_SCALE } from '@cnop/contract/money.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { transferAnswer } from '../cash/transfer-answer.ts'
import { CASH } from '../ledger/balance-rows.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { gatherQuote } from '../orders/gather-quote.ts'
import type { QuoteOf } from '../orders/market-quote.ts'
import { decideAdjustment } from './decide-adjustment.ts'

/** Corrects a balance with a new event. An asset's scale is its balance's, else the catalogue's. */
export function adjustBalance(
  asked: Asked & { readonly body: BodyOf<typeof adjustBalanceRoute> },
  parts: { readonly ledger: Ledger; readonly quoteOf: QuoteOf; readonly newId: () => string },
): Promise<Answer> {
  const { asset_id: asset, amount, reason, corrects_event } = asked.body
  const transferId = parts.newId()
  const { gather, quote } = gatherQuote(parts.quoteOf, asset)
  return parts.ledger.commit({
    asked,
    assets: [asset],
    gather,
    decide: ({ account, balance }, { at }) => {
      const corrected = balance(asset)
      const scale = asset === CASH ? USD_SCALE : (corrected?.scale ?? quote().scale)
      const corrects = corrects_event === undefined ? undefined : BigInt(corrects_event)
      return {
        change: decideAdjustment(
          { asset, amount, reason, corrects, transferId },
          { account, balance: corrected, scale },
        ),
        status: 201,
        answer: transferAnswer({ id: transferId, at, message: 'Adjustment completed' }),
      }
    },
  })
}
