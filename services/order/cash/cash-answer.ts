/** Cash as the wire says it. */
import type { CashBalance } from '@cnop/contract/balance.ts'
import { formatUsd } from '@cnop/contract/money.ts'

/** `a` is available and `h` is held, both in cents. */
export const cashBalanceAnswer = (
  { a, h }: { readonly a: bigint; readonly h: bigint },
  updatedAt: string,
): CashBalance => ({
  current_balance: formatUsd(a + h),
  available_balance: formatUsd(a),
  held_balance: formatUsd(h),
  currency: 'USD',
  updated_at: updatedAt,
})
