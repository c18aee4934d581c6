import type { HistoryPeriod, Portfolio } from '@cnop/contract/portfolio.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { portfolioQuery } from '../../client/own-queries.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { StaleNote } from '../../client/stale-note.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { showSignedUsd, showUsd } from '../../format/money.ts'
import { showTime } from '../../format/time.ts'
import { HideBalances } from '../../frame/hide-balances.tsx'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { SignedSum } from '../../live/change.tsx'
import { t } from '../../messages.ts'
import { Allocation } from '../../portfolio/allocation.tsx'
import { EquityCurve } from '../../portfolio/equity-curve.tsx'
import { InsightCard } from '../../portfolio/insight-card.tsx'
import { buttonClasses } from '../../ui/button.tsx'
import { classes } from '../../ui/class-names.ts'
import { Skeleton } from '../../ui/states.tsx'
import { LatestOrders } from './latest-orders.tsx'

export function DashboardPage() {
  useTitle(t('Dashboard'))
  const portfolio = useQuery(portfolioQuery)
  const [period, setPeriod] = useState<HistoryPeriod>('1m')
  if (portfolio.data === undefined && troubleOf(portfolio) !== null) {
    return (
      <Refusal
        wholePage
        title={t('Your account cannot be shown')}
        error={troubleOf(portfolio)}
        onRetry={askAgain}
      />
    )
  }
  return (
    <div className="mx-auto max-w-page px-4 pt-6 md:px-6 md:pt-10">
      <h1 className="sr-only">{t('Dashboard')}</h1>
      <StaleNote query={portfolio} />
      <div className="grid items-start gap-x-12 gap-y-6 lg:grid-cols-[360px_minmax(0,1fr)]">
        <Statement portfolio={portfolio.data} />
        <EquityCurve period={period} onPick={setPeriod} />
      </div>
      <Summary portfolio={portfolio.data} />
      <div className="mt-10 grid gap-6 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-6">
          {portfolio.data === undefined ? (
            <Skeleton className="h-72 w-full" />
          ) : (
            <Allocation portfolio={portfolio.data} />
          )}
          <InsightCard />
        </div>
        <LatestOrders />
      </div>
    </div>
  )
}

/** Everything in one figure, and what the day has done to it. */
function Statement({ portfolio }: { readonly portfolio: Portfolio | undefined }) {
  return (
    <div className="grid gap-2">
      <p className="flex items-center gap-2 text-sm text-ink-3">
        {t('Total value')}
        <HideBalances />
      </p>
      {portfolio === undefined ? (
        <Skeleton className="h-12 w-64" />
      ) : (
        <p className="text-3xl font-semibold tracking-tight">
          <PrivateFigure>{showUsd(portfolio.total_value)}</PrivateFigure>
        </p>
      )}
      <p className="flex h-7 items-baseline gap-2 text-lg">
        {portfolio === undefined ? null : (
          <>
            <PrivateFigure>
              <SignedSum text={portfolio.day_change} shown={showSignedUsd(portfolio.day_change)} />
            </PrivateFigure>
            <span className="text-sm text-ink-3">{t('today, since midnight UTC')}</span>
          </>
        )}
      </p>
      <p className="h-5 text-xs text-ink-3">
        {portfolio === undefined ? '' : t('as of {time}', { time: showTime(portfolio.as_of) })}
      </p>
      <NextSteps portfolio={portfolio} />
    </div>
  )
}

/** Where there is nothing yet the first step is the cash to trade with. */
function NextSteps({ portfolio }: { readonly portfolio: Portfolio | undefined }) {
  const isNew = portfolio !== undefined && !/[1-9]/.test(portfolio.total_value)
  return (
    <p className="mt-4 flex flex-wrap gap-3">
      <Link to="/trade" className={buttonClasses(isNew ? 'plain' : 'primary')}>
        {t('Trade')}
      </Link>
      <Link
        to="/account"
        search={{ do: 'deposit' }}
        className={classes(buttonClasses(isNew ? 'primary' : 'plain'), isNew && 'order-first')}
      >
        {t('Deposit')}
      </Link>
      {isNew ? null : (
        <Link to="/account" search={{ do: 'withdraw' }} className={buttonClasses('plain')}>
          {t('Withdraw')}
        </Link>
      )}
    </p>
  )
}

/** One ruled line of the ledger. */
function Summary({ portfolio }: { readonly portfolio: Portfolio | undefined }) {
  return (
    <dl className="mt-8 grid grid-cols-2 gap-y-4 border-y border-line py-4 sm:grid-cols-4 sm:divide-x sm:divide-line">
      <Figure term={t('Cash')}>{portfolio && showUsd(portfolio.cash_balance)}</Figure>
      <Figure term={t('Assets')}>{portfolio && showUsd(portfolio.assets_value)}</Figure>
      <Figure term={t('Profit, not realized')}>
        {portfolio && (
          <SignedSum
            text={portfolio.unrealized_pnl}
            shown={showSignedUsd(portfolio.unrealized_pnl)}
          />
        )}
      </Figure>
      <Figure term={t('Profit, realized')}>
        {portfolio && (
          <SignedSum text={portfolio.realized_pnl} shown={showSignedUsd(portfolio.realized_pnl)} />
        )}
      </Figure>
    </dl>
  )
}

function Figure({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div className="sm:px-6 sm:first:pl-0">
      <dt className="text-sm text-ink-3">{term}</dt>
      <dd className="h-8 text-lg font-semibold">
        {children === undefined ? (
          <Skeleton className="mt-1 h-6 w-28" />
        ) : (
          <PrivateFigure>{children}</PrivateFigure>
        )}
      </dd>
    </div>
  )
}
