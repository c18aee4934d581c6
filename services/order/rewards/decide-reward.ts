/** A reward: one small one a UTC day, and nothing more that day after the red pocket. */
import { USD_SCALE } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Account, RewardKind } from '../ledger/account-rows.ts'
import type { Change } from '../ledger/change.ts'
import { assertActive } from '../ledger/decide-account.ts'

export type RewardRequest = {
  readonly kind: RewardKind
  /** Cents. */
  readonly amount: bigint
  readonly transferId: string
}

/** `today`: the UTC day, `2026-01-31`. Throws `account-frozen` or `reward-claimed`. */
export function decideReward(
  { kind, amount, transferId }: RewardRequest,
  { account, today }: { readonly account: Account | undefined; readonly today: string },
): Change {
  assertActive(account)
  const had = account?.day === today ? account.rewarded : undefined
  if (had === 'red-pocket') {
    throw new Problem('reward-claimed', {
      detail: 'You had the red pocket today. The next day begins at 00:00 UTC.',
    })
  }
  if (had === kind) {
    throw new Problem('reward-claimed', {
      detail: 'You had the small reward today. The red pocket takes the right phrase.',
    })
  }
  return {
    type: 'reward-paid',
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
    transfer: { id: transferId, kind: 'reward', asset: 'USD', amount },
    reward: kind,
  }
}
