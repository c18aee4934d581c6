/**
 * Recorded candles of one asset in blocks, because a chart reads many candles of one asset: an hour
 * of minutes, a day of hours, 32 days of days. Neighbours join and prices have few digits, so a
 * block says how many trailing zeros all its prices share, and each candle as its distances: open
 * from the close before, high, low and close from open.
 */
import type { Key, KeyedRow, Op } from '@cnop/kit/store/store.ts'
import { CANDLE_INTERVAL_MS, DAY_MS } from '../price-feed.ts'
import type { RecordedCandle } from './candle.ts'
import { createPacker, createUnpacker, withoutZeros } from './packed-integers.ts'

export type CandleLevel = {
  readonly interval: '1m' | '1h' | '1d'
  readonly candleMs: number
  readonly slots: number
}

export const MINUTES: CandleLevel = {
  interval: '1m',
  candleMs: CANDLE_INTERVAL_MS['1m'],
  slots: 60,
}
export const HOURS: CandleLevel = { interval: '1h', candleMs: CANDLE_INTERVAL_MS['1h'], slots: 24 }
export const DAYS: CandleLevel = { interval: '1d', candleMs: CANDLE_INTERVAL_MS['1d'], slots: 32 }

/** Minutes are kept this long; hours and days for ever. */
export const MINUTES_KEPT_MS = 7 * DAY_MS

export type CandleBlock = {
  readonly level: CandleLevel
  readonly startMs: number
  /** One for each slot, up to the last that has a candle. */
  readonly candles: readonly (RecordedCandle | undefined)[]
}

const NOTHING = 0
const PART = 1
const WHOLE = 2
const ZEROS_MAX = 18

export const startOf = (atMs: number, lengthMs: number): number =>
  Math.floor(atMs / lengthMs) * lengthMs

/** When the block begins that holds the candle which begins at `atMs`. */
export const blockStart = (level: CandleLevel, atMs: number): number =>
  startOf(atMs, level.candleMs * level.slots)

export const emptyBlock = (level: CandleLevel, atMs: number): CandleBlock => ({
  level,
  startMs: blockStart(level, atMs),
  candles: [],
})

/** The candle which begins at `atMs`. */
export const readCandle = (block: CandleBlock, atMs: number): RecordedCandle | undefined =>
  block.candles[(atMs - block.startMs) / block.level.candleMs]

/** The block with the candle which begins at `atMs`; a new one where that lies behind its end. */
export function withCandle(block: CandleBlock, atMs: number, candle: RecordedCandle): CandleBlock {
  const { level } = block
  const current = blockStart(level, atMs) === block.startMs ? block : emptyBlock(level, atMs)
  const candles = [...current.candles]
  candles[(atMs - current.startMs) / level.candleMs] = candle
  return { ...current, candles }
}

/** The candles of the first `count` slots. */
export const firstSlots = (
  { candles }: CandleBlock,
  count: number,
): readonly (RecordedCandle | undefined)[] =>
  Array.from({ length: count }, (_, slot) => candles[slot])

export const blockPartition = (level: CandleLevel, assetId: string): string =>
  `C#${level.interval}#${assetId}`

export const blockSortKey = (startMs: number): string =>
  new Date(startMs).toISOString().slice(0, 'YYYY-MM-DDTHH:mm'.length)

export const blockKey = (assetId: string, level: CandleLevel, startMs: number): Key => ({
  pk: blockPartition(level, assetId),
  sk: blockSortKey(startMs),
})

export const putBlock = (assetId: string, block: CandleBlock): Op => ({
  kind: 'put',
  key: blockKey(assetId, block.level, block.startMs),
  row: { candles: packCandles(block) },
})

export const readBlock = (level: CandleLevel, { sk, row }: KeyedRow): CandleBlock => ({
  level,
  startMs: Date.parse(`${sk}Z`),
  candles: unpackCandles(row['candles'] as Uint8Array),
})

function packCandles({ candles }: CandleBlock): Uint8Array {
  const packer = createPacker()
  const zeros = sharedZeros(candles)
  const unit = 10n ** BigInt(zeros)
  packer.unsigned(zeros)
  let before = 0n
  for (const candle of Array.from(candles)) {
    packer.unsigned(stateOf(candle))
    if (candle === undefined) continue
    packer.signed((candle.open - before) / unit)
    packer.unsigned((candle.high - candle.open) / unit)
    packer.unsigned((candle.open - candle.low) / unit)
    packer.signed((candle.close - candle.open) / unit)
    before = candle.close
  }
  return packer.bytes()
}

function unpackCandles(bytes: Uint8Array): readonly (RecordedCandle | undefined)[] {
  const packed = createUnpacker(bytes)
  const unit = 10n ** packed.unsigned()
  const candles: (RecordedCandle | undefined)[] = []
  let before = 0n
  while (!packed.ended) {
    const state = Number(packed.unsigned())
    if (state === NOTHING) {
      candles.push(undefined)
      continue
    }
    const open = before + packed.signed() * unit
    const high = open + packed.unsigned() * unit
    const low = open - packed.unsigned() * unit
    const close = open + packed.signed() * unit
    candles.push({ open, high, low, close, whole: state === WHOLE })
    before = close
  }
  return candles
}

function stateOf(candle: RecordedCandle | undefined): number {
  if (candle === undefined) return NOTHING
  return candle.whole ? WHOLE : PART
}

function sharedZeros(candles: CandleBlock['candles']): number {
  let shared = ZEROS_MAX
  for (const candle of candles) {
    if (candle === undefined) continue
    for (const price of [candle.open, candle.high, candle.low, candle.close])
      shared = Math.min(shared, withoutZeros(price, shared).zeros)
  }
  return shared
}
