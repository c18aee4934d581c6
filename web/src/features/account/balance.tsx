import type { CashBalance } from '@cnop/contract/balance.ts'
import { showUsd } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { HideBalances } from '../../frame/hide-balances.tsx'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Skeleton } from '../../ui/states.tsx'

/** The cash there is, and how much of it is free. */
export function Balance({ balance }: { readonly balance: CashBalance | undefined }) {
  return (
    <div>
      <div className="flex items-center gap-2">
        <h1 className="font-text text-sm font-normal tracking-normal text-ink-3">
          <span className="sr-only">{t('Account')}: </span>
          {t('Cash')}
        </h1>
        <HideBalances />
      </div>
      <p className="mt-1 h-12 text-3xl font-semibold tracking-tight">
        {balance === undefined ? (
          <Skeleton className="h-12 w-60" />
        ) : (
          <PrivateFigure>{showUsd(balance.current_balance)}</PrivateFigure>
        )}
      </p>
      <div className="mt-4 border-t border-line pt-2">
        {balance === undefined ? (
          <div aria-busy="true" className="grid h-[72px] content-evenly">
            <Skeleton className="h-5 w-full" />
            <Skeleton className="h-5 w-full" />
          </div>
        ) : (
          <LedgerList>
            <LedgerLine term={t('Available')}>
              <PrivateFigure>{showUsd(balance.available_balance)}</PrivateFigure>
            </LedgerLine>
            <LedgerLine term={t('Held for open orders')}>
              <PrivateFigure>{showUsd(balance.held_balance)}</PrivateFigure>
            </LedgerLine>
          </LedgerList>
        )}
        <p className="mt-1 h-4 text-xs text-ink-3">
          {balance === undefined
            ? null
            : t('Last changed {moment}', { moment: showMoment(balance.updated_at) })}
        </p>
      </div>
    </div>
  )
}
