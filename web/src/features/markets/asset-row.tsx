import type { AssetSummary } from '@cnop/contract/inventory.ts'
import { Link } from '@tanstack/react-router'
import { Star } from 'lucide-react'
import { memo } from 'react'
import { useLocale } from '../../format/formats.ts'
import { showCompactUsd } from '../../format/money.ts'
import { AssetName } from '../../live/asset-name.tsx'
import { Change } from '../../live/change.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'
import { Sparkline } from '../../ui/sparkline.tsx'

/** Drawn again only when its own asset or star has changed. */
export const AssetRow = memo(function Row({
  asset,
  watched,
  onWatch,
}: {
  readonly asset: AssetSummary
  /** `undefined`: there is no watch list to be on. */
  readonly watched: boolean | undefined
  readonly onWatch: (assetId: string) => void
}) {
  useLocale()
  const { asset_id, name, symbol, image, price_usd } = asset
  return (
    <tr className="group relative border-t border-line hover:bg-raised">
      <td className="hidden pl-4 text-sm text-ink-3 md:table-cell">{asset.market_cap_rank}</td>
      <th scope="row" className="py-2.5 pr-2 pl-4 text-left font-normal md:pl-2">
        <Link
          to="/assets/$id"
          params={{ id: asset_id }}
          className="block after:absolute after:inset-0"
        >
          <AssetName name={name} symbol={symbol} image={image} stacked />
        </Link>
      </th>
      <td className="px-2 text-right font-medium md:px-4">
        <LivePrice assetId={asset_id} known={price_usd} />
        {asset.is_active ? null : (
          <span className="block text-xs font-normal text-warning">{t('Halted')}</span>
        )}
        <Change
          percent={asset.price_change_percentage_24h}
          className="block text-xs leading-4 md:hidden"
        />
      </td>
      <td className="hidden px-4 text-right md:table-cell">
        <Change percent={asset.price_change_percentage_24h} />
      </td>
      <td className="py-2 pr-4 pl-2 md:px-4">
        <Sparkline points={asset.sparkline} className="ml-auto w-16 md:w-24" />
      </td>
      <td className="hidden px-4 text-right text-ink-2 lg:table-cell">
        {showCompactUsd(asset.market_cap)}
      </td>
      <td className="hidden px-4 text-right text-ink-2 lg:table-cell">
        {showCompactUsd(asset.total_volume_24h)}
      </td>
      <td className="hidden pr-2 customer:table-cell">
        {watched === undefined ? null : (
          <button
            type="button"
            aria-pressed={watched}
            aria-label={t('Watch {name}', { name })}
            onClick={() => onWatch(asset_id)}
            className="relative z-1 grid size-9 place-items-center rounded-md text-ink-3 hover:text-ink"
          >
            <Star
              aria-hidden="true"
              className={classes('size-4', watched && 'fill-current text-ink')}
            />
          </button>
        )}
      </td>
    </tr>
  )
})
