import { CASH } from '../ledger/balance-rows.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { OrderRules } from '../order-rules.ts'
import { decideTransfer } from './decide-transfer.ts'
import { transferAnswer } from './transfer-answer.ts'

/** Cash comes in from outside. */
export function depositCash(
  asked: Asked & { readonly body: { readonly amount: string } },
  parts: { readonly ledger: Ledger; readonly rules: OrderRules; readonly newId: () => string },
): Promise<Answer> {
  const { amount } = asked.body
  const transferId = parts.newId()
  return parts.ledger.commit({
    asked,
    decide: ({ account, balance }, { at }) => ({
      change: decideTransfer(
        { kind: 'deposit', amount, transferId },
        { account, cash: balance(CASH), rules: parts.rules, at },
      ),
      status: 201,
      answer: transferAnswer({ id: transferId, at, message: 'Deposit completed' }),
    }),
  })
}
