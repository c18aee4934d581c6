import { listAssetTransactions } from '@cnop/contract/order.ts'
import { infiniteQueryOptions, useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { allPages } from '../../client/all-pages.ts'
import { ask } from '../../client/door.ts'
import { askAgain, OWN } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { refusalWords } from '../../client/refusal-words.ts'
import { troubleOf } from '../../client/trouble.ts'
import { csvOf } from '../../format/csv.ts'
import { showPrice, showQuantity, showUsd } from '../../format/money.ts'
import { saveFile } from '../../format/save-file.ts'
import { showMoment } from '../../format/time.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { Skeleton, Waiting } from '../../ui/states.tsx'
import { type AssetTransaction, HISTORY_COLUMNS, historyRows } from './holdings-file.ts'

const PAGE_LIMIT = 20
const FILE_LINES_MAX = 10_000

const readPage = (
  assetId: string,
  limit: number,
  cursor: string | undefined,
  signal?: AbortSignal,
) =>
  ask(listAssetTransactions, {
    params: { asset_id: assetId },
    query: { limit, ...(cursor === undefined ? {} : { cursor }) },
    ...(signal === undefined ? {} : { signal }),
  })

const historyOf = (assetId: string) =>
  infiniteQueryOptions({
    queryKey: [OWN, 'asset-history', assetId],
    queryFn: ({ pageParam, signal }) => readPage(assetId, PAGE_LIMIT, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  })

/** Every purchase and sale of one asset, page by page. */
export function AssetHistory({ assetId }: { readonly assetId: string }) {
  const history = useInfiniteQuery(historyOf(assetId))
  const transactions = history.data?.pages.flatMap(({ data }) => data)
  return (
    <section className="mt-6" aria-label={t('Bought and sold')}>
      <header className="flex min-h-9 items-center justify-between border-b border-line pb-2">
        <h3 className="text-base">{t('Bought and sold')}</h3>
        {transactions?.length ? <SaveHistory assetId={assetId} /> : null}
      </header>
      {transactions === undefined ? (
        troubleOf(history) === null ? (
          <Waiting what={t('The history is on its way')}>
            {[0, 1, 2, 3].map((place) => (
              <Skeleton key={place} className="my-3 h-9 w-full" />
            ))}
          </Waiting>
        ) : (
          <Refusal
            title={t('The history cannot be shown')}
            error={troubleOf(history)}
            onRetry={askAgain}
          />
        )
      ) : transactions.length === 0 && !history.hasNextPage ? (
        <p className="py-6 text-sm text-ink-2">
          {t('You have not bought or sold any {symbol} yet.', { symbol: assetId })}
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {transactions.map((one) => (
            <Line key={one.order_id} transaction={one} />
          ))}
        </ul>
      )}
      {history.hasNextPage ? (
        <Button
          className="mt-3 w-full"
          busy={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          {t('Show earlier ones')}
        </Button>
      ) : null}
      {transactions !== undefined && troubleOf(history) !== null ? (
        <p role="alert" className="mt-2 text-sm text-danger">
          {refusalWords(troubleOf(history)).detail}
        </p>
      ) : null}
    </section>
  )
}

function Line({ transaction }: { readonly transaction: AssetTransaction }) {
  const { transaction_type, quantity, price, total_amount, timestamp, asset_id } = transaction
  const bought = transaction_type === 'buy'
  return (
    <li className="flex items-baseline justify-between gap-4 py-2.5 text-sm">
      <span className="min-w-0">
        <span className="font-medium">
          {bought ? t('Bought') : t('Sold')}{' '}
          <PrivateFigure>
            {showQuantity(quantity)} {asset_id}
          </PrivateFigure>
        </span>
        <span className="block text-xs text-ink-3">
          {t('at {price}, {moment}', {
            price: showPrice(price).shown,
            moment: showMoment(timestamp),
          })}
        </span>
      </span>
      <span className="whitespace-nowrap">
        <span className="sr-only">{bought ? t('paid') : t('received')} </span>
        <PrivateFigure>{showUsd(total_amount)}</PrivateFigure>
      </span>
    </li>
  )
}

function SaveHistory({ assetId }: { readonly assetId: string }) {
  const save = useMutation({
    mutationFn: () =>
      allPages(async (cursor) => {
        const { data, next_cursor } = await readPage(assetId, 100, cursor)
        return { items: data, next: next_cursor }
      }, FILE_LINES_MAX),
    onSuccess: ({ items }) =>
      saveFile(`history-${assetId}.csv`, csvOf(HISTORY_COLUMNS, historyRows(items)), 'text/csv'),
  })
  return (
    <span className="flex items-center gap-3">
      {save.error === null ? null : (
        <span role="alert" className="text-xs text-danger">
          {refusalWords(save.error).detail}
        </span>
      )}
      <Button size="sm" busy={save.isPending} onClick={() => save.mutate()}>
        <Download aria-hidden="true" className="size-4" />
        {t('CSV')}
        <span className="sr-only">{t('of what was bought and sold')}</span>
      </Button>
    </span>
  )
}
