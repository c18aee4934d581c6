import type { Holding } from '@cnop/contract/portfolio.ts'
import { Link } from '@tanstack/react-router'
import { showPrice, showQuantity } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { AssetHistory } from './asset-history.tsx'
import { useHolding } from './holding-row.tsx'
import type { WorthBoard } from './worth-board.ts'
import { WorthFigure } from './worth-figure.tsx'

/** One asset in full: what there is of it, and everything that was bought and sold. */
export function AssetDrawer({
  assetId,
  holding,
  board,
  onClose,
}: {
  /** `undefined` while the drawer is closed. */
  readonly assetId: string | undefined
  /** `undefined` where nothing is left of it. */
  readonly holding: Holding | undefined
  readonly board: WorthBoard | undefined
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open={assetId !== undefined}
      onClose={onClose}
      title={holding?.asset_name ?? assetId ?? ''}
      shape="drawer"
    >
      {assetId === undefined ? null : (
        <div className="px-5 py-4">
          {holding === undefined || board === undefined ? (
            <p className="text-sm text-ink-2">{t('You hold no {symbol}.', { symbol: assetId })}</p>
          ) : (
            <Position holding={holding} board={board} />
          )}
          <p className="mt-4 flex flex-wrap gap-3">
            <Link
              to="/trade/$id"
              params={{ id: assetId }}
              className={buttonClasses('primary', 'sm')}
            >
              {t('Trade {symbol}', { symbol: assetId })}
            </Link>
            <Link
              to="/assets/$id"
              params={{ id: assetId }}
              className={buttonClasses('plain', 'sm')}
            >
              {t('See the asset')}
            </Link>
          </p>
          <AssetHistory key={assetId} assetId={assetId} />
        </div>
      )}
    </Dialog>
  )
}

function Position({
  holding: { asset_id, quantity, current_price, average_cost },
  board,
}: {
  readonly holding: Holding
  readonly board: WorthBoard
}) {
  const cost = useHolding(asset_id, 'cost')
  const share = useHolding(asset_id, 'share')
  const value = useHolding(asset_id, 'value')
  const profit = useHolding(asset_id, 'profit')
  const percent = useHolding(asset_id, 'profitPercent')
  return (
    <LedgerList>
      <LedgerLine term={t('Quantity')}>
        <PrivateFigure>
          {showQuantity(quantity)} {asset_id}
        </PrivateFigure>
      </LedgerLine>
      <LedgerLine term={t('Price')}>
        <LivePrice assetId={asset_id} known={current_price} />
      </LedgerLine>
      <LedgerLine term={t('Average cost')}>
        <PrivateFigure>{showPrice(average_cost).shown}</PrivateFigure>
      </LedgerLine>
      <LedgerLine term={t('Cost')}>
        <WorthFigure board={board} of={cost} look="sum" />
      </LedgerLine>
      <LedgerLine term={t('Profit, not realized')}>
        <WorthFigure board={board} of={profit} look="signed sum" />
      </LedgerLine>
      <LedgerLine term={t('Profit in percent')}>
        <WorthFigure board={board} of={percent} look="signed percent" />
      </LedgerLine>
      <LedgerLine term={t('Share of everything')}>
        <WorthFigure board={board} of={share} look="percent" />
      </LedgerLine>
      <LedgerLine term={t('Worth now')} strong>
        <WorthFigure board={board} of={value} look="sum" />
      </LedgerLine>
    </LedgerList>
  )
}
