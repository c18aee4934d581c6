/**
 * The market of a replica that does not publish: it takes every tick from the record, in order, and
 * none that is not there. What the publisher has yet to fold waits here, too, for the one who takes
 * over.
 */
import type { Store } from '@cnop/kit/store/store.ts'
import { HALTS_KEY, readHalts } from '../halts/halt-rows.ts'
import { HOUR_MS } from '../price-feed.ts'
import type { FoldQueue } from '../record/fold-queue.ts'
import { ticksAfter } from '../record/read-ticks.ts'
import type { RecordState } from '../record/record-row.ts'
import type { Tick } from '../record/tick-rows.ts'
import type { RunningMarket } from './market.ts'
import { newPrices } from './new-prices.ts'

export type MarketFollower = {
  readHalts(): Promise<void>
  /** Moves the market to the end of the record. */
  catchUp(): Promise<void>
  /** The record as the next publisher goes on from; to be called once no other can write. */
  takeOver(): Promise<RecordState>
}

export function createMarketFollower(parts: {
  readonly store: Store
  readonly market: RunningMarket
  readonly queue: FoldQueue
  readonly now: () => number
  /** Gives the record as it is stored now. */
  readonly readRecord: () => Promise<RecordState>
  /** Told of each tick once the market has moved. */
  readonly onTick: (second: number) => void
}): MarketFollower {
  const { store, market, queue, readRecord, onTick } = parts
  let following: Promise<void> = Promise.resolve()

  async function follow(): Promise<void> {
    const record = await readRecord()
    const nowMs = parts.now()
    const seen = market.lastSecond ?? record.unfoldedMs / 1000
    const second = Math.max(seen, Math.floor((nowMs - HOUR_MS) / 1000))
    for await (const tick of ticksAfter(store, record, { second, untilMs: nowMs })) {
      if (market.lastSecond === undefined || tick.second > market.lastSecond) move(tick, record)
    }
  }

  /** A stretch that ends here has ended for the publisher: what it stored need not wait any more. */
  function move(tick: Tick, { unfoldedMs }: RecordState): void {
    const { runningMs } = market
    const ended = market.apply({ second: tick.second, fresh: newPrices(tick, market) })
    if (ended.length > 0 && unfoldedMs >= runningMs) queue.clear()
    for (const { assetId, blocks } of ended) queue.add(assetId, blocks)
    onTick(tick.second)
  }

  const catchUp = (): Promise<void> => {
    const caughtUp = following.then(follow)
    following = caughtUp.catch(() => undefined)
    return caughtUp
  }

  return {
    catchUp,
    async readHalts() {
      const [row] = await store.snapshot([HALTS_KEY])
      market.setHalts(readHalts(row))
    },
    async takeOver() {
      await catchUp()
      const record = await readRecord()
      if (record.unfoldedMs >= market.runningMs) queue.clear()
      return record
    },
  }
}
