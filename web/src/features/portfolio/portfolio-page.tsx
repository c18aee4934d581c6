import { HISTORY_PERIODS, type Portfolio } from '@cnop/contract/portfolio.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo, useSyncExternalStore } from 'react'
import { portfolioQuery } from '../../client/own-queries.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { StaleNote } from '../../client/stale-note.tsx'
import { prices } from '../../client/stream.ts'
import { troubleOf } from '../../client/trouble.ts'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { Allocation } from '../../portfolio/allocation.tsx'
import { EquityCurve } from '../../portfolio/equity-curve.tsx'
import { InsightCard } from '../../portfolio/insight-card.tsx'
import { Skeleton } from '../../ui/states.tsx'
import { AssetDrawer } from './asset-drawer.tsx'
import { Holdings } from './holdings.tsx'
import { Statement } from './statement.tsx'
import { createWorthBoard, type WorthBoard } from './worth-board.ts'

const route = getRouteApi('/own/portfolio')

export function PortfolioPage() {
  useTitle(t('Portfolio'))
  const query = useQuery(portfolioQuery)
  const { period: asked, asset } = route.useSearch()
  const period = HISTORY_PERIODS.find((one) => one === asked) ?? '1m'
  const navigate = route.useNavigate()
  const portfolio = query.data
  const board = useMemo(() => portfolio && createWorthBoard(portfolio, prices), [portfolio])
  if (portfolio === undefined && troubleOf(query) !== null) {
    return (
      <Refusal
        wholePage
        title={t('Your portfolio cannot be shown')}
        error={troubleOf(query)}
        onRetry={askAgain}
      />
    )
  }
  return (
    <div className="mx-auto max-w-page px-4 pt-6 md:px-6 md:pt-10">
      <StaleNote query={query} />
      <div className="grid items-start gap-x-12 gap-y-8 lg:grid-cols-[360px_minmax(0,1fr)]">
        <Statement portfolio={portfolio} board={board} />
        <EquityCurve
          inWords
          period={period}
          onPick={(picked) =>
            void navigate({
              search: (now) => ({ ...now, period: picked }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      </div>
      <div className="mt-10 grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_320px]">
        <Holdings portfolio={portfolio} board={board} />
        {portfolio === undefined || board === undefined ? (
          <Skeleton className="h-[468px] w-full" />
        ) : (
          <LiveAllocation portfolio={portfolio} board={board} />
        )}
      </div>
      <div className="mt-6 empty:hidden">
        <InsightCard />
      </div>
      <AssetDrawer
        assetId={asset}
        holding={portfolio?.assets.find(({ asset_id }) => asset_id === asset)}
        board={board}
        onClose={() =>
          void navigate({
            search: ({ asset: _closed, ...rest }) => rest,
            replace: true,
            resetScroll: false,
          })
        }
      />
    </div>
  )
}

/** The few pieces of the ring are drawn again with each tick, so that they agree with the table. */
function LiveAllocation({
  portfolio,
  board,
}: {
  readonly portfolio: Portfolio
  readonly board: WorthBoard
}) {
  const worth = useSyncExternalStore(board.watch, board.read)
  const assets = portfolio.assets.map((holding) => {
    const now = worth.holdings.get(holding.asset_id)
    return now === undefined
      ? holding
      : { ...holding, market_value: now.value, percentage: now.share }
  })
  return <Allocation portfolio={{ ...portfolio, total_value: worth.total, assets }} />
}
