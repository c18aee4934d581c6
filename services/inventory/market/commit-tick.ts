/**
 * One tick, from the feed's quotes to the store and the market. A single transaction takes the
 * tick, the halts it causes, some candle blocks of a stretch that has ended, and what is too old.
 */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Grip } from '@cnop/kit/store/lease.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { HALTS_KEY, haltOps, readHalts } from '../halts/halt-rows.ts'
import { type FeedQuote, HOUR_MS } from '../price-feed.ts'
import {
  blockPartition,
  blockSortKey,
  MINUTES,
  MINUTES_KEPT_MS,
  putBlock,
} from '../record/candle-rows.ts'
import { decideTick, type TickDecision } from '../record/decide-tick.ts'
import type { FoldQueue, WaitingBlocks } from '../record/fold-queue.ts'
import { type RecordState, recordOp } from '../record/record-row.ts'
import {
  packTick,
  TICKS_KEPT_SECONDS,
  tickKey,
  tickPartition,
  tickSortKey,
} from '../record/tick-rows.ts'
import type { RunningMarket } from './market.ts'
import { stretchOf } from './market-terms.ts'

/** The quotes of a poll; gives what was new in them, once it is durable. */
export type CommitTick = (
  second: number,
  quotes: ReadonlyMap<string, FeedQuote>,
) => Promise<TickDecision | undefined>

/**
 * Each asset folded writes three blocks, five after a stall, and removes up to two; with four old
 * ticks a transaction stays below a hundred ops.
 */
const ASSETS_FOLDED_PER_TICK = 12
const BLOCKS_REMOVED_PER_ASSET = 2
const TICKS_REMOVED_PER_TICK = 4
const EMPTY_HOURS_PASSED_PER_TICK = 24
const COMMIT_MS_MAX = 5_000

/** Among replicas: whether this one may record, and from where one that has begun to goes on. */
export type Turn = {
  readonly grip: () => Grip | undefined
  readonly takeOver: () => Promise<RecordState>
}

type Committing = {
  readonly store: Store
  readonly record: RecordState
  readonly market: RunningMarket
  readonly queue: FoldQueue
  readonly clock: CommitClock
}

export function tickCommitter(
  parts: Committing & {
    /** Absent where no other process writes the record. */
    readonly turn?: Turn | undefined
  },
): CommitTick {
  const { market, turn } = parts
  const book = { record: parts.record }
  if (turn === undefined) return (second, quotes) => commitOne(parts, book, { second, quotes })

  let epoch: bigint | undefined
  return async (second, quotes) => {
    const grip = turn.grip()
    if (grip === undefined) {
      market.learn(quotes)
      return undefined
    }
    if (grip.epoch !== epoch) book.record = await turn.takeOver()
    epoch = grip.epoch
    return commitOne(parts, book, { second, quotes, grip })
  }
}

type Poll = {
  readonly second: number
  readonly quotes: ReadonlyMap<string, FeedQuote>
  readonly grip?: Grip
}

async function commitOne(
  { store, market, queue, clock }: Committing,
  book: { record: RecordState },
  { second, quotes, grip }: Poll,
): Promise<TickDecision | undefined> {
  const { record } = book
  const folding = queue.next(ASSETS_FOLDED_PER_TICK)
  const { oldestMs, removals } = await oldTicks(store, record, second)
  const next: RecordState = {
    ...record,
    oldestMs,
    unfoldedMs: folding.length === queue.size ? record.runningMs : record.unfoldedMs,
    runningMs: Math.max(record.runningMs, stretchOf(second, market.terms)),
  }
  const housekeeping = [
    ...(grip === undefined ? [] : [grip.fence]),
    ...folding.flatMap(({ assetId, blocks }) => blocks.map((block) => putBlock(assetId, block))),
    ...(await oldMinutes(store, folding, second)),
    ...removals,
    ...(sameHours(record, next) ? [] : [recordOp(next)]),
  ]
  const decision = await commitDecision({
    store,
    keys: [HALTS_KEY, tickKey(record.feed, second), ...(grip === undefined ? [] : [grip.key])],
    clock,
    deadline: clock.now() + COMMIT_MS_MAX,
    decide: ([haltsRow, taken, lease]) => {
      const halts = readHalts(haltsRow)
      const { known, lastSecond } = market
      const free = taken === undefined && (grip === undefined || grip.holds(lease))
      const decided = free ? decideTick({ second, quotes, lastSecond, known, halts }) : undefined
      if (decided === undefined) return { ops: [], outcome: undefined }
      const prices = new Map([...known, ...decided.fresh])
      const tick: Op = {
        kind: 'put',
        key: tickKey(record.feed, second),
        row: packTick(record.roster, { second, prices }),
        when: { absent: true },
      }
      const halting = haltOps(halts, decided.halting, second * 1000)
      return { ops: [tick, ...halting, ...housekeeping], outcome: decided }
    },
  })
  if (decision === undefined) return undefined
  book.record = next
  queue.stored(folding)
  const ended = market.apply({ second, fresh: decision.fresh })
  for (const { assetId, blocks } of ended) queue.add(assetId, blocks)
  market.learn(quotes)
  market.setHalts(decision.halting.halts)
  return decision
}

const sameHours = (left: RecordState, right: RecordState): boolean =>
  left.oldestMs === right.oldestMs &&
  left.unfoldedMs === right.unfoldedMs &&
  left.runningMs === right.runningMs

/** A few ticks that are older than a day and folded, and the hour to look in next time. */
async function oldTicks(
  store: Store,
  record: RecordState,
  second: number,
): Promise<{ readonly oldestMs: number; readonly removals: readonly Op[] }> {
  const lastSecond = Math.min(second - TICKS_KEPT_SECONDS, record.unfoldedMs / 1000 - 1)
  let { oldestMs } = record
  for (let passed = 0; passed < EMPTY_HOURS_PASSED_PER_TICK; passed += 1) {
    if (oldestMs / 1000 > lastSecond) break
    const pk = tickPartition(record.feed, oldestMs / 1000)
    const range = { to: tickSortKey(lastSecond), limit: TICKS_REMOVED_PER_TICK }
    const { rows } = await store.query(pk, range)
    if (rows.length > 0)
      return { oldestMs, removals: rows.map(({ sk }) => ({ kind: 'delete', key: { pk, sk } })) }
    if (oldestMs + HOUR_MS > lastSecond * 1000) break
    oldestMs += HOUR_MS
  }
  return { oldestMs, removals: [] }
}

/** The minutes that have been kept long enough, of the assets that are folded anyway. */
async function oldMinutes(
  store: Store,
  folding: readonly WaitingBlocks[],
  second: number,
): Promise<readonly Op[]> {
  const to = blockSortKey(second * 1000 - MINUTES_KEPT_MS - HOUR_MS)
  const removals: Op[] = []
  for (const { assetId } of folding) {
    const pk = blockPartition(MINUTES, assetId)
    const { rows } = await store.query(pk, { to, limit: BLOCKS_REMOVED_PER_ASSET })
    for (const { sk } of rows) removals.push({ kind: 'delete', key: { pk, sk } })
  }
  return removals
}
