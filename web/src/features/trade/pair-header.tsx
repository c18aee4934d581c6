import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { ChevronDown } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { showCompactUsd, showPrice, UNKNOWN } from '../../format/money.ts'
import { Change } from '../../live/change.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { onDemand } from '../../ui/on-demand.tsx'
import { Skeleton } from '../../ui/states.tsx'
import type { Side } from './draft.ts'

const AssetPicker = onDemand(async () => (await import('./asset-picker.tsx')).AssetPicker)

/** Which asset against which money, and where its price stands. */
export function PairHeader({
  id,
  asset,
  side,
}: {
  readonly id: string
  readonly asset: AssetDetail | undefined
  readonly side: Side
}) {
  const [picking, setPicking] = useState(false)
  return (
    <header className="flex flex-wrap items-center gap-x-8 gap-y-2">
      <h1 className="w-full sm:w-auto">
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => setPicking(true)}
          className="-ml-2 flex h-12 items-center gap-3 rounded-md px-2 text-xl hover:bg-raised"
        >
          {asset === undefined ? (
            <Skeleton className="size-8 rounded-full" />
          ) : (
            <img src={asset.image} alt="" width="32" height="32" className="size-8 rounded-full" />
          )}
          <span className="leading-none">
            {asset?.symbol ?? id}
            <span className="font-text text-base leading-none font-normal text-ink-3"> / USD</span>
          </span>
          <ChevronDown aria-hidden="true" className="size-4 text-ink-3" />
          <span className="sr-only">{t('Choose another asset')}</span>
        </button>
      </h1>
      <p className="flex items-baseline gap-3 sm:min-w-52">
        <LivePrice
          assetId={id}
          known={asset?.price_usd ?? null}
          className="text-xl font-semibold tracking-tight"
        />
        <Change
          percent={asset?.price_change_percentage_24h ?? null}
          className="text-sm font-semibold"
        />
      </p>
      <dl className="hidden gap-8 sm:flex">
        <Fact term={t('High, 24 hours')}>{priceText(asset?.high_24h)}</Fact>
        <Fact term={t('Low, 24 hours')}>{priceText(asset?.low_24h)}</Fact>
        <Fact term={t('Volume, 24 hours')}>{showCompactUsd(asset?.total_volume_24h ?? null)}</Fact>
      </dl>
      {picking ? <AssetPicker side={side} onClose={() => setPicking(false)} /> : null}
    </header>
  )
}

const priceText = (price: string | null | undefined): string =>
  price === null || price === undefined ? UNKNOWN : showPrice(price).shown

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-ink-3">{term}</dt>
      <dd className="text-sm leading-5 font-medium">{children}</dd>
    </div>
  )
}
