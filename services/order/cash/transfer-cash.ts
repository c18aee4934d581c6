import { CASH } from '../ledger/balance-rows.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { OrderRules } from '../order-rules.ts'
import { decideTransfer } from './decide-transfer.ts'
import { transferAnswer } from './transfer-answer.ts'

type Transfer = Asked & { readonly body: { readonly amount: string } }

type Parts = {
  readonly ledger: Ledger
  readonly rules: OrderRules
  readonly newId: () => string
}

/** Cash comes in from outside. */
export const depositCash = (asked: Transfer, parts: Parts): Promise<Answer> =>
  transferCash(asked, { kind: 'deposit', message: 'Deposit completed' }, parts)

/** Cash leaves for outside. */
export const withdrawCash = (asked: Transfer, parts: Parts): Promise<Answer> =>
  transferCash(asked, { kind: 'withdrawal', message: 'Withdrawal completed' }, parts)

function transferCash(
  asked: Transfer,
  { kind, message }: { kind: 'deposit' | 'withdrawal'; message: string },
  { ledger, rules, newId }: Parts,
): Promise<Answer> {
  const { amount } = asked.body
  const transferId = newId()
  return ledger.commit({
    asked,
    decide: ({ account, balance }, { at }) => ({
      change: decideTransfer(
        { kind, amount, transferId },
        { account, cash: balance(CASH), rules, at },
      ),
      status: 201,
      answer: transferAnswer({ id: transferId, at, message }),
    }),
  })
}
