/** Orders in words. */
import type { Order, OrderStatus, OrderType } from '@cnop/contract/order.ts'
import { t } from '../messages.ts'

export function orderTypeName(type: OrderType): string {
  const names = {
    market_buy: t('Market buy'),
    market_sell: t('Market sell'),
    limit_buy: t('Limit buy'),
    limit_sell: t('Limit sell'),
    stop_loss: t('Stop loss'),
    take_profit: t('Take profit'),
    trailing_stop: t('Trailing stop'),
    stop_limit_buy: t('Stop limit buy'),
    stop_limit_sell: t('Stop limit sell'),
  }
  return names[type]
}

export function statusName(status: OrderStatus): string {
  const names = {
    pending: t('Pending'),
    queued: t('Queued'),
    processing: t('Processing'),
    completed: t('Completed'),
    cancelled: t('Cancelled'),
    expired: t('Expired'),
    failed: t('Failed'),
    replaced: t('Replaced'),
  }
  return names[status]
}

/** Every type that is no purchase is a sale. */
export const isPurchase = ({ order_type }: Pick<Order, 'order_type'>): boolean =>
  order_type.endsWith('_buy')

/** Not ended yet: it can be cancelled. */
export const isOpen = ({ status }: Pick<Order, 'status'>): boolean =>
  status === 'pending' || status === 'queued' || status === 'processing'

/** What was filled, or what was asked for where nothing was. */
export const quantityOf = ({ fill, filled_quantity, quantity }: Order): string =>
  fill === undefined ? quantity : filled_quantity

/** `bought`, `sold`, or what is asked for. */
export function headline(order: Order, quantity: string): string {
  const values = { quantity, symbol: order.asset_id }
  if (order.status === 'completed') {
    return isPurchase(order)
      ? t('Bought {quantity} {symbol}', values)
      : t('Sold {quantity} {symbol}', values)
  }
  return isPurchase(order)
    ? t('Buy {quantity} {symbol}', values)
    : t('Sell {quantity} {symbol}', values)
}
