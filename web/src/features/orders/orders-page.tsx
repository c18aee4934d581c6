import {
  ORDER_STATUSES,
  ORDER_TYPES,
  type OrderStatus,
  type OrderType,
} from '@cnop/contract/order.ts'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useEffect } from 'react'
import type { OrdersWish } from '../../client/orders-pages.ts'
import { allOrders, ordersQuery } from '../../client/own-orders.ts'
import { askAgain, assetsQuery, capabilitiesQuery } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { refusalWords } from '../../client/refusal-words.ts'
import { StaleNote } from '../../client/stale-note.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { saveFile } from '../../format/save-file.ts'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { OrderDialog } from '../../orders/order-dialog.tsx'
import { OrderTable } from '../../orders/order-table.tsx'
import { orderTypeName, statusName } from '../../orders/order-words.ts'
import { Select } from '../../ui/box.tsx'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { Empty } from '../../ui/states.tsx'
import { ordersCsv } from './orders-csv.ts'

const route = getRouteApi('/own/orders')

const PLACEHOLDERS = 8
const EXPORTED_MAX = 10_000

type Search = {
  readonly asset?: string
  readonly status?: OrderStatus
  readonly type?: OrderType
  readonly order?: string
}

/** An address that asks for what there is not asks for everything. */
function useSearch(): Search {
  const { status, type, ...others } = route.useSearch()
  const knownStatus = ORDER_STATUSES.find((one) => one === status)
  const knownType = ORDER_TYPES.find((one) => one === type)
  return {
    ...others,
    ...(knownStatus === undefined ? {} : { status: knownStatus }),
    ...(knownType === undefined ? {} : { type: knownType }),
  }
}

const wishOf = ({ asset, status, type }: Search): OrdersWish => ({
  ...(asset === undefined ? {} : { asset_id: asset }),
  ...(status === undefined ? {} : { status }),
  ...(type === undefined ? {} : { order_type: type }),
})

export function OrdersPage() {
  useTitle(t('Orders'))
  const search = useSearch()
  const change = useSearchChange()
  return (
    <div className="mx-auto max-w-page px-4 pt-6 md:px-6 md:pt-10">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h1 className="text-2xl">{t('Orders')}</h1>
        <Export wish={wishOf(search)} />
      </div>
      <Filters search={search} onChange={change} />
      {/* As high as a window, so that nothing below moves when the orders arrive. */}
      <div className="min-h-[80dvh]">
        <Listing wish={wishOf(search)} onOpen={(order) => change({ order })} />
      </div>
      <OrderDialog orderId={search.order} onClose={() => change({ order: undefined })} />
    </div>
  )
}

type SearchChange = { readonly [K in keyof Search]?: Search[K] | undefined }

function useSearchChange(): (next: SearchChange) => void {
  const navigate = route.useNavigate()
  return (next) =>
    void navigate({
      search: (now) =>
        Object.fromEntries(
          Object.entries({ ...now, ...next }).filter(([, value]) => value !== undefined),
        ) as Search,
      replace: true,
      resetScroll: false,
    })
}

const ALL = 'all'

function Filters({
  search,
  onChange,
}: {
  readonly search: Search
  readonly onChange: (next: SearchChange) => void
}) {
  const assets = useQuery(assetsQuery).data
  const types = useQuery(capabilitiesQuery).data?.order_types as
    | readonly NonNullable<Search['type']>[]
    | undefined
  const { asset, status, type } = search
  const names = assets?.map(({ asset_id, name }) => [asset_id, name] as const) ?? []
  const listed =
    asset === undefined || names.some(([id]) => id === asset)
      ? names
      : [[asset, asset] as const, ...names]
  return (
    <div className="mt-5 mb-4 grid grid-cols-2 gap-3 sm:flex sm:flex-wrap">
      <Select
        aria-label={t('Asset')}
        value={asset ?? ALL}
        onPick={(picked) => onChange({ asset: picked === ALL ? undefined : picked })}
        options={[
          { value: ALL, label: t('All assets') },
          ...listed.map(([value, name]) => ({
            value,
            label: value === name ? name : t('{name} ({symbol})', { name, symbol: value }),
          })),
        ]}
        className="col-span-2 sm:w-56"
      />
      <Select
        aria-label={t('Status')}
        value={status ?? ALL}
        onPick={(picked) => onChange({ status: picked === ALL ? undefined : picked })}
        options={[
          { value: ALL, label: t('Any status') },
          ...ORDER_STATUSES.map((value) => ({ value, label: statusName(value) })),
        ]}
        className="sm:w-40"
      />
      <Select
        aria-label={t('Type')}
        value={type ?? ALL}
        onPick={(picked) => onChange({ type: picked === ALL ? undefined : picked })}
        options={[
          { value: ALL, label: t('Any type') },
          ...(types ?? []).map((value) => ({ value, label: orderTypeName(value) })),
        ]}
        className="sm:w-40"
      />
    </div>
  )
}

function Listing({
  wish,
  onOpen,
}: {
  readonly wish: OrdersWish
  readonly onOpen: (orderId: string) => void
}) {
  const orders = useInfiniteQuery(ordersQuery(wish))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = orders
  const known = orders.data?.pages.flatMap(({ data }) => data)
  // Behind a filter a page may be empty and not the last.
  const lookFurther = known?.length === 0 && hasNextPage && !isFetchingNextPage
  useEffect(() => {
    if (lookFurther) void fetchNextPage()
  }, [lookFurther, fetchNextPage])

  if (known === undefined && troubleOf(orders) !== null) {
    return (
      <Refusal
        title={t('Your orders cannot be shown')}
        error={troubleOf(orders)}
        onRetry={askAgain}
      />
    )
  }
  if (known?.length === 0 && !hasNextPage) return <NoOrders wish={wish} />
  const shown = known?.length === 0 ? undefined : known
  return (
    <>
      {isFetchingNextPage ? null : <StaleNote query={orders} />}
      <div className="overflow-clip rounded-lg border border-line bg-surface">
        <OrderTable
          label={t('Your orders')}
          orders={shown}
          placeholders={PLACEHOLDERS}
          onOpen={onOpen}
        />
      </div>
      {shown === undefined ? null : (
        <Further
          count={shown.length}
          more={hasNextPage}
          busy={isFetchingNextPage}
          error={isFetchingNextPage || orders.isFetchNextPageError ? troubleOf(orders) : null}
          onMore={() => void fetchNextPage()}
        />
      )}
    </>
  )
}

function Further({
  count,
  more,
  busy,
  error,
  onMore,
}: {
  readonly count: number
  readonly more: boolean
  readonly busy: boolean
  readonly error: Error | null
  readonly onMore: () => void
}) {
  return (
    <div className="mt-4 grid justify-items-center gap-2">
      {more ? (
        <Button busy={busy} onClick={onMore}>
          {t('Load more')}
        </Button>
      ) : null}
      {error === null ? null : (
        <p role="alert" className="text-sm text-danger">
          {refusalWords(error).detail}
        </p>
      )}
      <p aria-live="polite" className="text-sm text-ink-3">
        {more
          ? t('{count, plural, one {# order so far} other {# orders so far}}', { count })
          : t('{count, plural, one {# order} other {# orders}}', { count })}
      </p>
    </div>
  )
}

function NoOrders({ wish }: { readonly wish: OrdersWish }) {
  const navigate = route.useNavigate()
  if (Object.keys(wish).length > 0) {
    return (
      <Empty
        title={t('No order fits')}
        action={
          <Button onClick={() => void navigate({ search: {} })}>{t('Show all orders')}</Button>
        }
      >
        {t('Take a filter away: you have no order like this.')}
      </Empty>
    )
  }
  return (
    <Empty
      title={t('No orders yet')}
      action={
        <Link to="/markets" className={buttonClasses('primary')}>
          {t('See the markets')}
        </Link>
      }
    >
      {t('Choose an asset and trade it: every order is listed here, with its price and its fee.')}
    </Empty>
  )
}

function Export({ wish }: { readonly wish: OrdersWish }) {
  const save = useMutation({
    mutationFn: () => allOrders(wish, EXPORTED_MAX),
    onSuccess: (orders) => saveFile('orders.csv', ordersCsv(orders), 'text/csv;charset=utf-8'),
  })
  return (
    <div className="flex items-center gap-3">
      {save.error === null ? null : (
        <p role="alert" className="text-sm text-danger">
          {refusalWords(save.error).detail}
        </p>
      )}
      <Button size="sm" busy={save.isPending} onClick={() => save.mutate()}>
        <Download aria-hidden="true" className="size-4" />
        {t('Export CSV')}
      </Button>
    </div>
  )
}
