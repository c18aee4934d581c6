import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { PriceChart } from '../../chart/price-chart.tsx'
import { AssetRefusal } from '../../client/asset-refusal.tsx'
import { assetQuery, capabilitiesQuery } from '../../client/queries.ts'
import { troubleOf } from '../../client/trouble.ts'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Empty, Skeleton } from '../../ui/states.tsx'
import { AssetOrders } from './asset-orders.tsx'
import { orderTypeOf, SIDES, type Side } from './draft.ts'
import { OrderTicket } from './order-ticket.tsx'
import { PairHeader } from './pair-header.tsx'
import { sideName } from './side-choice.tsx'
import { useSideKeys } from './use-side-keys.ts'

const route = getRouteApi('/trade/$id')

export function TradePage() {
  const { id } = route.useParams()
  const { side = 'buy', interval = '1h' } = route.useSearch()
  const navigate = route.useNavigate()
  const asset = useQuery(assetQuery(id))
  const offered = useOfferedSides()
  const ticket = useRef<HTMLElement>(null)
  const [sheet, setSheet] = useState(false)
  useTitle(t('Trade {symbol}', { symbol: id }))

  const choose = (picked: Side): void =>
    void navigate({
      search: (now) => ({ ...now, side: picked }),
      replace: true,
      resetScroll: false,
    })
  const ask = (picked: Side): void => {
    if (!offered.includes(picked)) return
    choose(picked)
    const beside = ticket.current?.checkVisibility() === true
    setSheet(!beside)
    if (beside) ticket.current?.querySelector<HTMLElement>('input[inputmode], h3')?.focus()
  }
  useSideKeys(ask)

  const trouble = troubleOf(asset)
  if (asset.data === undefined && trouble !== null) {
    return <AssetRefusal assetId={id} title={t('This market cannot be shown')} error={trouble} />
  }
  const parts = { asset: asset.data, side, offered, onSide: choose }
  return (
    <div className="mx-auto max-w-trade px-4 pt-4 md:px-6">
      <PairHeader id={id} asset={asset.data} side={side} />
      <div className="mt-3 grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="grid min-w-0 gap-4">
          <PriceChart
            assetId={id}
            name={asset.data?.name ?? id}
            interval={interval}
            tall
            onInterval={(picked) =>
              void navigate({
                search: (now) => ({ ...now, interval: picked }),
                replace: true,
                resetScroll: false,
              })
            }
          />
          <AssetOrders assetId={id} symbol={asset.data?.symbol ?? id} />
        </div>
        <section
          ref={ticket}
          aria-label={t('Order ticket')}
          className="sticky top-[72px] hidden max-h-[calc(100dvh-88px)] overflow-auto rounded-lg border border-line bg-surface lg:block"
        >
          <Ticket {...parts} />
        </section>
      </div>
      <SideBar offered={offered} onPick={ask} />
      <Dialog
        open={sheet}
        onClose={() => setSheet(false)}
        title={t('Trade {symbol}', { symbol: asset.data?.symbol ?? id })}
        shape="sheet"
      >
        <Ticket {...parts} />
      </Dialog>
    </div>
  )
}

/** What the platform says it takes; both as long as it has not said anything. */
function useOfferedSides(): readonly Side[] {
  const types = useQuery(capabilitiesQuery).data?.order_types
  return types === undefined ? SIDES : SIDES.filter((side) => types.includes(orderTypeOf(side)))
}

function Ticket({
  asset,
  side,
  offered,
  onSide,
}: {
  readonly asset: AssetDetail | undefined
  readonly side: Side
  readonly offered: readonly Side[]
  readonly onSide: (side: Side) => void
}) {
  if (asset === undefined) return <Skeleton className="m-4 h-[520px]" />
  if (!offered.includes(side)) {
    return (
      <Empty title={t('{side} is switched off', { side: sideName(side) })}>
        {t('This platform does not take such orders at the moment.')}
      </Empty>
    )
  }
  return <OrderTicket key={asset.asset_id} {...{ asset, side, offered, onSide }} />
}

const LOOKS: Readonly<Record<Side, string>> = { buy: 'bg-up', sell: 'bg-down' }

/** Below the chart of a narrow screen, always within reach. */
function SideBar({
  offered,
  onPick,
}: {
  readonly offered: readonly Side[]
  readonly onPick: (side: Side) => void
}) {
  return (
    <div className="sticky bottom-(--below) z-10 -mx-4 mt-4 flex gap-3 border-t border-line bg-paper px-4 py-2 md:bottom-0 md:-mx-6 md:px-6 lg:hidden">
      {offered.map((side) => (
        <button
          key={side}
          type="button"
          onClick={() => onPick(side)}
          className={classes('h-11 flex-1 rounded-md font-semibold text-paper', LOOKS[side])}
        >
          {sideName(side)}
        </button>
      ))}
    </div>
  )
}
