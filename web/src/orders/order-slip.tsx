import type { Order } from '@cnop/contract/order.ts'
import type { ReactNode } from 'react'
import { showCount, showQuantity, showUsd } from '../format/money.ts'
import { showMoment } from '../format/time.ts'
import { PriceText } from '../live/price-text.tsx'
import { t } from '../messages.ts'
import { LedgerLine, LedgerList } from '../ui/ledger-list.tsx'
import { Receipt } from '../ui/receipt.tsx'
import { Status } from './order-table.tsx'
import { headline, isPurchase, orderTypeName, quantityOf } from './order-words.ts'

/** An order as the platform tells it: what changed hands, and which price it was filled at. */
export function OrderSlip({ order }: { readonly order: Order }) {
  const { fill, price, stop_price, held_amount, completed_at } = order
  return (
    <Receipt>
      <p className="font-display text-lg font-bold">
        {headline(order, showQuantity(quantityOf(order)))}
      </p>
      <p className="mb-2 text-xs text-ink-3">{showMoment(completed_at ?? order.created_at)}</p>
      <LedgerList>
        <LedgerLine term={t('Type')}>{orderTypeName(order.order_type)}</LedgerLine>
        <LedgerLine term={t('Status')}>
          <Status order={order} />
        </LedgerLine>
        <Priced term={t('Price')} price={fill?.price} />
        <Priced term={t('Limit price')} price={price} />
        <Priced term={t('Stop price')} price={stop_price} />
        <LedgerLine term={t('Fee')}>{showUsd(order.fee)}</LedgerLine>
        {/[1-9]/.test(held_amount) ? (
          <LedgerLine term={t('Held')}>
            {isPurchase(order)
              ? showUsd(held_amount)
              : `${showQuantity(held_amount)} ${order.asset_id}`}
          </LedgerLine>
        ) : null}
        <LedgerLine term={isPurchase(order) ? t('You paid') : t('You received')} strong>
          {showUsd(order.total_amount)}
        </LedgerLine>
      </LedgerList>
      {order.status_reason === undefined ? null : (
        <p className="mt-2 text-sm text-ink-2">{order.status_reason}</p>
      )}
      <dl className="mt-3 grid gap-1 border-t border-dashed border-field pt-3">
        {fill === undefined ? null : <Provenance fill={fill} />}
        <Small term={t('Order')}>{order.order_id}</Small>
      </dl>
    </Receipt>
  )
}

function Priced({ term, price }: { readonly term: string; readonly price: string | undefined }) {
  if (price === undefined) return null
  return (
    <LedgerLine term={term}>
      <PriceText price={price} />
    </LedgerLine>
  )
}

/** Where the price comes from, for who wants to check it. */
function Provenance({ fill }: { readonly fill: NonNullable<Order['fill']> }) {
  return (
    <>
      <Small term={t('Age of the quote')}>
        {t('{milliseconds} ms', { milliseconds: showCount(fill.quote_age_ms) })}
      </Small>
      <Small term={t('Source')}>{fill.source}</Small>
      <Small term={t('Tick')}>{fill.quote}</Small>
      <Small term={t('Filled at')}>{fill.model === 'quote' ? t('the quote') : fill.model}</Small>
    </>
  )
}

function Small({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div className="flex justify-between gap-4 text-xs text-ink-3">
      <dt className="shrink-0">{term}</dt>
      <dd className="min-w-0 text-right font-code break-all text-ink-2 select-all">{children}</dd>
    </div>
  )
}
