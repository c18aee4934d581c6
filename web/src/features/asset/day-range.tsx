import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { showPrice, UNKNOWN } from '../../format/money.ts'
import { t } from '../../messages.ts'

/** Where the price stands between the lowest and the highest of the day. */
export function DayRange({ asset }: { readonly asset: AssetDetail | undefined }) {
  const low = asset?.low_24h ?? null
  const high = asset?.high_24h ?? null
  const share = shareOf(asset?.price_usd ?? null, low, high)
  return (
    <div>
      <div className="flex justify-between text-xs text-ink-3">
        <span>{t('Low, 24 hours')}</span>
        <span>{t('High, 24 hours')}</span>
      </div>
      <div className="relative my-2 h-1 rounded-full bg-line">
        {share === undefined ? null : (
          // A drawing: the policy of a page that arrives written refuses the style of an element.
          <svg
            aria-hidden="true"
            className="absolute inset-x-0 -top-1 h-3 w-full overflow-visible text-ink"
          >
            <rect
              x={`${share * 100}%`}
              width="4"
              height="12"
              rx="2"
              fill="currentColor"
              transform="translate(-2)"
            />
          </svg>
        )}
      </div>
      <div className="flex justify-between text-sm font-medium">
        <span>{low === null ? UNKNOWN : showPrice(low).shown}</span>
        <span>{high === null ? UNKNOWN : showPrice(high).shown}</span>
      </div>
    </div>
  )
}

/** From 0 to 1; a place in a drawing. */
function shareOf(
  price: string | null,
  low: string | null,
  high: string | null,
): number | undefined {
  if (price === null || low === null || high === null) return undefined
  const range = Number(high) - Number(low)
  return range > 0 ? Math.min(1, Math.max(0, (Number(price) - Number(low)) / range)) : undefined
}
