/** Deposits and withdrawals: within the day's limit, and of what is there. */
import { formatUsd, USD_SCALE } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Account } from '../ledger/account-rows.ts'
import type { Balance } from '../ledger/balance-rows.ts'
import type { Change } from '../ledger/change.ts'
import { assertActive } from '../ledger/decide-account.ts'
import { decideAmount, readPositiveAmount } from '../ledger/decide-amount.ts'
import type { OrderRules } from '../order-rules.ts'

export type TransferRequest = {
  readonly kind: 'deposit' | 'withdrawal'
  /** Decimal text, US dollars. */
  readonly amount: string
  readonly transferId: string
}

export type TransferCircumstances = {
  readonly account: Account | undefined
  readonly cash: Balance | undefined
  readonly rules: OrderRules
  readonly at: string
}

/** Throws `invalid-input`, `account-frozen`, `daily-limit-exceeded` or `insufficient-funds`. */
export function decideTransfer(
  request: TransferRequest,
  { account, cash, rules, at }: TransferCircumstances,
): Change {
  const amount = decideAmount('amount', readPositiveAmount(request.amount, USD_SCALE))
  assertActive(account)
  if (request.kind === 'deposit') {
    assertWithin('deposit', amount, {
      limit: rules.depositPerDayMax,
      used: usedToday(account, at).deposited,
    })
    return transfer(request, amount)
  }
  assertWithin('withdraw', amount, {
    limit: rules.withdrawPerDayMax,
    used: usedToday(account, at).withdrawn,
  })
  const available = cash?.a ?? 0n
  if (amount > available) {
    throw new Problem('insufficient-funds', { detail: `${formatUsd(available)} USD is available.` })
  }
  return transfer(request, -amount)
}

/** Cents deposited and withdrawn on the UTC day of `at`. */
export function usedToday(
  account: Account | undefined,
  at: string,
): { readonly deposited: bigint; readonly withdrawn: bigint } {
  return account !== undefined && account.day === at.slice(0, 10)
    ? { deposited: account.depositedToday, withdrawn: account.withdrawnToday }
    : { deposited: 0n, withdrawn: 0n }
}

function assertWithin(
  verb: string,
  amount: bigint,
  { limit, used }: { limit: bigint; used: bigint },
): void {
  if (used + amount <= limit) return
  const left = used < limit ? limit - used : 0n
  throw new Problem('daily-limit-exceeded', {
    detail: `You can ${verb} ${formatUsd(left)} USD more today (UTC) of ${formatUsd(limit)} USD.`,
  })
}

function transfer({ kind, transferId }: TransferRequest, amount: bigint): Change {
  return {
    type: kind === 'deposit' ? 'cash-deposited' : 'cash-withdrawn',
    postings: [
      {
        asset: 'USD',
        scale: USD_SCALE,
        a: amount,
        h: 0n,
        xT: 0n,
        xF: 0n,
        xE: -amount,
        cost: 0n,
        realized: 0n,
      },
    ],
    transfer: { id: transferId, kind, asset: 'USD', amount },
  }
}
