import { type AssetSummary, CATEGORIES } from '@cnop/contract/inventory.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Search, Star } from 'lucide-react'
import { useCallback, useDeferredValue, useMemo, useRef } from 'react'
import { askAgain, assetsQuery } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { useWatchlist } from '../../client/watchlist.ts'
import { useTitle } from '../../frame/use-title.ts'
import { categoryName } from '../../live/category-name.ts'
import { t } from '../../messages.ts'
import { Input, Select } from '../../ui/box.tsx'
import { Button } from '../../ui/button.tsx'
import { classes } from '../../ui/class-names.ts'
import { Empty, Skeleton } from '../../ui/states.tsx'
import { AssetRow } from './asset-row.tsx'
import { chooseAssets, nextSort, type Sort, type SortKey } from './choose-assets.ts'

const route = getRouteApi('/markets')

export function MarketsPage() {
  useTitle(t('Markets'))
  const assets = useQuery(assetsQuery)
  const { watched, toggle } = useWatchlist()
  const search = route.useSearch()
  const among = search.watched === true ? watched : undefined
  const wish = useDeferredValue(search)
  const shown = useMemo(
    () => assets.data && chooseAssets(assets.data, { ...wish, among }),
    [assets.data, wish, among],
  )
  return (
    <div className="mx-auto max-w-page px-4 pt-6 md:px-6 md:pt-10">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h1 className="text-2xl">{t('Markets')}</h1>
        <p aria-live="polite" className="text-sm text-ink-3">
          {shown === undefined
            ? ' '
            : t('{count, plural, one {# asset} other {# assets}}', { count: shown.length })}
        </p>
      </div>
      <Filters />
      {assets.data === undefined && troubleOf(assets) !== null ? (
        <Refusal
          title={t('The market cannot be shown')}
          error={troubleOf(assets)}
          onRetry={askAgain}
        />
      ) : (
        <MarketTable assets={shown} watched={watched} onWatch={toggle} />
      )}
    </div>
  )
}

function Filters() {
  const { q = '', category, watched } = route.useSearch()
  const navigate = route.useNavigate()
  const change = (next: Partial<ReturnType<typeof route.useSearch>>): void =>
    void navigate({
      search: (now) => withoutEmpty({ ...now, ...next }),
      replace: true,
      resetScroll: false,
    })
  return (
    <div className="mt-5 mb-4 flex flex-wrap gap-3">
      <span className="relative min-w-48 flex-1 sm:max-w-80">
        <Search
          aria-hidden="true"
          className="pointer-events-none absolute top-3 left-3 size-4 text-ink-3"
        />
        <Input
          type="search"
          aria-label={t('Search by name or symbol')}
          value={q}
          placeholder={t('Search by name or symbol')}
          autoComplete="off"
          spellCheck={false}
          className="pl-9"
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
      </span>
      <Select
        aria-label={t('Category')}
        value={category ?? 'all'}
        onPick={(picked) => change({ category: picked === 'all' ? undefined : picked })}
        options={[
          { value: 'all', label: t('All categories') },
          ...CATEGORIES.map((value) => ({ value, label: categoryName(value) })),
        ]}
        className="w-44"
      />
      <span className="hidden customer:block">
        <Button
          aria-pressed={watched === true}
          onClick={() => change({ watched: watched ? undefined : true })}
        >
          <Star aria-hidden="true" className={classes('size-4', watched && 'fill-current')} />
          {t('Watched')}
        </Button>
      </span>
    </div>
  )
}

const withoutEmpty = <T extends object>(search: T): T =>
  Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  ) as T

function MarketTable({
  assets,
  watched,
  onWatch,
}: {
  readonly assets: readonly AssetSummary[] | undefined
  readonly watched: ReadonlySet<string> | undefined
  readonly onWatch: (assetId: string) => void
}) {
  const newest = useRef(onWatch)
  newest.current = onWatch
  const toggle = useCallback((assetId: string) => newest.current(assetId), [])
  const navigate = route.useNavigate()
  if (assets?.length === 0) {
    return (
      <Empty
        title={t('No asset fits')}
        action={
          <Button onClick={() => void navigate({ search: {} })}>{t('Show all assets')}</Button>
        }
      >
        {t('Take a filter away, or search for another name.')}
      </Empty>
    )
  }
  return (
    <div className="overflow-clip rounded-lg border border-line bg-surface">
      <table className="w-full table-fixed border-collapse">
        <colgroup>
          <col className="hidden w-13 md:table-column" />
          <col />
          <col className="w-30 md:w-40" />
          <col className="hidden w-32 md:table-column" />
          <col className="w-22 md:w-36" />
          <col className="hidden w-36 lg:table-column" />
          <col className="hidden w-44 lg:table-column" />
          <col className="hidden w-12 customer:table-column" />
        </colgroup>
        <Headings />
        {assets === undefined ? (
          <Placeholders />
        ) : (
          <tbody>
            {assets.map((asset) => (
              <AssetRow
                key={asset.asset_id}
                asset={asset}
                watched={watched?.has(asset.asset_id)}
                onWatch={toggle}
              />
            ))}
          </tbody>
        )}
      </table>
    </div>
  )
}

function Headings() {
  const only = 'hidden md:table-cell'
  const wide = 'hidden lg:table-cell'
  return (
    <thead className="sticky top-14 z-10 bg-surface text-sm text-ink-3">
      <tr className="h-11">
        <th scope="col" className={`${only} pl-4 text-left font-normal`}>
          #
        </th>
        <Heading sortKey="name" label={t('Asset')} className="pl-4 text-left md:pl-2" />
        <Heading sortKey="price" label={t('Price')} className="px-2 text-right md:px-4" />
        <Heading sortKey="change" label={t('24 hours')} className={`${only} px-4 text-right`} />
        <th scope="col" className="pr-4 pl-2 text-right font-normal md:px-4">
          {t('7 days')}
        </th>
        <Heading sortKey="cap" label={t('Market cap')} className={`${wide} px-4 text-right`} />
        <Heading
          sortKey="volume"
          label={t('Volume, 24 hours')}
          className={`${wide} px-4 text-right`}
        />
        <th scope="col" className="hidden customer:table-cell">
          <span className="sr-only">{t('Watched')}</span>
        </th>
      </tr>
    </thead>
  )
}

function Heading({
  sortKey,
  label,
  className,
}: {
  readonly sortKey: SortKey
  readonly label: string
  readonly className: string
}) {
  const { sort } = route.useSearch()
  const navigate = route.useNavigate()
  const order = orderOf(sort, sortKey)
  return (
    <th scope="col" aria-sort={order} className={classes('font-normal', className)}>
      <button
        type="button"
        className={classes(
          'h-11 whitespace-nowrap hover:text-ink',
          order !== undefined && 'font-semibold text-ink',
        )}
        onClick={() => {
          const next = nextSort(sort, sortKey)
          void navigate({
            search: (now) => withoutEmpty({ ...now, sort: next }),
            replace: true,
            resetScroll: false,
          })
        }}
      >
        {sortKey === 'name' ? label : null}
        <span aria-hidden="true" className="inline-block w-4 text-[0.72em]">
          {order === undefined ? '' : order === 'ascending' ? '▲' : '▼'}
        </span>
        {sortKey === 'name' ? null : label}
      </button>
    </th>
  )
}

function orderOf(sort: Sort | undefined, key: SortKey): 'ascending' | 'descending' | undefined {
  if (sort === key) return 'ascending'
  return sort === `-${key}` ? 'descending' : undefined
}

const PLACES = Array.from({ length: 14 }, (_, index) => index)

function Placeholders() {
  return (
    <tbody aria-busy="true">
      {PLACES.map((place) => (
        <tr key={place} className="h-[61px] border-t border-line">
          <td className="hidden w-12 pl-4 md:table-cell">
            <Skeleton className="h-4 w-5" />
          </td>
          <td className="pl-4 md:pl-2">
            <Skeleton className="h-5 w-36" />
          </td>
          <td className="px-2 md:px-4">
            <Skeleton className="ml-auto h-5 w-20" />
          </td>
          <td className="hidden px-4 md:table-cell">
            <Skeleton className="ml-auto h-5 w-16" />
          </td>
          <td className="w-20 pr-4 pl-2 md:w-36 md:px-4">
            <Skeleton className="ml-auto h-7 w-16 md:w-24" />
          </td>
          <td className="hidden px-4 lg:table-cell">
            <Skeleton className="ml-auto h-5 w-16" />
          </td>
          <td className="hidden px-4 lg:table-cell">
            <Skeleton className="ml-auto h-5 w-16" />
          </td>
        </tr>
      ))}
    </tbody>
  )
}
