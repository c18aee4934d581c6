/** The candle of the present, moved by the price that the page shows, so that the two never disagree. */

import type { Candle } from '@cnop/contract/inventory.ts'
import { parsePrice } from '@cnop/contract/money.ts'
import type { PriceBoard } from '../client/price-board.ts'

export type LiveCandle = {
  read(): Candle
  watch(listener: () => void): () => void
}

export function liveCandle(
  assetId: string,
  last: Candle,
  prices: Pick<PriceBoard, 'priceOf' | 'watch'>,
): LiveCandle {
  let now = last
  return {
    read() {
      now = moved(now, prices.priceOf(assetId)?.price)
      return now
    },
    watch: (listener) => prices.watch(assetId, listener),
  }
}

function moved(candle: Candle, price: string | undefined): Candle {
  if (price === undefined || price === candle.close) return candle
  const { high, low } = candle
  return {
    ...candle,
    close: price,
    high: isHigher(price, high) ? price : high,
    low: isHigher(low, price) ? price : low,
  }
}

const isHigher = (price: string, than: string): boolean =>
  (parsePrice(price) ?? 0n) > (parsePrice(than) ?? 0n)
