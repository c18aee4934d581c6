import { useCallback } from 'react'
import { prices } from '../client/stream.ts'
import { showPrice, UNKNOWN } from '../format/money.ts'
import { type Ticking, TickingText } from '../ui/ticking-text.tsx'

/** The last price of an asset, wherever it came from; follows the market while it is in sight. */
export function LivePrice({
  assetId,
  known,
  className,
}: {
  readonly assetId: string
  /** What the answer that drew this page said. */
  readonly known: string | null
  readonly className?: string
}) {
  const read = useCallback((): Ticking => {
    const last = prices.priceOf(assetId)
    if (last !== undefined) return { ...showPrice(last.price), moved: last.moved }
    return known === null ? { shown: UNKNOWN } : showPrice(known)
  }, [assetId, known])
  const watch = useCallback((listener: () => void) => prices.watch(assetId, listener), [assetId])
  return (
    <TickingText read={read} watch={watch} {...(className === undefined ? {} : { className })} />
  )
}
