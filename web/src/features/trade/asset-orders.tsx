import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ordersQuery } from '../../client/own-orders.ts'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { useSessionState } from '../../client/use-session.ts'
import { t } from '../../messages.ts'
import { OrderDialog } from '../../orders/order-dialog.tsx'
import { OrderTable } from '../../orders/order-table.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty } from '../../ui/states.tsx'

const SHOWN = 10
const PLACEHOLDERS = 3

/** What the customer did in this asset before. */
export function AssetOrders({
  assetId,
  symbol,
}: {
  readonly assetId: string
  readonly symbol: string
}) {
  const state = useSessionState()
  const [opened, setOpened] = useState<string>()
  const orders = useInfiniteQuery({
    ...ordersQuery({ asset_id: assetId }),
    enabled: state === 'signed-in',
  })
  if (state === 'signed-out') return null
  const known = orders.data?.pages.flatMap(({ data }) => data).slice(0, SHOWN)
  const title = t('Your orders in {symbol}', { symbol })
  return (
    <Panel
      flush
      title={title}
      aside={
        <Link
          to="/orders"
          search={{ asset: assetId }}
          className="text-sm text-ink-2 hover:text-ink hover:underline"
        >
          {t('All of them')}
        </Link>
      }
    >
      {known === undefined && troubleOf(orders) !== null ? (
        <Refusal
          title={t('Your orders cannot be shown')}
          error={troubleOf(orders)}
          onRetry={askAgain}
        />
      ) : known?.length === 0 ? (
        <Empty title={t('No orders in {symbol} yet', { symbol })}>
          {t('What you buy and sell of it is listed here.')}
        </Empty>
      ) : (
        <OrderTable label={title} orders={known} placeholders={PLACEHOLDERS} onOpen={setOpened} />
      )}
      <OrderDialog orderId={opened} onClose={() => setOpened(undefined)} />
    </Panel>
  )
}
