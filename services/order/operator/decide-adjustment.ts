/** An operator's correction of a balance: a new event, never a changed one. */
import { divideNearest, formatDecimal } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Account } from '../ledger/account-rows.ts'
import type { Balance } from '../ledger/balance-rows.ts'
import type { Change } from '../ledger/change.ts'
import { decideAmount, invalidInput, readAmount } from '../ledger/decide-amount.ts'

export type AdjustmentRequest = {
  readonly asset: string
  /** Decimal text; negative takes away. */
  readonly amount: string
  readonly reason: string
  readonly corrects: bigint | undefined
  readonly transferId: string
}

export type AdjustmentCircumstances = {
  readonly account: Account | undefined
  readonly balance: Balance | undefined
  /** Decimal places of the asset. */
  readonly scale: number
}

/** Throws `invalid-input`, `insufficient-funds` or `insufficient-holdings`. */
export function decideAdjustment(
  request: AdjustmentRequest,
  { account, balance, scale }: AdjustmentCircumstances,
): Change {
  const { asset, corrects } = request
  const amount = decideAmount('amount', readAmount(request.amount, scale))
  if (amount === 0n) throw invalidInput([{ field: 'amount', message: 'Zero corrects nothing.' }])
  if (corrects !== undefined && corrects > (account?.seq ?? 0n)) {
    throw invalidInput([{ field: 'corrects_event', message: 'There is no such event.' }])
  }
  const available = balance?.a ?? 0n
  if (available + amount < 0n) throw notEnough(asset, formatDecimal(available, scale))
  return {
    type: 'balance-adjusted',
    postings: [
      {
        asset,
        scale,
        a: amount,
        h: 0n,
        xT: 0n,
        xF: 0n,
        xE: -amount,
        cost: costMoved(balance, amount),
        realized: 0n,
      },
    ],
    transfer: { id: request.transferId, kind: 'adjustment', asset, amount },
    reason: request.reason,
    ...(corrects === undefined ? {} : { corrects }),
  }
}

const notEnough = (asset: string, available: string): Problem =>
  new Problem(asset === 'USD' ? 'insufficient-funds' : 'insufficient-holdings', {
    detail: `${available} ${asset} is available.`,
  })

/** A correction moves at the average cost, so that it neither earns nor loses. */
function costMoved(balance: Balance | undefined, amount: bigint): bigint {
  const quantity = balance === undefined ? 0n : balance.a + balance.h
  return balance === undefined || quantity === 0n
    ? 0n
    : divideNearest(balance.cost * amount, quantity)
}
