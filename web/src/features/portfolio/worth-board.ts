/** The worth of a portfolio outside of React: counted once a tick, however many figures show it. */
import type { Portfolio } from '@cnop/contract/portfolio.ts'
import type { PriceBoard } from '../../client/price-board.ts'
import { type Worth, worthOf } from './worth.ts'

export type WorthBoard = {
  read(): Worth
  watch(listener: () => void): () => void
}

export function createWorthBoard(
  portfolio: Portfolio,
  prices: Pick<PriceBoard, 'priceOf' | 'watch'>,
): WorthBoard {
  const listeners = new Set<() => void>()
  const ignore: (() => void)[] = []
  let counted: Worth | undefined
  let telling = false

  /** A frame moves one asset after the other; the figures hear of it when it is through. */
  function onPrice(): void {
    counted = undefined
    if (telling) return
    telling = true
    queueMicrotask(() => {
      telling = false
      for (const listener of listeners) listener()
    })
  }

  return {
    read() {
      counted ??= worthOf(portfolio, (assetId) => prices.priceOf(assetId)?.price)
      return counted
    },
    watch(listener) {
      if (listeners.size === 0) {
        counted = undefined
        for (const { asset_id } of portfolio.assets) ignore.push(prices.watch(asset_id, onPrice))
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) for (const stop of ignore.splice(0)) stop()
      }
    },
  }
}
