import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { Link } from '@tanstack/react-router'
import { t } from '../../messages.ts'
import { OrderSlip } from '../../orders/order-slip.tsx'
import { Button, buttonClasses } from '../../ui/button.tsx'
import type { TicketDesk } from './tickets.ts'

/** The platform's own word on what happened. */
export function PlacedOrder({
  desk,
  asset,
}: {
  readonly desk: TicketDesk
  readonly asset: AssetDetail
}) {
  const { stage } = desk
  if (stage.at !== 'placed') return null
  const { order } = stage
  return (
    <div className="grid gap-4">
      <h3 tabIndex={-1} className="text-lg outline-none">
        {order.status === 'completed' ? t('Filled') : t('Accepted')}
      </h3>
      <OrderSlip order={order} />
      <div className="grid gap-2">
        <Button look="primary" size="lg" onClick={desk.leave}>
          {t('Trade {symbol} again', { symbol: asset.symbol })}
        </Button>
        <Link to="/orders" className={buttonClasses('quiet', 'md')}>
          {t('See your orders')}
        </Link>
      </div>
    </div>
  )
}
