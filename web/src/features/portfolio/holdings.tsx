import type { Portfolio } from '@cnop/contract/portfolio.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useMemo } from 'react'
import { assetsQuery } from '../../client/queries.ts'
import { csvOf } from '../../format/csv.ts'
import { directionOf } from '../../format/money.ts'
import { saveFile } from '../../format/save-file.ts'
import { t } from '../../messages.ts'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { classes } from '../../ui/class-names.ts'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Skeleton } from '../../ui/states.tsx'
import { HoldingRow } from './holding-row.tsx'
import { HOLDING_COLUMNS, holdingRows } from './holdings-file.ts'
import {
  type HoldingSort,
  type HoldingSortKey,
  holdingSortOf,
  nextHoldingSort,
  sortHoldings,
} from './sort-holdings.ts'
import { CELL, SMALL_ONLY, WIDE } from './table-shape.ts'
import type { Worth } from './worth.ts'
import type { WorthBoard } from './worth-board.ts'
import { WorthFigure } from './worth-figure.tsx'

const route = getRouteApi('/own/portfolio')

/** What is owned, what it cost, and what it has earned so far. */
export function Holdings({
  portfolio,
  board,
}: {
  readonly portfolio: Portfolio | undefined
  readonly board: WorthBoard | undefined
}) {
  if (portfolio === undefined || board === undefined) {
    return (
      <Panel title={t('Holdings')} flush>
        <table className="w-full table-fixed border-collapse">
          <Columns />
          <Headings sort={undefined} />
          <Placeholders />
        </table>
      </Panel>
    )
  }
  if (portfolio.assets.length === 0) return <NothingYet cash={portfolio.cash_balance} />
  return (
    <Panel
      title={t('Holdings')}
      flush
      aside={
        <Button
          size="sm"
          onClick={() =>
            saveFile(
              `holdings-${portfolio.as_of.slice(0, 10)}.csv`,
              csvOf(HOLDING_COLUMNS, holdingRows(portfolio, board.read())),
              'text/csv',
            )
          }
        >
          <Download aria-hidden="true" className="size-4" />
          {t('CSV')}
          <span className="sr-only">{t('of the holdings')}</span>
        </Button>
      }
    >
      <HoldingsTable portfolio={portfolio} board={board} />
    </Panel>
  )
}

function HoldingsTable({
  portfolio,
  board,
}: {
  readonly portfolio: Portfolio
  readonly board: WorthBoard
}) {
  const sort = holdingSortOf(route.useSearch().sort)
  const navigate = route.useNavigate()
  const known = useQuery(assetsQuery)
  const images = useMemo(
    () => new Map(known.data?.map(({ asset_id, image }) => [asset_id, image])),
    [known.data],
  )
  // Rows change places when the platform has been asked again or a heading is clicked, not at a tick.
  const sorted = useMemo(
    () => sortHoldings(portfolio.assets, board.read(), sort),
    [portfolio, board, sort],
  )
  const open = (assetId: string): void =>
    void navigate({ search: (now) => ({ ...now, asset: assetId }), resetScroll: false })
  return (
    <table aria-label={t('Holdings')} className="w-full table-fixed border-collapse">
      <Columns />
      <Headings sort={sort} />
      <tbody>
        {sorted.map((holding) => (
          <HoldingRow
            key={holding.asset_id}
            holding={holding}
            image={images.get(holding.asset_id)}
            board={board}
            onOpen={open}
          />
        ))}
      </tbody>
      <Sums board={board} cash={portfolio.cash_balance} />
    </table>
  )
}

function NothingYet({ cash }: { readonly cash: string }) {
  const canBuy = directionOf(cash) === 'up'
  return (
    <Panel title={t('Holdings')} flush>
      <Empty
        title={t('You hold nothing yet')}
        action={
          canBuy ? (
            <Link to="/markets" className={buttonClasses('primary')}>
              {t('See the markets')}
            </Link>
          ) : (
            <Link to="/account" className={buttonClasses('primary')}>
              {t('Deposit paper cash')}
            </Link>
          )
        }
      >
        {canBuy
          ? t('Your cash is there. Choose an asset: what you buy is listed here with its cost.')
          : t('Deposit paper cash first; then choose an asset in the markets.')}
      </Empty>
    </Panel>
  )
}

function Columns() {
  return (
    <colgroup>
      <col />
      <col className="hidden w-[13.5%] md:table-column" />
      <col className="hidden w-[11.5%] md:table-column" />
      <col className="w-[46%] md:w-[12.5%]" />
      <col className="hidden w-[8%] md:table-column" />
      <col className="hidden w-[11.5%] md:table-column" />
      <col className="hidden w-[13%] md:table-column" />
      <col className="hidden w-[10.5%] md:table-column" />
    </colgroup>
  )
}

function Headings({ sort }: { readonly sort: HoldingSort | undefined }) {
  return (
    <thead className="text-sm text-ink-3">
      <tr className="h-11">
        <Heading sort={sort} sortKey="name" label={t('Asset')} />
        <th scope="col" className={classes(WIDE, CELL, 'text-right font-normal')}>
          {t('Quantity')}
        </th>
        <Heading sort={sort} sortKey="price" label={t('Price')} wide />
        <Heading sort={sort} sortKey="value" label={t('Value')} />
        <th scope="col" className={classes(WIDE, CELL, 'text-right font-normal')}>
          {t('Share')}
        </th>
        <Heading sort={sort} sortKey="cost" label={t('Avg. cost')} wide />
        <Heading sort={sort} sortKey="profit" label={t('Profit')} wide />
        <Heading sort={sort} sortKey="percent" label={t('Profit %')} wide />
      </tr>
    </thead>
  )
}

function Heading({
  sort,
  sortKey,
  label,
  wide = false,
}: {
  readonly sort: HoldingSort | undefined
  readonly sortKey: HoldingSortKey
  readonly label: string
  readonly wide?: boolean
}) {
  const navigate = route.useNavigate()
  const order = orderOf(sort, sortKey)
  const first = sortKey === 'name'
  return (
    <th
      scope="col"
      aria-sort={order}
      className={classes(wide && WIDE, CELL, 'font-normal', first ? 'text-left' : 'text-right')}
    >
      <button
        type="button"
        className={classes(
          'h-11 whitespace-nowrap hover:text-ink',
          order !== undefined && 'font-semibold text-ink',
        )}
        onClick={() => {
          const next = nextHoldingSort(sort, sortKey)
          void navigate({
            search: ({ sort: _before, ...rest }) =>
              next === undefined ? rest : { ...rest, sort: next },
            replace: true,
            resetScroll: false,
          })
        }}
      >
        {first ? label : null}
        {order === undefined ? null : (
          <span aria-hidden="true" className={classes('text-[0.72em]', first ? 'ml-1' : 'mr-1')}>
            {order === 'ascending' ? '▲' : '▼'}
          </span>
        )}
        {first ? null : label}
      </button>
    </th>
  )
}

function orderOf(
  sort: HoldingSort | undefined,
  key: HoldingSortKey,
): 'ascending' | 'descending' | undefined {
  if (sort === key) return 'ascending'
  return sort === `-${key}` ? 'descending' : undefined
}

const assetsSum = (worth: Worth): string => worth.assets
const assetsShare = (worth: Worth): string => worth.assetsShare
const cashShare = (worth: Worth): string => worth.cashShare
const total = (worth: Worth): string => worth.total
const unrealized = (worth: Worth): string => worth.unrealized

/** The lines above, added up: the figures of the statement, to the cent. */
function Sums({ board, cash }: { readonly board: WorthBoard; readonly cash: string }) {
  const cashSum = useMemo(() => () => cash, [cash])
  const lines = [
    { name: t('Assets'), value: assetsSum, share: assetsShare, profit: unrealized },
    { name: t('Cash'), value: cashSum, share: cashShare, profit: undefined },
    { name: t('Total'), value: total, share: undefined, profit: undefined },
  ]
  return (
    <tfoot className="text-sm">
      {lines.map(({ name, value, share, profit }, index) => (
        <tr
          key={name}
          className={classes(
            index === 0 && 'border-t-2 border-field',
            index === 0 && 'h-14 md:h-10',
            index === 1 && 'h-10',
            index === 2 ? 'h-11 border-t border-line font-semibold' : 'text-ink-2',
          )}
        >
          <th scope="row" className={classes(CELL, 'text-left', index < 2 && 'font-normal')}>
            {name}
          </th>
          <td className={WIDE} />
          <td className={WIDE} />
          <td className={classes(CELL, 'text-right')}>
            <WorthFigure board={board} of={value} look="sum" />
            {profit === undefined ? null : (
              <span className={classes(SMALL_ONLY, 'text-xs')}>
                <WorthFigure board={board} of={profit} look="signed sum" />
              </span>
            )}
          </td>
          <td className={classes(WIDE, CELL, 'text-right')}>
            {share === undefined ? null : <WorthFigure board={board} of={share} look="percent" />}
          </td>
          <td className={WIDE} />
          <td className={classes(WIDE, CELL, 'text-right')}>
            {profit === undefined ? null : (
              <WorthFigure board={board} of={profit} look="signed sum" />
            )}
          </td>
          <td className={WIDE} />
        </tr>
      ))}
    </tfoot>
  )
}

const PLACES = [0, 1, 2, 3, 4, 5]

function Placeholders() {
  return (
    <tbody aria-busy="true">
      {PLACES.map((place) => (
        <tr key={place} className="h-15 border-t border-line">
          <td className={CELL}>
            <Skeleton className="h-6 w-28" />
          </td>
          {['quantity', 'price', 'value', 'share', 'cost', 'profit', 'percent'].map((name) => (
            <td key={name} className={classes(name !== 'value' && WIDE, CELL)}>
              <Skeleton className="ml-auto h-5 w-3/4" />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}
