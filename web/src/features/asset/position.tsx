import { useQuery } from '@tanstack/react-query'
import { portfolioQuery } from '../../client/own-queries.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { showPrice, showQuantity, showSignedUsd, showUsd } from '../../format/money.ts'
import { SignedSum } from '../../live/change.tsx'
import { t } from '../../messages.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Skeleton } from '../../ui/states.tsx'

/** What a customer holds of an asset, and how it did. */
export function Position({
  assetId,
  symbol,
}: {
  readonly assetId: string
  readonly symbol: string
}) {
  const portfolio = useQuery(portfolioQuery)
  if (portfolio.data === undefined) {
    return troubleOf(portfolio) === null ? (
      <Skeleton className="h-36 w-full" />
    ) : (
      <Refusal
        title={t('Your position cannot be shown')}
        error={troubleOf(portfolio)}
        onRetry={askAgain}
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
