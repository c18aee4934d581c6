import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { portfolioQuery } from '../../client/own-queries.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { showPrice, showQuantity, showSignedUsd, showUsd } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { SignedSum } from '../../live/change.tsx'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
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
    return (
      <>
        <p className="text-sm text-ink-2">{t('You hold no {symbol}.', { symbol })}</p>
        <TradeLink assetId={assetId} symbol={symbol} />
      </>
    )
  }
  return (
    <>
      <LedgerList>
        <LedgerLine term={t('Quantity')}>
          <PrivateFigure>
            {showQuantity(holding.quantity)} {symbol}
          </PrivateFigure>
        </LedgerLine>
        <LedgerLine term={t('Average cost')}>{showPrice(holding.average_cost).shown}</LedgerLine>
        <LedgerLine term={t('Profit, not realized')}>
          <PrivateFigure>
            <SignedSum
              text={holding.unrealized_pnl}
              shown={showSignedUsd(holding.unrealized_pnl)}
            />
          </PrivateFigure>
        </LedgerLine>
        <LedgerLine term={t('Worth now')} strong>
          <PrivateFigure>{showUsd(holding.market_value)}</PrivateFigure>
        </LedgerLine>
      </LedgerList>
      <TradeLink assetId={assetId} symbol={symbol} />
    </>
  )
}

function TradeLink({ assetId, symbol }: { readonly assetId: string; readonly symbol: string }) {
  return (
    <Link
      to="/trade/$id"
      params={{ id: assetId }}
      className={`${buttonClasses('primary')} mt-4 w-full`}
    >
      {t('Trade {symbol}', { symbol })}
    </Link>
  )
}
