import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { useState } from 'react'
import { ProblemNote, useSecondsLeft } from '../../client/problem-note.tsx'
import { showQuantity, showUsd } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { PriceText } from '../../live/price-text.tsx'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Receipt } from '../../ui/receipt.tsx'
import { useNow } from '../../ui/use-now.ts'
import type { Side } from './draft.ts'
import { momentWords } from './problem-words.ts'
import { QuoteAge } from './quote-age.tsx'
import type { Review } from './settle-order.ts'
import type { TicketDesk } from './tickets.ts'

/** An older price is no longer what anybody has in mind: it is asked again before it is agreed to. */
const READABLE_MS = 30_000

/** The order as it will be sent, read once more before it is. */
export function OrderReview({
  desk,
  asset,
  side,
}: {
  readonly desk: TicketDesk
  readonly asset: AssetDetail
  readonly side: Side
}) {
  const { stage } = desk
  const [asking, setAsking] = useState(false)
  const problem = stage.at === 'review' ? stage.problem : undefined
  const secondsLeft = useSecondsLeft(problem)
  if (stage.at !== 'review' && stage.at !== 'sending') return null
  const { review } = stage
  const sending = stage.at === 'sending'

  async function askAgain(): Promise<void> {
    const { worst_price: _price, client_order_id: _name, ...body } = review.body
    setAsking(true)
    await desk.review(body)
    setAsking(false)
  }

  return (
    <div className="grid gap-4">
      <h3 tabIndex={-1} className="text-lg outline-none">
        {t('Check your order')}
      </h3>
      <ReviewSlip review={review} side={side} symbol={asset.symbol} />
      {problem === undefined ? null : (
        <ProblemNote
          problem={problem}
          words={momentWords(problem, asset.symbol)}
          secondsLeft={secondsLeft}
        />
      )}
      <Actions
        review={review}
        side={side}
        sending={sending}
        mustAsk={problem?.code === 'price-moved'}
        waits={secondsLeft > 0}
        asking={asking}
        onAsk={() => void askAgain()}
        onSend={() => void desk.send(review)}
        onBack={desk.leave}
      />
    </div>
  )
}

export function ReviewSlip({
  review: { preview, askedMs },
  side,
  symbol,
}: {
  readonly review: Review
  readonly side: Side
  readonly symbol: string
}) {
  const buys = side === 'buy'
  const values = { quantity: showQuantity(preview.quantity), symbol }
  return (
    <Receipt>
      <p className="mb-1 font-display text-lg leading-6 font-bold">
        {buys
          ? t('Buy about {quantity} {symbol}', values)
          : t('Sell about {quantity} {symbol}', values)}
      </p>
      <LedgerList>
        <LedgerLine term={t('Price, about')}>
          <PriceText price={preview.price} />
        </LedgerLine>
        <LedgerLine term={buys ? t('At most') : t('At least')}>
          <PriceText price={preview.worst_price} />
        </LedgerLine>
        <LedgerLine term={t('Value')}>{showUsd(preview.notional)}</LedgerLine>
        <LedgerLine term={t('Fee')}>{showUsd(preview.fee)}</LedgerLine>
        <LedgerLine term={buys ? t('You pay, about') : t('You receive, about')} strong>
          {showUsd(preview.total_amount)}
        </LedgerLine>
        <LedgerLine term={t('Cash after')}>
          <PrivateFigure>{showUsd(preview.cash_after)}</PrivateFigure>
        </LedgerLine>
        <LedgerLine term={t('{symbol} after', { symbol })}>
          <PrivateFigure>{showQuantity(preview.asset_after)}</PrivateFigure>
        </LedgerLine>
        <LedgerLine term={t('Age of the price')}>
          <QuoteAge asOf={preview.quote_as_of} askedMs={askedMs} />
        </LedgerLine>
      </LedgerList>
      <p className="mt-2 text-xs text-ink-3">
        {buys
          ? t('It is filled at the price of the moment, and not at all if that is above “at most”.')
          : t(
              'It is filled at the price of the moment, and not at all if that is below “at least”.',
            )}
      </p>
    </Receipt>
  )
}

function Actions({
  review,
  side,
  sending,
  mustAsk,
  waits,
  asking,
  onAsk,
  onSend,
  onBack,
}: {
  readonly review: Review
  readonly side: Side
  readonly sending: boolean
  /** The price is known to be another. */
  readonly mustAsk: boolean
  /** It has been asked to wait. */
  readonly waits: boolean
  readonly asking: boolean
  readonly onAsk: () => void
  readonly onSend: () => void
  readonly onBack: () => void
}) {
  const isOld = useNow(!sending) - review.askedMs > READABLE_MS
  return (
    <div className="grid gap-2">
      {(mustAsk || isOld) && !sending ? (
        <Button look="primary" size="lg" busy={asking} disabled={waits} onClick={onAsk}>
          {t('Ask for the price again')}
        </Button>
      ) : (
        <Button look="primary" size="lg" busy={sending} disabled={waits} onClick={onSend}>
          {sending ? t('Submitting') : side === 'buy' ? t('Confirm purchase') : t('Confirm sale')}
        </Button>
      )}
      <Button look="quiet" disabled={sending} onClick={onBack}>
        {t('Change it')}
      </Button>
      <p role="status" className="sr-only">
        {sending ? t('The order is being submitted.') : ''}
      </p>
    </div>
  )
}
