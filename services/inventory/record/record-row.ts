/** What the record says of itself, in one row: whose prices, in which order, how far folded. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { type Key, type Op, type Row, type Store, StoreOpenError } from '@cnop/kit/store/store.ts'
import { HOUR_MS, type PriceFeedKind } from '../price-feed.ts'
import { startOf } from './candle-rows.ts'
import type { Roster } from './tick-rows.ts'

export type RecordState = {
  readonly feed: PriceFeedKind
  readonly roster: Roster
  /** Ticks behind this moment are not yet folded into stored candle blocks. */
  readonly unfoldedMs: number
  /** The start of the stretch of the last tick. */
  readonly runningMs: number
  /** The hour of the oldest ticks kept. */
  readonly oldestMs: number
}

export const RECORD_KEY: Key = { pk: 'M#market', sk: 'RECORD' }

const COMMIT_MS_MAX = 5_000

/** A data directory holds the prices of one feed. */
export class FeedMismatch extends StoreOpenError {
  constructor(recorded: string, configured: string) {
    super(
      `The data directory holds prices of the ${recorded} feed, but MARKET_FEED is ${configured}. ` +
        `Set MARKET_FEED=${recorded}, or give the ${configured} feed a DATA_DIR of its own.`,
    )
    this.name = 'FeedMismatch'
  }
}

/**
 * The record of this store, begun at `fromMs` where there is none. Assets it does not know yet are
 * added behind the others. Throws `FeedMismatch`.
 */
export function openRecord(options: {
  readonly store: Store
  readonly clock: CommitClock
  readonly feed: PriceFeedKind
  readonly assetIds: readonly string[]
  readonly fromMs: number
}): Promise<RecordState> {
  const { store, clock, feed, assetIds, fromMs } = options
  const begun: RecordState = {
    feed,
    roster: [],
    unfoldedMs: fromMs,
    runningMs: fromMs,
    oldestMs: startOf(fromMs, HOUR_MS),
  }
  return commitDecision({
    store,
    keys: [RECORD_KEY],
    clock,
    deadline: clock.now() + COMMIT_MS_MAX,
    decide: ([row]) => {
      const found = row ? readRecord(row) : begun
      if (found.feed !== feed) throw new FeedMismatch(found.feed, feed)
      const record = { ...found, roster: [...new Set([...found.roster, ...assetIds])] }
      const grown = record.roster.length > found.roster.length
      return { ops: grown ? [recordOp(record)] : [], outcome: record }
    },
  })
}

export const recordOp = ({ feed, roster, ...hours }: RecordState): Op => ({
  kind: 'put',
  key: RECORD_KEY,
  row: {
    feed,
    roster: roster.join(),
    unfolded: BigInt(hours.unfoldedMs),
    running: BigInt(hours.runningMs),
    oldest: BigInt(hours.oldestMs),
  },
})

const readRecord = (row: Row): RecordState => ({
  feed: row['feed'] as PriceFeedKind,
  roster: (row['roster'] as string).split(','),
  unfoldedMs: Number(row['unfolded']),
  runningMs: Number(row['running']),
  oldestMs: Number(row['oldest']),
})
