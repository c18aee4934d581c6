import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Side } from './draft.ts'
import { DraftForm } from './draft-form.tsx'
import { OrderReview } from './order-review.tsx'
import { PlacedOrder } from './placed-order.tsx'
import { useTicket } from './tickets.ts'
import { UnknownOrder } from './unknown-order.tsx'

/** One order from the first figure to the receipt, always in the same place. */
export function OrderTicket({
  asset,
  side,
  offered,
  onSide,
}: {
  readonly asset: AssetDetail
  readonly side: Side
  readonly offered: readonly Side[]
  readonly onSide: (side: Side) => void
}) {
  const desk = useTicket(asset.asset_id, side)
  const { stage } = desk
  const place = useFocusOnTurn(stage.at)
  const parts = { desk, asset, side }
  const content: Readonly<Record<typeof stage.at, () => ReactNode>> = {
    draft: () => <DraftForm {...parts} offered={offered} onSide={onSide} />,
    review: () => <OrderReview {...parts} />,
    sending: () => <OrderReview {...parts} />,
    unknown: () => <UnknownOrder {...parts} />,
    placed: () => <PlacedOrder {...parts} />,
  }
  return (
    <div ref={place} className="p-4">
      {content[stage.at]()}
    </div>
  )
}

/** Each turn of the ticket is read from its beginning; back at the draft one types on. */
function useFocusOnTurn(at: string) {
  const place = useRef<HTMLDivElement>(null)
  const seen = useRef(at)
  useEffect(() => {
    if (seen.current === at) return
    const wasSending = seen.current === 'review' && at === 'sending'
    seen.current = at
    if (wasSending) return
    place.current
      ?.querySelector<HTMLElement>(at === 'draft' ? 'input[inputmode]' : 'h3')
      ?.focus({ preventScroll: true })
  }, [at])
  return place
}
