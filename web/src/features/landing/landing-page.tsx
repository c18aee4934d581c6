import type { AssetSummary } from '@cnop/contract/inventory.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { askAgain, assetsQuery, capabilitiesQuery } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { showCompactUsd, showCount } from '../../format/money.ts'
import { useTitle } from '../../frame/use-title.ts'
import { Change } from '../../live/change.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { Skeleton, Waiting } from '../../ui/states.tsx'
import { marketFacts, strongest } from './market-facts.ts'
import { WorkedExample } from './worked-example.tsx'

const SHOWN = 6
const STRONGEST = 5

export function LandingPage() {
  useTitle(t('Trade the real market with paper money'))
  const assets = useQuery(assetsQuery)
  return (
    <div className="mx-auto grid max-w-page gap-16 px-4 pt-10 md:px-6 md:pt-20">
      <div className="grid items-center gap-12 lg:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)]">
        <Opening assets={assets.data} />
        <MarketNow assets={assets.data} error={troubleOf(assets)} onRetry={askAgain} />
      </div>
      <div className="grid gap-6 md:grid-cols-2">
        <Strongest title={t('Biggest gains, 24 hours')} direction="up" assets={assets.data} />
        <Strongest title={t('Biggest falls, 24 hours')} direction="down" assets={assets.data} />
      </div>
      <HowFillsArePriced assets={assets.data} />
    </div>
  )
}

function Opening({ assets }: { readonly assets: readonly AssetSummary[] | undefined }) {
  const capabilities = useQuery(capabilitiesQuery)
  const paper = capabilities.data?.market.feed === 'simulator'
  return (
    <div>
      <h1 className="text-hero">
        {t('Trade the market.')}
        <br />
        {t('Keep your money.')}
      </h1>
      <p className="mt-6 max-w-[48ch] text-lg text-ink-2">
        {t(
          'Live prices, paper cash, and every fill, fee and cent in a ledger that proves itself to you.',
        )}
      </p>
      <p className="mt-8 flex flex-wrap gap-3">
        <span className="customer:hidden">
          <Link to="/register" className={buttonClasses('primary', 'lg')}>
            {t('Open a paper account')}
          </Link>
        </span>
        <span className="hidden customer:block">
          <Link to="/dashboard" className={buttonClasses('primary', 'lg')}>
            {t('Go to your dashboard')}
          </Link>
        </span>
        <Link to="/markets" className={buttonClasses('plain', 'lg')}>
          {t('See the markets')}
        </Link>
      </p>
      <Facts assets={assets} />
      {paper ? (
        <p className="mt-6 text-xs text-ink-3">
          {t('Prices on this platform come from a simulated market.')}
        </p>
      ) : (
        <p className="mt-6 h-4" />
      )}
    </div>
  )
}

function Facts({ assets }: { readonly assets: readonly AssetSummary[] | undefined }) {
  const facts = assets === undefined ? undefined : marketFacts(assets)
  return (
    <dl className="mt-12 grid grid-cols-3 gap-4 border-t border-line pt-4 sm:max-w-[480px]">
      <Fact term={t('Assets')}>{facts && showCount(facts.assets)}</Fact>
      <Fact term={t('24-hour volume')}>{facts && showCompactUsd(facts.volume)}</Fact>
      <Fact term={t('Advancing')}>{facts && showCount(facts.advancing)}</Fact>
    </dl>
  )
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-ink-3">{term}</dt>
      <dd className="h-8 text-xl font-semibold">
        {children ?? <Skeleton className="mt-1.5 h-6 w-20" />}
      </dd>
    </div>
  )
}

function MarketNow({
  assets,
  error,
  onRetry,
}: {
  readonly assets: readonly AssetSummary[] | undefined
  readonly error: Error | null
  readonly onRetry: () => void
}) {
  return (
    <Panel
      title={t('Market now')}
      flush
      aside={
        <Link to="/markets" className="text-sm text-accent hover:underline">
          {t('All assets')}
        </Link>
      }
    >
      {assets === undefined && error !== null ? (
        <Refusal title={t('The market cannot be shown')} error={error} onRetry={onRetry} />
      ) : (
        <MarketRows assets={assets} />
      )}
    </Panel>
  )
}

const ROW =
  'grid h-14 grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-4 px-4 sm:grid-cols-[minmax(0,1fr)_96px_112px_84px]'

function MarketRows({ assets }: { readonly assets: readonly AssetSummary[] | undefined }) {
  if (assets === undefined) {
    return (
      <Waiting what={t('The market is on its way')}>
        <ul className="divide-y divide-line">
          {Array.from({ length: SHOWN }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: places without a content have no other name.
            <li key={index} className={ROW}>
              <Skeleton className="h-5 w-32" />
              <Skeleton className="hidden h-6 w-24 sm:block" />
              <Skeleton className="h-5 w-20 justify-self-end" />
              <Skeleton className="h-5 w-16 justify-self-end" />
            </li>
          ))}
        </ul>
      </Waiting>
    )
  }
  return (
    <ul className="divide-y divide-line">
      {assets.slice(0, SHOWN).map((asset) => (
        <li key={asset.asset_id}>
          <Link
            to="/assets/$id"
            params={{ id: asset.asset_id }}
            className={`${ROW} transition-colors hover:bg-raised`}
          >
            <span className="truncate">
              <span className="font-semibold">{asset.name}</span>{' '}
              <span className="text-ink-3">{asset.symbol}</span>
            </span>
            <Sparkline points={asset.sparkline} className="hidden sm:block" />
            <LivePrice
              assetId={asset.asset_id}
              known={asset.price_usd}
              className="justify-self-end"
            />
            <Change
              percent={asset.price_change_percentage_24h}
              className="w-[76px] text-right sm:w-auto"
            />
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Strongest({
  title,
  direction,
  assets,
}: {
  readonly title: string
  readonly direction: 'up' | 'down'
  readonly assets: readonly AssetSummary[] | undefined
}) {
  const shown = assets === undefined ? undefined : strongest(assets, direction, STRONGEST)
  return (
    <Panel title={title} flush>
      <ul className="min-h-[220px] px-4 py-2">
        {shown === undefined
          ? Array.from({ length: STRONGEST }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: places without a content have no other name.
              <li key={index} className="flex h-10 items-center justify-between">
                <Skeleton className="h-4 w-28" />
                <Skeleton className="h-4 w-16" />
              </li>
            ))
          : shown.map((asset) => (
              <li key={asset.asset_id}>
                <Link
                  to="/assets/$id"
                  params={{ id: asset.asset_id }}
                  className="group flex h-10 items-center text-sm"
                >
                  <span className="font-medium group-hover:underline">{asset.name}</span>
                  <span aria-hidden="true" className="leader" />
                  <Change percent={asset.price_change_percentage_24h} />
                </Link>
              </li>
            ))}
      </ul>
    </Panel>
  )
}

function HowFillsArePriced({ assets }: { readonly assets: readonly AssetSummary[] | undefined }) {
  const capabilities = useQuery(capabilitiesQuery)
  const example = assets?.[0]
  return (
    <section className="grid gap-8 border-t border-line pt-12 lg:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)] lg:gap-12">
      <div className="max-w-text">
        <h2 className="text-2xl">{t('How a fill is priced')}</h2>
        <p className="mt-4 text-ink-2">
          {t(
            'An order is filled at the last recorded quote, when that is fresh enough to trade at. Its price, its age and its source stay with the fill for good.',
          )}
        </p>
        <p className="mt-4 text-ink-2">
          {t(
            'Amounts are whole cents and whole units of the asset. What must be rounded is rounded once, and you see it before you confirm.',
          )}
        </p>
        <p className="mt-4 text-ink-2">
          {t(
            'Every change to your account is an event in a chain of hashes. Replay it whenever you like: the sums are yours to check.',
          )}
        </p>
      </div>
      <div className="min-h-[272px]">
        {example === undefined || capabilities.data === undefined ? null : (
          <WorkedExample
            asset={example}
            feeBasisPoints={capabilities.data.limits.fee_basis_points}
          />
        )}
      </div>
    </section>
  )
}
