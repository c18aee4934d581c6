/** What the record says of itself, in one row: whose prices, in which order, how far folded. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { optionalTextIn } from '@cnop/kit/store/row-fields.ts'
import { type Key, type Op, type Row, type Store, StoreOpenError } from '@cnop/kit/store/store.ts'
import { HOUR_MS, type PriceFeed, type PriceFeedKind } from '../price-feed.ts'
import { startOf } from './candle-rows.ts'
import type { Roster } from './tick-rows.ts'

export type RecordState = {
  readonly feed: PriceFeedKind
  /** Absent where nobody chose one, or where it was not written down yet. */
  readonly seed: string | undefined
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

type Origin = Pick<RecordState, 'feed' | 'seed'>

/** A data directory holds the prices of one feed, and of one seed where they are invented. */
export class FeedMismatch extends StoreOpenError {
  constructor(recorded: Origin, configured: Origin) {
    super(
      recorded.feed === configured.feed
        ? `The data directory holds prices of MARKET_SEED=${recorded.seed}, but MARKET_SEED is ${configured.seed}. ` +
            `Set MARKET_SEED=${recorded.seed}, or give the other market a DATA_DIR of its own.`
        : `The data directory holds prices of the ${recorded.feed} feed, but MARKET_FEED is ${configured.feed}. ` +
            `Set MARKET_FEED=${recorded.feed}, or give the ${configured.feed} feed a DATA_DIR of its own.`,
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
  readonly feed: Pick<PriceFeed, 'kind' | 'seed'>
  readonly assetIds: readonly string[]
  readonly fromMs: number
}): Promise<RecordState> {
  const { store, clock, feed, assetIds, fromMs } = options
  const configured: Origin = { feed: feed.kind, seed: feed.seed }
  const begun: RecordState = {
    ...configured,
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
      if (isAnother(found, configured)) throw new FeedMismatch(found, configured)
      const roster = [...new Set([...found.roster, ...assetIds])]
      const record = { ...found, ...configured, roster }
      const moved = roster.length > found.roster.length || record.seed !== found.seed
      return { ops: moved ? [recordOp(record)] : [], outcome: record }
    },
  })
}

/** Throws when there is none. */
export async function storedRecord(store: Pick<Store, 'snapshot'>): Promise<RecordState> {
  const [row] = await store.snapshot([RECORD_KEY])
  if (row === undefined) throw new Error('The record of prices is gone.')
  return readRecord(row)
}

const isAnother = (found: Origin, { feed, seed }: Origin): boolean =>
  found.feed !== feed || (found.seed !== undefined && found.seed !== seed)

export const recordOp = ({ feed, seed, roster, ...hours }: RecordState): Op => ({
  kind: 'put',
  key: RECORD_KEY,
  row: {
    feed,
    ...(seed === undefined ? {} : { seed }),
    roster: roster.join(),
    unfolded: BigInt(hours.unfoldedMs),
    running: BigInt(hours.runningMs),
    oldest: BigInt(hours.oldestMs),
  },
})

const readRecord = (row: Row): RecordState => ({
  feed: row['feed'] as PriceFeedKind,
  seed: optionalTextIn(row, 'seed'),
  roster: (row['roster'] as string).split(','),
  unfoldedMs: Number(row['unfolded']),
  runningMs: Number(row['running']),
  oldestMs: Number(row['oldest']),
})
