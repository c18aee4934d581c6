import type { Portfolio } from '@cnop/contract/portfolio.ts'
import { showSignedUsd, showUsd } from '../../format/money.ts'
import { showTime } from '../../format/time.ts'
import { HideBalances } from '../../frame/hide-balances.tsx'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { SignedSum } from '../../live/change.tsx'
import { t } from '../../messages.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Skeleton } from '../../ui/states.tsx'
import type { Worth } from './worth.ts'
import type { WorthBoard } from './worth-board.ts'
import { WorthFigure } from './worth-figure.tsx'

const total = (worth: Worth): string => worth.total
const dayChange = (worth: Worth): string => worth.dayChange
const assets = (worth: Worth): string => worth.assets
const unrealized = (worth: Worth): string => worth.unrealized

/** Everything in one figure, what it is made of, and what was earned. */
export function Statement({
  portfolio,
  board,
}: {
  readonly portfolio: Portfolio | undefined
  readonly board: WorthBoard | undefined
}) {
  return (
    <div>
      <div className="flex items-center gap-2">
        <h1 className="font-text text-sm font-normal tracking-normal text-ink-3">
          <span className="sr-only">{t('Portfolio')}: </span>
          {t('Total value')}
        </h1>
        <HideBalances />
      </div>
      {portfolio === undefined || board === undefined ? (
        <Placeholder />
      ) : (
        <>
          <p className="mt-1 text-3xl font-semibold tracking-tight">
            <WorthFigure board={board} of={total} look="sum" />
          </p>
          <p className="mt-2 flex flex-wrap items-baseline gap-x-2 text-lg">
            <WorthFigure board={board} of={dayChange} look="signed sum" />
            <span className="text-sm text-ink-3">{t('today, since midnight UTC')}</span>
          </p>
          <div className="mt-5 border-t border-line pt-3">
            <LedgerList>
              <LedgerLine term={t('Cash')}>
                <PrivateFigure>{showUsd(portfolio.cash_balance)}</PrivateFigure>
              </LedgerLine>
              <LedgerLine term={t('Assets')}>
                <WorthFigure board={board} of={assets} look="sum" />
              </LedgerLine>
              <LedgerLine term={t('Profit, not realized')}>
                <WorthFigure board={board} of={unrealized} look="signed sum" />
              </LedgerLine>
              <LedgerLine term={t('Profit, realized')}>
                <PrivateFigure>
                  <SignedSum
                    text={portfolio.realized_pnl}
                    shown={showSignedUsd(portfolio.realized_pnl)}
                  />
                </PrivateFigure>
              </LedgerLine>
            </LedgerList>
            <p className="mt-2 text-xs text-ink-3">
              {t('Holdings as of {time}, at the newest prices', {
                time: showTime(portfolio.as_of),
              })}
            </p>
          </div>
        </>
      )}
    </div>
  )
}

/** The lines of the statement, as high as they will be. */
function Placeholder() {
  return (
    <div aria-busy="true">
      <Skeleton className="mt-1 h-12 w-64" />
      <Skeleton className="mt-2 h-7 w-44" />
      <div className="mt-5 grid gap-3 border-t border-line pt-[18px]">
        {['cash', 'assets', 'unrealized', 'realized'].map((line) => (
          <Skeleton key={line} className="h-6 w-full" />
        ))}
        <Skeleton className="h-4 w-56" />
      </div>
    </div>
  )
}
