/** What search engines and those who share a link are told about a page. */

import type { QueryClient } from '@tanstack/react-query'
import { assetQuery } from './client/queries.ts'
import { showChange, showPrice } from './format/money.ts'
import { t } from './messages.ts'

const DESCRIPTIONS: Readonly<Record<string, () => string>> = {
  '/markets': () =>
    t(
      'Live prices, 24-hour changes and 7-day curves of every asset on this platform, to search, filter and sort.',
    ),
  '/login': () => t('Sign in to your paper trading account.'),
  '/register': () =>
    t('Open a paper trading account: it costs nothing, and nothing in it is real money.'),
}

export function descriptionOf(path: string, known: QueryClient): string {
  const asset = known.getQueryData(assetQuery(path.replace(/^\/assets\//, '')).queryKey)
  if (asset !== undefined && asset.price_usd !== null) {
    return t(
      '{name} ({symbol}) at {price}, {change} in 24 hours: chart, statistics and paper trading.',
      {
        name: asset.name,
        symbol: asset.symbol,
        price: showPrice(asset.price_usd).shown,
        change:
          asset.price_change_percentage_24h === null
            ? '–'
            : showChange(asset.price_change_percentage_24h),
      },
    )
  }
  return (
    DESCRIPTIONS[path]?.() ??
    t(
      'More than 100 crypto assets at live prices, paper cash, and every fill, fee and cent in a ledger you can check.',
    )
  )
}
