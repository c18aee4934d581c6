import { useQuery } from '@tanstack/react-query'
import { balanceQuery } from '../../client/own-queries.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { StaleNote } from '../../client/stale-note.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { Balance } from './balance.tsx'
import { CashLedger } from './cash-ledger.tsx'
import { TransferPanel } from './transfer-panel.tsx'
import { VerifyBooks } from './verify-books.tsx'

/** The cash, the way in and out, and the books that prove it. */
export function AccountPage() {
  useTitle(t('Account'))
  const balance = useQuery(balanceQuery)
  if (balance.data === undefined && troubleOf(balance) !== null) {
    return (
      <Refusal
        wholePage
        title={t('Your account cannot be shown')}
        error={troubleOf(balance)}
        onRetry={askAgain}
      />
    )
  }
  return (
    <div className="mx-auto max-w-page px-4 pt-6 md:px-6 md:pt-10">
      <StaleNote query={balance} />
      <div className="grid items-start gap-x-12 gap-y-8 lg:grid-cols-[380px_minmax(0,1fr)]">
        <div className="grid gap-8 lg:sticky lg:top-20">
          <Balance balance={balance.data} />
          <TransferPanel balance={balance.data} />
        </div>
        <div className="grid min-w-0 gap-8">
          <VerifyBooks />
          <CashLedger />
        </div>
      </div>
    </div>
  )
}
