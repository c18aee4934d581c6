import { cancelOrder, type Order } from '@cnop/contract/order.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ask, newKey } from '../client/door.ts'
import { orderQuery, putOrder } from '../client/own-orders.ts'
import { askAgain } from '../client/queries.ts'
import { Refusal } from '../client/refusal.tsx'
import { refusalWords } from '../client/refusal-words.ts'
import { troubleOf } from '../client/trouble.ts'
import { t } from '../messages.ts'
import { Button, buttonClasses } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Skeleton, Waiting } from '../ui/states.tsx'
import { OrderSlip } from './order-slip.tsx'
import { isOpen } from './order-words.ts'

/** One order in full; an open one can be cancelled here. */
export function OrderDialog({
  orderId,
  onClose,
}: {
  /** `undefined` while the dialog is closed. */
  readonly orderId: string | undefined
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open={orderId !== undefined}
      onClose={onClose}
      title={t('Order in detail')}
      shape="sheet"
    >
      {orderId === undefined ? null : <Details key={orderId} orderId={orderId} />}
    </Dialog>
  )
}

function Details({ orderId }: { readonly orderId: string }) {
  const order = useQuery(orderQuery(orderId))
  if (order.data === undefined) {
    return troubleOf(order) === null ? (
      <Waiting what={t('The order is on its way')}>
        <div className="p-5">
          <Skeleton className="h-[420px] w-full" />
        </div>
      </Waiting>
    ) : (
      <Refusal
        title={t('This order cannot be shown')}
        error={troubleOf(order)}
        onRetry={askAgain}
      />
    )
  }
  const { asset_id } = order.data
  return (
    <div className="grid gap-4 p-5">
      <OrderSlip order={order.data} />
      <div className="flex flex-wrap gap-3">
        {isOpen(order.data) ? <Cancel order={order.data} /> : null}
        <Link to="/trade/$id" params={{ id: asset_id }} className={buttonClasses()}>
          {t('Trade {symbol}', { symbol: asset_id })}
        </Link>
      </div>
    </div>
  )
}

/** Asked twice, and under one key however often: an order is cancelled once. */
function Cancel({ order }: { readonly order: Order }) {
  const [sure, setSure] = useState(false)
  const [key] = useState(newKey)
  const cancel = useMutation({
    mutationFn: () =>
      ask(cancelOrder, {
        params: { order_id: order.order_id },
        idempotencyKey: key,
      }),
    onSuccess: ({ data }) => putOrder(data),
  })
  if (!sure) {
    return (
      <Button look="danger" onClick={() => setSure(true)}>
        {t('Cancel the order')}
      </Button>
    )
  }
  return (
    <>
      <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
        {t('Yes, cancel it')}
      </Button>
      <Button disabled={cancel.isPending} onClick={() => setSure(false)}>
        {t('Keep it')}
      </Button>
      {cancel.error === null ? null : (
        <p role="alert" className="w-full text-sm text-danger">
          {refusalWords(cancel.error).detail}
        </p>
      )}
    </>
  )
}
