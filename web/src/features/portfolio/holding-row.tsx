import type { Holding } from '@cnop/contract/portfolio.ts'
import { memo, useCallback } from 'react'
import { showPrice, showQuantity } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'
import { CELL, SMALL_ONLY, WIDE } from './table-shape.ts'
import type { HoldingWorth, Worth } from './worth.ts'
import type { WorthBoard } from './worth-board.ts'
import { WorthFigure } from './worth-figure.tsx'

/** One line; all of it opens what was bought and sold of the asset. */
export const HoldingRow = memo(function Row({
  holding,
  image,
  board,
  onOpen,
}: {
  readonly holding: Holding
  /** `undefined` until the market is known. */
  readonly image: string | undefined
  readonly board: WorthBoard
  readonly onOpen: (assetId: string) => void
}) {
  const { asset_id, asset_name, quantity, current_price, average_cost } = holding
  const value = useHolding(asset_id, 'value')
  const share = useHolding(asset_id, 'share')
  const profit = useHolding(asset_id, 'profit')
  const percent = useHolding(asset_id, 'profitPercent')
  return (
    <tr className="relative h-15 border-t border-line text-sm hover:bg-raised">
      <th scope="row" className={classes(CELL, 'text-left font-normal')}>
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => onOpen(asset_id)}
          className="flex w-full items-center gap-3 text-left outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {image === undefined ? (
            <span className="size-7 shrink-0 rounded-full bg-raised" />
          ) : (
            <img
              src={image}
              alt=""
              width="28"
              height="28"
              className="size-7 shrink-0 rounded-full"
            />
          )}
          <span className="grid min-w-0 leading-5">
            <span className="truncate text-base font-semibold">{asset_name}</span>
            <span className="truncate text-xs text-ink-3">
              <span className="hidden md:inline">{asset_id}</span>
              <span className="md:hidden">
                <PrivateFigure>{showQuantity(quantity)}</PrivateFigure> {asset_id}
              </span>
            </span>
          </span>
          <span className="sr-only">{t('Details and history')}</span>
        </button>
      </th>
      <td className={classes(WIDE, CELL, 'text-right')}>
        <PrivateFigure>{showQuantity(quantity)}</PrivateFigure>
      </td>
      <td className={classes(WIDE, CELL, 'text-right')}>
        <LivePrice assetId={asset_id} known={current_price} />
      </td>
      <td className={classes(CELL, 'text-right font-medium')}>
        <WorthFigure board={board} of={value} look="sum" />
        <span className={classes(SMALL_ONLY, 'text-xs leading-5 font-normal')}>
          <WorthFigure board={board} of={profit} look="signed sum" />
        </span>
      </td>
      <td className={classes(WIDE, CELL, 'text-right text-ink-2')}>
        <WorthFigure board={board} of={share} look="percent" />
      </td>
      <td className={classes(WIDE, CELL, 'text-right text-ink-2')}>
        <PrivateFigure>{showPrice(average_cost).shown}</PrivateFigure>
      </td>
      <td className={classes(WIDE, CELL, 'text-right')}>
        <WorthFigure board={board} of={profit} look="signed sum" />
      </td>
      <td className={classes(WIDE, CELL, 'text-right')}>
        <WorthFigure board={board} of={percent} look="signed percent" />
      </td>
    </tr>
  )
})

/** One field of one holding, under a name that stays the same. */
export function useHolding(assetId: string, field: keyof HoldingWorth) {
  return useCallback((worth: Worth) => worth.holdings.get(assetId)?.[field], [assetId, field])
}
