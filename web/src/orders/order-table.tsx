import type { Order } from '@cnop/contract/order.ts'
import { showQuantity, showUsd, UNKNOWN } from '../format/money.ts'
import { showMoment } from '../format/time.ts'
import { PrivateFigure } from '../frame/private-figure.tsx'
import { PriceText } from '../live/price-text.tsx'
import { t } from '../messages.ts'
import { classes } from '../ui/class-names.ts'
import { Skeleton } from '../ui/states.tsx'
import { isOpen, orderTypeName, quantityOf, statusName } from './order-words.ts'

const WIDE = 'hidden md:table-cell'
const CELL = 'px-4'

/** Orders line by line; a line opens its details. */
export function OrderTable({
  orders,
  label,
  placeholders,
  onOpen,
}: {
  /** `undefined` while they are on their way. */
  readonly orders: readonly Order[] | undefined
  readonly label: string
  readonly placeholders: number
  readonly onOpen: (orderId: string) => void
}) {
  return (
    <table aria-label={label} className="w-full border-collapse text-sm">
      <thead className="hidden text-ink-3 md:table-header-group">
        <tr className="h-10">
          <Heading>{t('Order')}</Heading>
          <Heading>{t('Time')}</Heading>
          <Heading right>{t('Quantity')}</Heading>
          <Heading right>{t('Price')}</Heading>
          <Heading right>{t('Fee')}</Heading>
          <Heading right>{t('Total')}</Heading>
          <Heading>{t('Status')}</Heading>
        </tr>
      </thead>
      {orders === undefined ? (
        <Placeholders count={placeholders} />
      ) : (
        <tbody>
          {orders.map((order) => (
            <Line key={order.order_id} order={order} onOpen={onOpen} />
          ))}
        </tbody>
      )}
    </table>
  )
}

function Heading({ children, right }: { readonly children: string; readonly right?: true }) {
  return (
    <th scope="col" className={classes(CELL, 'font-normal', right ? 'text-right' : 'text-left')}>
      {children}
    </th>
  )
}

function Line({
  order,
  onOpen,
}: {
  readonly order: Order
  readonly onOpen: (orderId: string) => void
}) {
  const { order_id, asset_id, created_at, fill, fee, total_amount } = order
  const quantity = showQuantity(quantityOf(order))
  const price = fill?.price ?? order.price
  return (
    <tr className="relative h-[60px] border-t border-line hover:bg-raised md:h-12">
      <th scope="row" className={classes(CELL, 'text-left font-normal')}>
        <button
          type="button"
          onClick={() => onOpen(order_id)}
          className="text-left after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {orderTypeName(order.order_type)} <span className="font-semibold">{asset_id}</span>
        </button>
        <span className="block text-xs text-ink-3 md:hidden">{showMoment(created_at)}</span>
      </th>
      <td className={classes(WIDE, CELL, 'whitespace-nowrap text-ink-2')}>
        {showMoment(created_at)}
      </td>
      <td className={classes(WIDE, CELL, 'text-right')}>
        <PrivateFigure>{quantity}</PrivateFigure>
      </td>
      <td className={classes(WIDE, CELL, 'text-right')}>
        {price === undefined ? UNKNOWN : <PriceText price={price} />}
      </td>
      <td className={classes(WIDE, CELL, 'text-right text-ink-2')}>
        <PrivateFigure>{showUsd(fee)}</PrivateFigure>
      </td>
      <td className={classes(CELL, 'text-right')}>
        <span className="font-medium">
          <PrivateFigure>{showUsd(total_amount)}</PrivateFigure>
        </span>
        <span className="block text-xs text-ink-3 md:hidden">
          {order.status === 'completed' ? (
            <PrivateFigure>{quantity}</PrivateFigure>
          ) : (
            <Status order={order} />
          )}
        </span>
      </td>
      <td className={classes(WIDE, CELL)}>
        <Status order={order} />
      </td>
    </tr>
  )
}

export function Status({ order }: { readonly order: Order }) {
  const { status } = order
  return (
    <span
      className={classes(
        'whitespace-nowrap',
        status === 'completed' && 'text-ink-2',
        status === 'failed' && 'text-danger',
        isOpen(order) && 'font-semibold',
        (status === 'cancelled' || status === 'expired' || status === 'replaced') && 'text-ink-3',
      )}
    >
      {statusName(status)}
    </span>
  )
}

function Placeholders({ count }: { readonly count: number }) {
  const places = Array.from({ length: count }, (_, index) => index)
  return (
    <tbody aria-busy="true">
      {places.map((place) => (
        <tr key={place} className="h-[60px] border-t border-line md:h-12">
          <td className={CELL}>
            <Skeleton className="h-5 w-28" />
          </td>
          <td className={classes(WIDE, CELL)}>
            <Skeleton className="h-5 w-32" />
          </td>
          {['quantity', 'price', 'fee'].map((name) => (
            <td key={name} className={classes(WIDE, CELL)}>
              <Skeleton className="ml-auto h-5 w-20" />
            </td>
          ))}
          <td className={CELL}>
            <Skeleton className="ml-auto h-5 w-20" />
          </td>
          <td className={classes(WIDE, CELL)}>
            <Skeleton className="h-5 w-20" />
          </td>
        </tr>
      ))}
    </tbody>
  )
}
