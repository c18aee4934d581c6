/**
 * What an account had at moments of the past: the books of now, with the events since then undone,
 * the newest first.
 */
import { quantityOf } from '../ledger/balance-rows.ts'
import type { JournalEvent } from '../ledger/journal-rows.ts'
import type { Books } from '../ledger/read-books.ts'
import type { AssetStock } from './asset-worth.ts'

export type Position = {
  readonly timeMs: number
  /** What was there, by asset, cash among them. */
  readonly stocks: ReadonlyMap<string, AssetStock>
  /** What came from outside since the moment before, less what went there, by asset. */
  readonly flows: ReadonlyMap<string, bigint>
}

export type Rewind = {
  /** Undoes the event before the one undone last. False once no older event matters. */
  undo(event: JournalEvent): boolean
  /**
   * Newest first. A moment is among them once an event at or before it was seen: before the first
   * event of an account there is nothing to show.
   */
  readonly positions: readonly Position[]
}

/** `timesMs` falls; of the last moment, the flows of `intervalMs` before it still matter. */
export function createRewind({
  books,
  timesMs: [presentMs, ...pastMs],
  intervalMs,
}: {
  books: Books
  timesMs: readonly [number, ...number[]]
  intervalMs: number
}): Rewind {
  const endMs = (pastMs.at(-1) ?? presentMs) - intervalMs
  const stocks = new Map<string, AssetStock>()
  for (const balance of books.balances) {
    const { asset, scale, cost } = balance
    stocks.set(asset, { quantity: quantityOf(balance), scale, cost })
  }
  const positions: Position[] = []
  let flows = new Map<string, bigint>()

  const reach = (timeMs: number): void => {
    flows = new Map()
    positions.push({ timeMs, stocks: new Map(stocks), flows })
  }
  const nextMs = (): number => pastMs[positions.length - 1] ?? Number.NEGATIVE_INFINITY
  reach(presentMs)

  return {
    positions,
    undo(event) {
      const eventMs = Date.parse(event.at)
      while (eventMs <= nextMs()) reach(nextMs())
      if (eventMs <= endMs) return false
      for (const { asset, scale, a, h, xE, cost, after } of event.lines) {
        const costAfter = stocks.get(asset)?.cost ?? 0n
        stocks.set(asset, {
          quantity: after.a + after.h - a - h,
          scale,
          cost: costAfter - cost,
        })
        if (xE !== 0n) flows.set(asset, (flows.get(asset) ?? 0n) - xE)
      }
      return true
    },
  }
}
