import { formatDecimal } from '@cnop/contract/money.ts'
import { showPercent, showQuantity, showUsd, UNKNOWN } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { PriceText } from '../../live/price-text.tsx'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import type { Side } from './draft.ts'
import type { Estimate } from './use-estimate.ts'

/** Hundredths of a percent as a percentage. */
export const feePercent = (basisPoints: number): string =>
  showPercent(formatDecimal(BigInt(basisPoints), 2))

/** The places of all figures are there from the start; they wait for the platform's word. */
export function EstimateLines({
  side,
  symbol,
  estimate: { preview, passed },
  feeBasisPoints,
}: {
  readonly side: Side
  readonly symbol: string
  readonly estimate: Estimate
  readonly feeBasisPoints: number | undefined
}) {
  const fee =
    feeBasisPoints === undefined
      ? t('Fee')
      : t('Fee {percent}', { percent: feePercent(feeBasisPoints) })
  return (
    <div
      aria-live="polite"
      aria-busy={passed}
      className={classes('transition-opacity', passed && 'opacity-55')}
    >
      <LedgerList>
        <LedgerLine term={t('Price, about')}>
          {preview === undefined ? UNKNOWN : <PriceText price={preview.price} />}
        </LedgerLine>
        <LedgerLine term={t('Quantity')}>
          {preview === undefined ? UNKNOWN : `${showQuantity(preview.quantity)} ${symbol}`}
        </LedgerLine>
        <LedgerLine term={t('Value')}>
          {preview === undefined ? UNKNOWN : showUsd(preview.notional)}
        </LedgerLine>
        <LedgerLine term={fee}>{preview === undefined ? UNKNOWN : showUsd(preview.fee)}</LedgerLine>
        <LedgerLine term={side === 'buy' ? t('You pay') : t('You receive')} strong>
          {preview === undefined ? UNKNOWN : showUsd(preview.total_amount)}
        </LedgerLine>
        <LedgerLine term={t('Cash after')}>
          {preview === undefined ? (
            UNKNOWN
          ) : (
            <PrivateFigure>{showUsd(preview.cash_after)}</PrivateFigure>
          )}
        </LedgerLine>
      </LedgerList>
    </div>
  )
}
