import type { getLimits } from '@cnop/contract/balance.ts'
import { formatUsd } from '@cnop/contract/money.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { headKey, loadAccount } from '../ledger/account-rows.ts'
import type { OrderRules } from '../order-rules.ts'
import { usedToday } from './decide-transfer.ts'

const DAY_MS = 24 * 3600 * 1000

/** What is left of the UTC day. */
export async function readDailyLimits({
  store,
  userId,
  rules,
  nowMs,
}: {
  store: Pick<StoreReader, 'snapshot'>
  userId: string
  rules: Pick<OrderRules, 'depositPerDayMax' | 'withdrawPerDayMax'>
  nowMs: number
}): Promise<AnswerOf<typeof getLimits>> {
  const [head] = await store.snapshot([headKey(userId)])
  const used = usedToday(head && loadAccount(head), new Date(nowMs).toISOString())
  const tomorrowMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS
  return {
    data: {
      deposit: allowance(rules.depositPerDayMax, used.deposited),
      withdraw: allowance(rules.withdrawPerDayMax, used.withdrawn),
      currency: 'USD',
      resets_at: new Date(tomorrowMs).toISOString(),
    },
  }
}

/** A limit that was lowered during the day leaves nothing, not less than nothing. */
const allowance = (limit: bigint, used: bigint) => ({
  limit: formatUsd(limit),
  used: formatUsd(used),
  remaining: formatUsd(used < limit ? limit - used : 0n),
})
