import type { AssetSummary } from '@cnop/contract/inventory.ts'
import {
  basisPointsUp,
  formatDecimal,
  formatUsd,
  notionalUp,
  parsePrice,
  quantityFor,
} from '@cnop/contract/money.ts'
import { useState } from 'react'
import { showPrice, showQuantity, showUsd } from '../../format/money.ts'
import { t } from '../../messages.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Receipt } from '../../ui/receipt.tsx'

const SPENT = 250_00n

/** What a purchase would be at the price of this moment, reckoned as the platform reckons it. */
export function WorkedExample({
  asset,
  feeBasisPoints,
}: {
  readonly asset: AssetSummary
  readonly feeBasisPoints: number
}) {
  // An example that changes while it is read explains nothing.
  const [quoted] = useState(asset.price_usd)
  const price = quoted === null ? undefined : parsePrice(quoted)
  if (quoted === null || price === undefined || price <= 0n) return null
  const { quantity_scale: scale, symbol } = asset
  const quantity = quantityFor(SPENT, price, scale)
  const cost = notionalUp(quantity, price, scale)
  const fee = basisPointsUp(cost, BigInt(feeBasisPoints))
  return (
    <Receipt>
      <LedgerList>
        <LedgerLine term={t('You spend about')}>{showUsd(formatUsd(SPENT))}</LedgerLine>
        <LedgerLine term={t('Quote of this page')}>{showPrice(quoted).shown}</LedgerLine>
        <LedgerLine term={t('You receive')}>
          {showQuantity(formatDecimal(quantity, scale))} {symbol}
        </LedgerLine>
        <LedgerLine term={t('Cost, rounded up to the cent')}>{showUsd(formatUsd(cost))}</LedgerLine>
        <LedgerLine term={t('Fee')}>{showUsd(formatUsd(fee))}</LedgerLine>
        <LedgerLine term={t('Leaves your cash')} strong>
          {showUsd(formatUsd(cost + fee))}
        </LedgerLine>
      </LedgerList>
    </Receipt>
  )
}
