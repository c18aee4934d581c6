/**
 * What a follower of the change feed reads, in one way: the changes behind its cursor, and every
 * partition where the cursor is older than the changes kept, which a table keeps for 24 hours.
 */
import { STORE_LIMITS, StoreFault, type StoreReader } from './store.ts'

export type ChangedPartitions = {
  readonly partitions: readonly string[]
  /** Keep it when all of `partitions` has been dealt with; where there is none, go on. */
  readonly cursor?: string
}

/**
 * Yields until nothing is left to tell. After a sweep the feed is told from the oldest change kept:
 * what changed during the sweep is among them, as long as a sweep is shorter than they are kept.
 */
export async function* changedPartitions(
  store: Pick<StoreReader, 'changes' | 'partitions'>,
  cursor: string,
): AsyncGenerator<ChangedPartitions> {
  let after = cursor
  for (;;) {
    const page = await changesOrSweep(store, after)
    if (page === 'expired') {
      yield* everyPartition(store)
      after = ''
      continue
    }
    if (page.cursor === after) return
    after = page.cursor
    yield page
  }
}

async function changesOrSweep(store: Pick<StoreReader, 'changes'>, after: string) {
  try {
    return await store.changes(after, STORE_LIMITS.queryRowsMax)
  } catch (fault) {
    if (fault instanceof StoreFault && fault.code === 'cursor-expired') return 'expired'
    throw fault
  }
}

async function* everyPartition(
  store: Pick<StoreReader, 'partitions'>,
): AsyncGenerator<ChangedPartitions> {
  for (let after = ''; ; ) {
    const partitions = await store.partitions(after, STORE_LIMITS.queryRowsMax)
    const last = partitions.at(-1)
    if (last === undefined) return
    yield { partitions }
    after = last
  }
}
