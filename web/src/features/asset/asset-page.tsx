import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { PriceChart } from '../../chart/price-chart.tsx'
import { AssetRefusal } from '../../client/asset-refusal.tsx'
import { assetQuery } from '../../client/queries.ts'
import { troubleOf } from '../../client/trouble.ts'
import { useSessionState } from '../../client/use-session.ts'
import { showCompact, showCompactUsd, showPrice, UNKNOWN } from '../../format/money.ts'
import { showDate } from '../../format/time.ts'
import { useTitle } from '../../frame/use-title.ts'
import { categoryName } from '../../live/category-name.ts'
import { Change } from '../../live/change.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { onDemand } from '../../ui/on-demand.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/states.tsx'
import { DayRange } from './day-range.tsx'
import { OwnPosition } from './own-position.tsx'

const route = getRouteApi('/assets/$id')

const WatchButton = onDemand(async () => (await import('./watch-button.tsx')).WatchButton)

export function AssetPage() {
  const { id } = route.useParams()
  const { interval = '1h' } = route.useSearch()
  const navigate = route.useNavigate()
  const asset = useQuery(assetQuery(id))
  useTitle(asset.data?.name ?? id)
  const trouble = troubleOf(asset)
  if (asset.data === undefined && trouble !== null) {
    return <AssetRefusal assetId={id} title={t('This asset cannot be shown')} error={trouble} />
  }
  return (
    <div className="mx-auto max-w-page px-4 pt-6 md:px-6 md:pt-8">
      <Heading id={id} asset={asset.data} />
      <div className="mt-6 grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_360px]">
        <div className="grid gap-6">
          <PriceChart
            assetId={id}
            name={asset.data?.name ?? id}
            interval={interval}
            onInterval={(picked) =>
              void navigate({ search: { interval: picked }, replace: true, resetScroll: false })
            }
          />
          <About asset={asset.data} />
        </div>
        <div className="grid gap-6">
          <OwnPosition assetId={id} symbol={asset.data?.symbol ?? id} />
          <Statistics asset={asset.data} />
        </div>
      </div>
    </div>
  )
}

function Heading({ id, asset }: { readonly id: string; readonly asset: AssetDetail | undefined }) {
  const signedIn = useSessionState() === 'signed-in'
  return (
    <header className="grid gap-4">
      <nav aria-label={t('Where this page is')} className="text-sm text-ink-3">
        <Link to="/markets" className="hover:text-ink hover:underline">
          {t('Markets')}
        </Link>
        <span aria-hidden="true"> / </span>
        {asset === undefined ? id : categoryName(asset.category)}
      </nav>
      <div className="flex flex-wrap items-end gap-x-8 gap-y-4">
        <div className="flex items-center gap-4">
          {asset === undefined ? (
            <Skeleton className="size-12 rounded-full" />
          ) : (
            <img src={asset.image} alt="" width="48" height="48" className="size-12 rounded-full" />
          )}
          <div>
            <h1 className="text-2xl leading-9">
              {asset?.name ?? id}{' '}
              <span className="font-text text-lg font-normal text-ink-3">{asset?.symbol}</span>
            </h1>
            <p className="text-sm text-ink-3">
              {asset === undefined ? ' ' : t('Rank {rank}', { rank: asset.market_cap_rank })}
              <Availability asset={asset} />
            </p>
          </div>
        </div>
        <div className="flex items-baseline gap-4">
          <LivePrice
            assetId={id}
            known={asset?.price_usd ?? null}
            className="text-3xl font-semibold tracking-tight"
          />
          <span className="text-lg">
            <Change percent={asset?.price_change_percentage_24h ?? null} />{' '}
            <span className="text-sm text-ink-3">{t('24 hours')}</span>
          </span>
        </div>
        <span className="flex-1" />
        <span className="hidden min-h-10 min-w-28 justify-items-end customer:grid">
          {signedIn ? <WatchButton assetId={id} name={asset?.name ?? id} /> : null}
        </span>
      </div>
    </header>
  )
}

function Availability({ asset }: { readonly asset: AssetDetail | undefined }) {
  if (asset === undefined || asset.availability_status === 'available') return null
  return (
    <span className="ml-3 text-warning">
      {asset.availability_status === 'halted'
        ? t('Trading is halted')
        : t('The last price is too old to trade at')}
    </span>
  )
}

function Statistics({ asset }: { readonly asset: AssetDetail | undefined }) {
  return (
    <Panel title={t('Statistics')}>
      <DayRange asset={asset} />
      <div className="mt-4">
        <LedgerList>
          <LedgerLine term={t('7 days')}>
            {asset && <Change percent={asset.price_change_percentage_7d} />}
          </LedgerLine>
          <LedgerLine term={t('30 days')}>
            {asset && <Change percent={asset.price_change_percentage_30d} />}
          </LedgerLine>
          <LedgerLine term={t('Market cap')}>
            {asset && showCompactUsd(asset.market_cap)}
          </LedgerLine>
          <LedgerLine term={t('Volume, 24 hours')}>
            {asset && showCompactUsd(asset.total_volume_24h)}
          </LedgerLine>
          <LedgerLine term={t('In circulation')}>
            {asset && showCompact(asset.circulating_supply)}
          </LedgerLine>
          <LedgerLine term={t('Greatest supply')}>
            {asset && (asset.max_supply === null ? t('no limit') : showCompact(asset.max_supply))}
          </LedgerLine>
          <Extreme
            term={t('Highest ever')}
            price={asset?.ath}
            change={asset?.ath_change_percentage}
            at={asset?.ath_date}
          />
          <Extreme
            term={t('Lowest ever')}
            price={asset?.atl}
            change={asset?.atl_change_percentage}
            at={asset?.atl_date}
          />
        </LedgerList>
      </div>
    </Panel>
  )
}

function Extreme({
  term,
  price,
  change,
  at,
}: {
  readonly term: string
  readonly price: string | undefined
  readonly change: string | null | undefined
  readonly at: string | undefined
}) {
  return (
    <LedgerLine
      term={term}
      note={
        <>
          <span>{at === undefined ? ' ' : showDate(at)}</span>
          {change === undefined ? null : <Change percent={change} />}
        </>
      }
    >
      {price === undefined ? UNKNOWN : showPrice(price).shown}
    </LedgerLine>
  )
}

function About({ asset }: { readonly asset: AssetDetail | undefined }) {
  if (asset === undefined || asset.description === '') return null
  return (
    <section className="max-w-text">
      <h2 className="text-lg">{t('About {name}', { name: asset.name })}</h2>
      <p className="mt-2 text-ink-2">{asset.description}</p>
    </section>
  )
}
