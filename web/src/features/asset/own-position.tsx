import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { portfolioQuery } from '../../client/own-queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { useSessionState } from '../../client/use-session.ts'
import { showPrice, showQuantity, showSignedUsd, showUsd } from '../../format/money.ts'
import { SignedSum } from '../../live/change.tsx'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/states.tsx'

/** What the one who looks holds of the asset; a stranger is told how to begin. */
export function OwnPosition({
  assetId,
  symbol,
}: {
  readonly assetId: string
  readonly symbol: string
}) {
  const state = useSessionState()
  if (state === 'signed-out') {
    return (
      <Panel title={t('Trade {symbol}', { symbol })}>
        <p className="text-sm text-ink-2">
          {t('Open an account and trade it with paper money, at the price you see here.')}
        </p>
        <Link to="/register" className={`${buttonClasses('primary')} mt-4 w-full`}>
          {t('Open a paper account')}
        </Link>
      </Panel>
    )
  }
  return (
    <Panel title={t('Your position')}>
      <Position assetId={assetId} symbol={symbol} />
    </Panel>
  )
}

function Position({ assetId, symbol }: { readonly assetId: string; readonly symbol: string }) {
  const portfolio = useQuery(portfolioQuery)
  if (portfolio.data === undefined) {
    return portfolio.error === null ? (
      <Skeleton className="h-36 w-full" />
    ) : (
      <Refusal
        title={t('Your position cannot be shown')}
        error={portfolio.error}
        onRetry={() => void portfolio.refetch()}
      />
    )
  }
  const holding = portfolio.data.assets.find(({ asset_id }) => asset_id === assetId)
  if (holding === undefined) {
    return <p className="text-sm text-ink-2">{t('You hold no {symbol}.', { symbol })}</p>
  }
  return (
    <LedgerList>
      <LedgerLine term={t('Quantity')}>
        {showQuantity(holding.quantity)} {symbol}
      </LedgerLine>
      <LedgerLine term={t('Average cost')}>{showPrice(holding.average_cost).shown}</LedgerLine>
      <LedgerLine term={t('Profit, not realized')}>
        <SignedSum text={holding.unrealized_pnl} shown={showSignedUsd(holding.unrealized_pnl)} />
      </LedgerLine>
      <LedgerLine term={t('Worth now')} strong>
        {showUsd(holding.market_value)}
      </LedgerLine>
    </LedgerList>
  )
}
