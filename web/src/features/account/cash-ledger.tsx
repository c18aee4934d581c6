import type { CashTransaction } from '@cnop/contract/balance.ts'
import { TRANSACTION_TYPES } from '@cnop/contract/balance.ts'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useMemo } from 'react'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { refusalWords } from '../../client/refusal-words.ts'
import { StaleNote } from '../../client/stale-note.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { csvOf } from '../../format/csv.ts'
import { saveFile } from '../../format/save-file.ts'
import { t } from '../../messages.ts'
import { Input, Select } from '../../ui/box.tsx'
import { Button } from '../../ui/button.tsx'
import { classes } from '../../ui/class-names.ts'
import { Field } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty } from '../../ui/states.tsx'
import { allTransactions, transactionsQuery } from './cash-queries.ts'
import { LEDGER_COLUMNS, ledgerRows } from './ledger-file.ts'
import { isFiltered, isReversed, type LedgerFilters, ledgerQueryOf } from './ledger-filters.ts'
import { LedgerTable } from './ledger-table.tsx'
import { transactionName } from './transaction-words.ts'

const route = getRouteApi('/own/account')

/** Everything that changed the cash, newest first. */
export function CashLedger() {
  const { type: asked, from, to } = route.useSearch()
  const type = TRANSACTION_TYPES.find((one) => one === asked)
  const filters = useMemo(
    (): LedgerFilters => ({
      ...(type === undefined ? {} : { type }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    }),
    [type, from, to],
  )
  const query = ledgerQueryOf(filters)
  const ledger = useInfiniteQuery({
    ...transactionsQuery(query),
    placeholderData: (before) => before,
    enabled: !isReversed(filters),
  })
  const transactions = isReversed(filters)
    ? []
    : ledger.data?.pages.flatMap((page) => page.transactions)
  const failed = transactions === undefined && troubleOf(ledger) !== null
  return (
    <Panel title={t('Cash ledger')} flush aside={<SaveLedger query={query} filters={filters} />}>
      <Filters filters={filters} />
      {failed ? (
        <Refusal
          title={t('The ledger cannot be shown')}
          error={troubleOf(ledger)}
          onRetry={askAgain}
        />
      ) : (
        <div
          aria-busy={ledger.isPlaceholderData || undefined}
          className={classes('transition-opacity', ledger.isPlaceholderData && 'opacity-60')}
        >
          <Pages
            transactions={transactions}
            filters={filters}
            total={ledger.data?.pages[0]?.total_count}
            hasMore={ledger.hasNextPage && !isReversed(filters)}
            busy={ledger.isFetchingNextPage}
            onMore={() => void ledger.fetchNextPage()}
          />
          <div className="px-4">
            <StaleNote query={ledger} />
          </div>
        </div>
      )}
    </Panel>
  )
}

function Pages({
  transactions,
  filters,
  total,
  hasMore,
  busy,
  onMore,
}: {
  readonly transactions: readonly CashTransaction[] | undefined
  readonly filters: LedgerFilters
  readonly total: number | undefined
  readonly hasMore: boolean
  readonly busy: boolean
  readonly onMore: () => void
}) {
  if (transactions?.length === 0 && !hasMore) return <NothingHere filters={filters} />
  return (
    <>
      <LedgerTable transactions={transactions} />
      <footer className="flex min-h-13 flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2">
        <p aria-live="polite" className="text-xs text-ink-3">
          {transactions === undefined ? null : countWords(transactions.length, total, hasMore)}
        </p>
        {hasMore ? (
          <Button size="sm" busy={busy} onClick={onMore}>
            {t('Show earlier ones')}
          </Button>
        ) : null}
      </footer>
    </>
  )
}

function countWords(shown: number, total: number | undefined, hasMore: boolean): string {
  if (total !== undefined) return t('{shown} of {total}', { shown, total })
  return hasMore
    ? t('{shown} so far', { shown })
    : t('{shown, plural, one {# transaction} other {# transactions}}', { shown })
}

function Filters({ filters: { type, from, to } }: { readonly filters: LedgerFilters }) {
  const navigate = route.useNavigate()
  const change = (next: { [K in keyof LedgerFilters]?: LedgerFilters[K] | undefined }): void =>
    void navigate({
      search: (now) =>
        Object.fromEntries(
          Object.entries({ ...now, ...next }).filter(
            ([, value]) => value !== undefined && value !== '',
          ),
        ),
      replace: true,
      resetScroll: false,
    })
  return (
    <div className="grid grid-cols-2 gap-3 border-b border-line px-4 py-3 sm:grid-cols-[minmax(0,1fr)_160px_160px]">
      <div className="col-span-2 sm:col-span-1">
        <Field label={t('Type')}>
          {({ id }) => (
            <Select
              id={id}
              className="w-full"
              value={type ?? 'all'}
              onPick={(picked) => change({ type: picked === 'all' ? undefined : picked })}
              options={[
                { value: 'all', label: t('All types') },
                ...TRANSACTION_TYPES.map((value) => ({ value, label: transactionName(value) })),
              ]}
            />
          )}
        </Field>
      </div>
      <Day label={t('From')} value={from} max={to} onPick={(day) => change({ from: day })} />
      <Day label={t('To')} value={to} min={from} onPick={(day) => change({ to: day })} />
    </div>
  )
}

function Day({
  label,
  value,
  min,
  max,
  onPick,
}: {
  readonly label: string
  readonly value: string | undefined
  readonly min?: string | undefined
  readonly max?: string | undefined
  readonly onPick: (day: string | undefined) => void
}) {
  return (
    <Field label={label}>
      {({ id }) => (
        <Input
          id={id}
          type="date"
          value={value ?? ''}
          min={min}
          max={max}
          onChange={(event) => onPick(event.currentTarget.value || undefined)}
          className="px-2.5 text-sm"
        />
      )}
    </Field>
  )
}

function NothingHere({ filters }: { readonly filters: LedgerFilters }) {
  const navigate = route.useNavigate()
  if (!isFiltered(filters)) {
    return (
      <Empty title={t('Nothing has happened yet')}>
        {t('Deposit paper cash: it is the first line of your ledger.')}
      </Empty>
    )
  }
  return (
    <Empty
      title={t('No transaction fits')}
      action={
        <Button
          onClick={() =>
            void navigate({
              search: ({ type: _type, from: _from, to: _to, ...rest }) => rest,
              replace: true,
              resetScroll: false,
            })
          }
        >
          {t('Show all transactions')}
        </Button>
      }
    >
      {isReversed(filters)
        ? t('The first day is after the last.')
        : t('Take a filter away, or choose other days.')}
    </Empty>
  )
}

/** The file has everything that fits, also what is not on the screen yet. */
function SaveLedger({
  query,
  filters,
}: {
  readonly query: ReturnType<typeof ledgerQueryOf>
  readonly filters: LedgerFilters
}) {
  const save = useMutation({
    mutationFn: () => allTransactions(query),
    onSuccess: ({ items }) =>
      saveFile('cash-ledger.csv', csvOf(LEDGER_COLUMNS, ledgerRows(items)), 'text/csv'),
  })
  return (
    <span className="flex items-center gap-3">
      {save.error === null ? null : (
        <span role="alert" className="text-xs text-danger">
          {refusalWords(save.error).detail}
        </span>
      )}
      <Button
        size="sm"
        busy={save.isPending}
        disabled={isReversed(filters)}
        onClick={() => save.mutate()}
      >
        <Download aria-hidden="true" className="size-4" />
        {t('CSV')}
        <span className="sr-only">{t('of the cash ledger')}</span>
      </Button>
    </span>
  )
}
