/**
 * The history a feed has, asked for once: candles that have ended do not change. Calls are counted,
 * because neither a source's quota nor this process's time belongs to those who look at charts.
 */
import { CANDLES_MAX } from '@cnop/contract/inventory.ts'
import {
  CANDLE_INTERVAL_MS,
  type FeedCandle,
  type HistoryRequest,
  HOUR_MS,
  type PriceFeed,
  PriceFeedFault,
} from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'
import { createCallMeter } from './call-meter.ts'

export type FeedHistory = {
  /** What the feed has, by start; with a fault, what it had said before. */
  read(request: HistoryRequest): Promise<{
    readonly candles: ReadonlyMap<number, FeedCandle>
    readonly fault?: PriceFeedFault
  }>
}

/** A hundred candles of one asset and interval, as far as the feed has them. */
type Chunk = {
  readonly startMs: number
  readonly endMs: number
  readonly candles: Map<number, FeedCandle>
  /** Candles from here on may still change. */
  openMs: number
  /** The present of the last answer. */
  askedForMs: number
}

type Span = { readonly fromMs: number; readonly toMs: number }

const CHUNK_CANDLES = 100
const CHUNKS_PER_CALL_MAX = CANDLES_MAX / CHUNK_CANDLES
/** Some 20 KB each. */
const CHUNKS_KEPT = 400
const CALL_MS_MAX = 10_000
/** What may still change is asked for again no sooner: the record has the newest prices anyway. */
const AGAIN_MS_MIN = 10_000

export function createFeedHistory(options: {
  readonly feed: Pick<PriceFeed, 'history' | 'periodMs'>
  readonly callsPerMinuteMax: number
  readonly now: () => number
}): FeedHistory {
  const { feed } = options
  /** In the order of use, the latest last. */
  const chunks = new Map<string, Chunk>()
  const turns = new Map<string, Promise<unknown>>()
  const meter = createCallMeter({ ...options, restMs: feed.periodMs })

  return {
    async read(request) {
      const fault = await inTurn(nameOf(request), () => load(request))
      return { candles: candlesIn(request), ...(fault && { fault }) }
    },
  }

  /** Two who ask for the same do not ask twice. */
  async function inTurn<T>(name: string, run: () => Promise<T>): Promise<T> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(run)
    turns.set(name, turn)
    try {
      return await turn
    } finally {
      if (turns.get(name) === turn) turns.delete(name)
    }
  }

  async function load(request: HistoryRequest): Promise<PriceFeedFault | undefined> {
    try {
      for (const span of spansOf(chunksOf(request).filter((chunk) => mayGrow(chunk, request)))) {
        meter.spend()
        const signal = AbortSignal.timeout(CALL_MS_MAX)
        keep(request, span, await feed.history({ ...request, ...span }, signal))
      }
      return undefined
    } catch (error) {
      if (!(error instanceof PriceFeedFault)) throw error
      meter.rest(error)
      return error
    }
  }

  /** A candle may come late; an hour after its end a source has said what it knows. */
  function mayGrow(chunk: Chunk, { nowMs }: HistoryRequest): boolean {
    if (chunk.openMs >= chunk.endMs || chunk.askedForMs >= chunk.endMs + HOUR_MS) return false
    return nowMs - chunk.askedForMs >= Math.max(feed.periodMs, AGAIN_MS_MIN)
  }

  function keep(request: HistoryRequest, span: Span, answer: readonly FeedCandle[]): void {
    const intervalMs = CANDLE_INTERVAL_MS[request.interval]
    for (const chunk of chunksOf({ ...request, ...span })) {
      chunk.askedForMs = request.nowMs
      for (const candle of answer) addCandle(chunk, candle, intervalMs)
    }
  }

  function candlesIn(request: HistoryRequest): ReadonlyMap<number, FeedCandle> {
    const candles = new Map<number, FeedCandle>()
    for (const chunk of chunksOf(request)) {
      for (const [startMs, candle] of chunk.candles)
        if (startMs >= request.fromMs && startMs < request.toMs) candles.set(startMs, candle)
    }
    return candles
  }

  /** The chunks that cover a request up to its present, most recently used from now on. */
  function chunksOf(request: HistoryRequest): readonly Chunk[] {
    const lengthMs = CANDLE_INTERVAL_MS[request.interval] * CHUNK_CANDLES
    const endMs = Math.min(request.toMs, request.nowMs + 1)
    const covering: Chunk[] = []
    for (let at = startOf(request.fromMs, lengthMs); at < endMs; at += lengthMs) {
      const name = `${nameOf(request)}/${at}`
      const chunk = chunks.get(name) ?? emptyChunk(at, lengthMs)
      chunks.delete(name)
      chunks.set(name, chunk)
      covering.push(chunk)
    }
    for (const name of chunks.keys()) {
      if (chunks.size <= CHUNKS_KEPT) break
      chunks.delete(name)
    }
    return covering
  }
}

const nameOf = ({ assetId, interval }: HistoryRequest): string => `${assetId}/${interval}`

const emptyChunk = (startMs: number, lengthMs: number): Chunk => ({
  startMs,
  endMs: startMs + lengthMs,
  candles: new Map(),
  openMs: startMs,
  askedForMs: Number.NEGATIVE_INFINITY,
})

function addCandle(chunk: Chunk, candle: FeedCandle, intervalMs: number): void {
  const { startMs, closed } = candle
  if (startMs < chunk.startMs || startMs >= chunk.endMs) return
  chunk.candles.set(startMs, candle)
  if (closed) chunk.openMs = Math.max(chunk.openMs, startMs + intervalMs)
}

/** Neighbouring chunks are asked for together, as far as one call reaches. */
function spansOf(chunks: readonly Chunk[]): readonly Span[] {
  const spans: Span[] = []
  let count = 0
  for (const { openMs, startMs, endMs } of chunks) {
    const last = spans.at(-1)
    if (last?.toMs === startMs && count < CHUNKS_PER_CALL_MAX) {
      spans[spans.length - 1] = { fromMs: last.fromMs, toMs: endMs }
      count += 1
    } else {
      spans.push({ fromMs: openMs, toMs: endMs })
      count = 1
    }
  }
  return spans
}
