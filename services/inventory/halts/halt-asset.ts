/** The operator stops trading in an asset, or allows it again, with a reason that is kept. */
import { PAGE_LIMIT_DEFAULT } from '@cnop/contract/page.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store, StoreReader } from '@cnop/kit/store/store.ts'
import { decideOperatorHalt, type HaltEvent, type Halts } from './decide-halts.ts'
import {
  HALT_TRAIL,
  HALTS_KEY,
  haltOps,
  type RecordedHaltEvent,
  readHaltEvent,
  readHalts,
  TRAIL_SEPARATOR,
} from './halt-rows.ts'

/** Gives the halts as they are after it. */
export function haltAsset(options: {
  readonly store: Store
  readonly clock: CommitClock
  readonly deadline: number
  readonly event: HaltEvent
}): Promise<Halts> {
  const { store, clock, deadline, event } = options
  const atMs = clock.now()
  return commitDecision({
    store,
    keys: [HALTS_KEY],
    clock,
    deadline,
    decide: ([row]) => {
      const halts = readHalts(row)
      const decision = decideOperatorHalt(halts, event)
      return { ops: haltOps(halts, decision, atMs), outcome: decision.halts }
    },
  })
}

/** The audit trail, newest first; a cursor continues behind its page. */
export async function readHaltTrail(
  store: Pick<StoreReader, 'query'>,
  page: { readonly limit?: number; readonly cursor?: string },
): Promise<{ readonly events: readonly RecordedHaltEvent[]; readonly cursor: string | undefined }> {
  const { limit = PAGE_LIMIT_DEFAULT, cursor } = page
  const { rows, more } = await store.query(HALT_TRAIL, {
    limit,
    reverse: true,
    ...(cursor !== undefined && { after: sortKeyIn(cursor) }),
  })
  const last = rows.at(-1)
  return {
    events: rows.map(readHaltEvent),
    cursor: more && last ? last.sk.replace(TRAIL_SEPARATOR, CURSOR_SEPARATOR) : undefined,
  }
}

/** A cursor is the sort key of the page's last event in letters that fit an address. */
const CURSOR_SEPARATOR = '-'

function sortKeyIn(cursor: string): string {
  return cursor.replace(CURSOR_SEPARATOR, TRAIL_SEPARATOR)
}
