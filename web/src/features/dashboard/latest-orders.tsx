import type { Order } from '@cnop/contract/order.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { latestOrdersQuery } from '../../client/own-queries.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { showPrice, showQuantity, showUsd } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Skeleton } from '../../ui/states.tsx'

const SHOWN = 9

export function LatestOrders() {
  const orders = useQuery(latestOrdersQuery(SHOWN))
  return (
    <Panel
      flush
      title={t('Latest orders')}
      aside={
        <Link to="/orders" className="text-sm text-ink-2 hover:text-ink hover:underline">
          {t('All of them')}
        </Link>
      }
    >
      {orders.data === undefined ? (
        troubleOf(orders) === null ? (
          <div className="grid gap-4 p-4">
            <Skeleton className="h-10 w-full" />
            <Skeleton className="h-10 w-full" />
            <Skeleton className="h-10 w-full" />
          </div>
        ) : (
          <Refusal
            title={t('The orders cannot be shown')}
            error={troubleOf(orders)}
            onRetry={askAgain}
          />
        )
      ) : orders.data.length === 0 ? (
        <Empty
          title={t('No orders yet')}
          action={
            <Link to="/markets" className={buttonClasses()}>
              {t('See the markets')}
            </Link>
          }
        >
          {t('Choose an asset: your first order appears here.')}
        </Empty>
      ) : (
        <ul className="divide-y divide-line">
          {orders.data.map((order) => (
            <Line key={order.order_id} order={order} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Line({ order }: { readonly order: Order }) {
  const { asset_id, fill, filled_quantity, quantity, total_amount, created_at, status } = order
  const isBuy = order.order_type.endsWith('buy')
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-2.5">
      <div className="min-w-0">
        <p className="text-sm">
          <span className="font-semibold">{isBuy ? t('Bought') : t('Sold')}</span>{' '}
          <PrivateFigure>
            {showQuantity(fill === undefined ? quantity : filled_quantity)}
          </PrivateFigure>{' '}
          <Link to="/assets/$id" params={{ id: asset_id }} className="hover:underline">
            {asset_id}
          </Link>
        </p>
        <p className="text-xs text-ink-3">{showMoment(created_at)}</p>
      </div>
      <div className="text-right">
        <p className="text-sm font-medium">
          <PrivateFigure>{showUsd(total_amount)}</PrivateFigure>
        </p>
        <p className="text-xs text-ink-3">
          {fill === undefined ? status : t('at {price}', { price: showPrice(fill.price).shown })}
        </p>
      </div>
    </li>
  )
}
