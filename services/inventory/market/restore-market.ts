/**
 * The market at start, from the record: the stored candle blocks of the hour that was running, the
 * ticks since, and the hours of the last week.
 */
import type { Key, Store } from '@cnop/kit/store/store.ts'
import type { Asset } from '../catalogue.ts'
import { HALTS_KEY, readHalts } from '../halts/halt-rows.ts'
import { DAY_MS, type FeedPoint, HOUR_MS, type PriceFeed } from '../price-feed.ts'
import {
  blockKey,
  blockPartition,
  blockSortKey,
  blockStart,
  type CandleBlock,
  type CandleLevel,
  DAYS,
  HOURS,
  MINUTES,
  readBlock,
} from '../record/candle-rows.ts'
import type { StoredBlocks } from '../record/candle-series.ts'
import type { FoldQueue } from '../record/fold-queue.ts'
import { ticksAfter } from '../record/read-ticks.ts'
import type { RecordState } from '../record/record-row.ts'
import {
  secondOfTickKey,
  type Tick,
  tickPartition,
  tickSortKey,
  unpackTick,
} from '../record/tick-rows.ts'
import { createMarket, type RunningMarket } from './market.ts'
import { termsOf } from './market-terms.ts'
import { newPrices } from './new-prices.ts'

const KEYS_PER_SNAPSHOT = 100
/** A week, the day that runs, and the day the week began in. */
const DAYS_OF_HOURS = 9

export async function restoreMarket(options: {
  readonly store: Store
  readonly record: RecordState
  readonly feed: Pick<PriceFeed, 'kind' | 'periodMs'>
  readonly assets: readonly Asset[]
  readonly queue: FoldQueue
  readonly nowMs: number
}): Promise<RunningMarket> {
  const { store, record, feed, assets, queue, nowMs } = options
  const market = createMarket({
    terms: termsOf(feed),
    assets,
    fromMs: record.unfoldedMs,
    stored: await storedBlocks(store, assets, record.unfoldedMs),
  })
  for (const { assetId } of assets)
    market.fillHours(assetId, await recordedHours(store, assetId, nowMs))
  await replayTicks({ store, record, market, queue })
  const [halts] = await store.snapshot([HALTS_KEY])
  market.setHalts(readHalts(halts))
  return market
}

async function storedBlocks(
  store: Store,
  assets: readonly Asset[],
  atMs: number,
): Promise<ReadonlyMap<string, StoredBlocks>> {
  const [minutes, hours, days] = await Promise.all([
    blocksAt(store, { assets, level: MINUTES, atMs }),
    blocksAt(store, { assets, level: HOURS, atMs }),
    blocksAt(store, { assets, level: DAYS, atMs }),
  ])
  return new Map(
    assets.map(({ assetId }, position) => [
      assetId,
      { minutes: minutes[position], hours: hours[position], days: days[position] },
    ]),
  )
}

/** The stored block of every asset that holds a moment. */
async function blocksAt(
  store: Store,
  wanted: {
    readonly assets: readonly Asset[]
    readonly level: CandleLevel
    readonly atMs: number
  },
): Promise<readonly (CandleBlock | undefined)[]> {
  const { assets, level, atMs } = wanted
  const keys = assets.map(({ assetId }) => blockKey(assetId, level, blockStart(level, atMs)))
  const blocks: (CandleBlock | undefined)[] = []
  for (let from = 0; from < keys.length; from += KEYS_PER_SNAPSHOT) {
    const some: readonly Key[] = keys.slice(from, from + KEYS_PER_SNAPSHOT)
    const rows = await store.snapshot(some)
    for (const [position, row] of rows.entries())
      blocks.push(row && readBlock(level, { sk: (some[position] as Key).sk, row }))
  }
  return blocks
}

/** The opens of the recorded hours of the last week, where a fresh price was known. */
async function recordedHours(
  store: Store,
  assetId: string,
  nowMs: number,
): Promise<readonly FeedPoint[]> {
  const from = blockSortKey(blockStart(HOURS, nowMs - 7 * DAY_MS))
  const page = await store.query(blockPartition(HOURS, assetId), { from, limit: DAYS_OF_HOURS })
  return page.rows.flatMap((keyed) => {
    const block = readBlock(HOURS, keyed)
    return block.candles.flatMap((candle, slot) =>
      candle?.whole ? [{ atMs: block.startMs + slot * HOUR_MS, price: candle.open }] : [],
    )
  })
}

/**
 * Every tick behind the last fold moves the market on as it once did. The last one may be that of
 * the very second in which the running stretch ends.
 */
async function replayTicks(options: {
  readonly store: Store
  readonly record: RecordState
  readonly market: RunningMarket
  readonly queue: FoldQueue
}): Promise<void> {
  const { store, record, market, queue } = options
  const fromSecond = record.unfoldedMs / 1000
  const before = await lastTickUntil(store, record, fromSecond)
  if (before !== undefined) market.seed(before)
  const untilMs = record.runningMs + market.terms.stretchMs
  for await (const tick of ticksAfter(store, record, { second: fromSecond, untilMs })) {
    const fresh = newPrices(tick, market)
    for (const { assetId, blocks } of market.apply({ second: tick.second, fresh }))
      queue.add(assetId, blocks)
  }
}

/** What was known when the first tick to replay came. */
async function lastTickUntil(
  store: Store,
  { feed, roster }: RecordState,
  second: number,
): Promise<Tick | undefined> {
  for (const hour of [second, second - HOUR_MS / 1000]) {
    const range = { to: tickSortKey(second), limit: 1, reverse: true }
    const [last] = (await store.query(tickPartition(feed, hour), range)).rows
    if (last) return unpackTick(roster, secondOfTickKey(last.sk), last.row)
  }
  return undefined
}
