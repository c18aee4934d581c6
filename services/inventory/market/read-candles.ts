/**
 * Candles of an asset: what was recorded where the record is whole, what the feed's history says
 * elsewhere, and failing that the record as far as it goes. Volumes are the feed's.
 */
import type { CandleInterval } from '@cnop/contract/inventory.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { CANDLE_INTERVAL_MS, type FeedCandle, type PriceFeedFault } from '../price-feed.ts'
import { type RecordedCandle, rollUp } from '../record/candle.ts'
import {
  blockPartition,
  blockSortKey,
  blockStart,
  type CandleBlock,
  type CandleLevel,
  DAYS,
  HOURS,
  MINUTES,
  readBlock,
  readCandle,
} from '../record/candle-rows.ts'
import type { FoldQueue } from '../record/fold-queue.ts'
import type { FeedHistory } from './feed-history.ts'
import type { Market } from './market.ts'

export type MarketCandle = {
  readonly startMs: number
  readonly open: bigint
  readonly high: bigint
  readonly low: bigint
  readonly close: bigint
  /** In dollars, in units of 10^-12; the feed may not say. */
  readonly volume?: bigint
}

export type CandleRequest = {
  readonly assetId: string
  readonly interval: CandleInterval
  /** The candles that begin at or after `fromMs` and before `toMs`. */
  readonly fromMs: number
  readonly toMs: number
  readonly nowMs: number
  /** The feed need not be asked where the record is whole. */
  readonly pricesOnly?: true
}

export type CandleAnswer = {
  /** Oldest first; those nobody knows are left out. */
  readonly candles: readonly MarketCandle[]
  /** Why the feed's part may be missing. */
  readonly fault?: PriceFeedFault
}

export type ReadCandles = (request: CandleRequest) => Promise<CandleAnswer>

/** A thousand quarters of an hour lie in no more than 251 hours. */
const BLOCKS_MAX = 300

/** The recorded candles an interval is made of. */
const LEVEL_OF: Readonly<Record<CandleInterval, CandleLevel>> = {
  '1m': MINUTES,
  '5m': MINUTES,
  '15m': MINUTES,
  '1h': HOURS,
  '4h': HOURS,
  '1d': DAYS,
}

export const candleReader =
  (parts: {
    readonly store: Pick<StoreReader, 'query'>
    readonly market: Market
    readonly queue: Pick<FoldQueue, 'blocksOf'>
    readonly history: FeedHistory
  }): ReadCandles =>
  async (asked) => {
    const { market, history } = parts
    const lastMs = market.lastSecond === undefined ? undefined : market.lastSecond * 1000
    const request = { ...asked, nowMs: lastMs ?? asked.nowMs }
    const blocks = await recordedBlocks(parts, request)
    const recorded = startsOf(request).map((startMs) => ({
      startMs,
      candle: recordedCandle(blocks, startMs, request),
    }))
    const enough = request.pricesOnly && recorded.every(({ candle }) => candle?.whole)
    const told = enough ? NOTHING_TOLD : await history.read(request)
    const candles = recorded.flatMap(({ startMs, candle }) => {
      const settled = settle(candle, told.candles.get(startMs))
      return settled ? [{ startMs, ...settled }] : []
    })
    return { candles, ...(told.fault && { fault: told.fault }) }
  }

const NOTHING_TOLD: Awaited<ReturnType<FeedHistory['read']>> = { candles: new Map() }

/** The starts of the candles asked for, none behind the present. */
function startsOf({ interval, fromMs, toMs, nowMs }: CandleRequest): readonly number[] {
  const stepMs = CANDLE_INTERVAL_MS[interval]
  const firstMs = Math.ceil(fromMs / stepMs) * stepMs
  const endMs = Math.min(toMs, nowMs + 1)
  const count = Math.max(0, Math.ceil((endMs - firstMs) / stepMs))
  return Array.from({ length: count }, (_, index) => firstMs + index * stepMs)
}

/** By start: the stored blocks, those that wait to be stored, and the running one. */
async function recordedBlocks(
  parts: Parameters<typeof candleReader>[0],
  { assetId, interval, fromMs, toMs }: CandleRequest,
): Promise<ReadonlyMap<number, CandleBlock>> {
  const { store, market, queue } = parts
  const level = LEVEL_OF[interval]
  const from = blockSortKey(blockStart(level, fromMs))
  const to = blockSortKey(blockStart(level, toMs - 1))
  const page = await store.query(blockPartition(level, assetId), { from, to, limit: BLOCKS_MAX })
  const blocks = [
    ...page.rows.map((row) => readBlock(level, row)),
    ...queue.blocksOf(assetId, level),
    ...(market.asset(assetId)?.runningBlocks() ?? []).filter((block) => block.level === level),
  ]
  return new Map(blocks.map((block) => [block.startMs, block]))
}

function recordedCandle(
  blocks: ReadonlyMap<number, CandleBlock>,
  startMs: number,
  { interval, nowMs }: CandleRequest,
): RecordedCandle | undefined {
  const level = LEVEL_OF[interval]
  const begunMs = Math.min(startMs + CANDLE_INTERVAL_MS[interval], nowMs)
  const parts: (RecordedCandle | undefined)[] = []
  for (let at = startMs; at < begunMs; at += level.candleMs) {
    const block = blocks.get(blockStart(level, at))
    parts.push(block && readCandle(block, at))
  }
  return rollUp(parts)
}

type Settled = Omit<MarketCandle, 'startMs'>

/** Where the record is part only, the feed's candle frames it and both know extremes. */
function settle(
  recorded: RecordedCandle | undefined,
  told: FeedCandle | undefined,
): Settled | undefined {
  const volume = told?.volume === undefined ? {} : { volume: told.volume }
  if (recorded === undefined) return told && { ...pricesOf(told), ...volume }
  if (told === undefined || recorded.whole) return { ...pricesOf(recorded), ...volume }
  return {
    open: told.open,
    high: recorded.high > told.high ? recorded.high : told.high,
    low: recorded.low < told.low ? recorded.low : told.low,
    close: told.closed ? told.close : recorded.close,
    ...volume,
  }
}

const pricesOf = ({ open, high, low, close }: Settled): Settled => ({ open, high, low, close })
