/**
 * The last price of every asset, outside of React: a tick moves a hundred prices, and drawing pages
 * again for that would be most of what a phone does. Whoever shows a price listens to its asset.
 */
export type Moved = 'up' | 'down'

export type LastPrice = { readonly price: string; readonly moved: Moved | undefined }

export type PriceBoard = {
  priceOf(assetId: string): LastPrice | undefined
  /** When the newest prices were true; milliseconds. */
  asOfMs(): number | undefined
  /** Takes a frame of the stream, or an answer that is newer than what is here. */
  put(asOf: string, prices: Readonly<Record<string, string>>): void
  /** While paused, prices that are known stay as they are. */
  pause(paused: boolean): void
  watch(assetId: string, listener: () => void): () => void
}

export function createPriceBoard(isHigher: (price: string, than: string) => boolean): PriceBoard {
  const last = new Map<string, LastPrice>()
  const listeners = new Map<string, Set<() => void>>()
  let newestMs: number | undefined
  let paused = false

  function move(assetId: string, price: string, before: string | undefined): void {
    const moved = before === undefined ? undefined : isHigher(price, before) ? 'up' : 'down'
    last.set(assetId, { price, moved })
    for (const listener of listeners.get(assetId) ?? []) listener()
  }

  return {
    priceOf: (assetId) => last.get(assetId),
    asOfMs: () => newestMs,
    put(asOf, prices) {
      const atMs = Date.parse(asOf)
      if (newestMs !== undefined && atMs < newestMs) return
      if (!paused) newestMs = atMs
      for (const [assetId, price] of Object.entries(prices)) {
        const before = last.get(assetId)?.price
        const stays = before === price || (paused && before !== undefined)
        if (!stays) move(assetId, price, before)
      }
    },
    pause(wanted) {
      paused = wanted
    },
    watch(assetId, listener) {
      const watching = listeners.get(assetId) ?? new Set()
      watching.add(listener)
      listeners.set(assetId, watching)
      return () => watching.delete(listener)
    },
  }
}
