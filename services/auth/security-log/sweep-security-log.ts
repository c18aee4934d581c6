/** Takes away what is older than the security log is to remember, a day at a time. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { textIn } from '@cnop/kit/store/row-fields.ts'
import { type Key, STORE_LIMITS, type Store } from '@cnop/kit/store/store.ts'
import { dayOf, securityDayPartition } from './security-event-rows.ts'

const DAY_MS = 86_400_000

/** A sweep takes so many events at most: the rest is for the next one. */
const EVENTS_PER_SWEEP_MAX = 20_000
const DEADLINE_MS = 5_000

/** The oldest day that may still have events. */
const OLDEST_KEY: Key = { pk: 'SECURITY-LOG', sk: '@OLDEST' }

/** How many events went. `days` is for how long one is kept; the day of today counts. */
export async function sweepSecurityLog(
  { days, eventsMax = EVENTS_PER_SWEEP_MAX }: { days: number; eventsMax?: number },
  { store, clock }: { store: Store; clock: CommitClock },
): Promise<number> {
  const firstKept = dayOf(clock.now() - (days - 1) * DAY_MS)
  const stored = await readOldest(store)
  let oldest = stored ?? firstKept
  let swept = 0
  while (oldest < firstKept && swept < eventsMax) {
    const went = await sweepBatch(oldest, { store, clock })
    swept += went
    if (went === 0) oldest = dayOf(Date.parse(oldest) + DAY_MS)
  }
  if (oldest !== stored) await writeOldest(oldest, { store, clock })
  return swept
}

async function readOldest(store: Store): Promise<string | undefined> {
  const [row] = await store.snapshot([OLDEST_KEY])
  return row === undefined ? undefined : textIn(row, 'day')
}

const writeOldest = (day: string, parts: { store: Store; clock: CommitClock }): Promise<void> =>
  commitDecision({
    ...parts,
    keys: [],
    decide: () => ({ ops: [{ kind: 'put', key: OLDEST_KEY, row: { day } }], outcome: undefined }),
    deadline: parts.clock.now() + DEADLINE_MS,
  })

/** Nobody writes to a day that is over for so long, so there is nothing to decide on. */
async function sweepBatch(
  day: string,
  parts: { store: Store; clock: CommitClock },
): Promise<number> {
  const pk = securityDayPartition(day)
  const { rows } = await parts.store.query(pk, { limit: STORE_LIMITS.opsPerTransactionMax })
  await commitDecision({
    ...parts,
    keys: [],
    decide: () => ({
      ops: rows.map(({ sk }) => ({ kind: 'delete', key: { pk, sk } })),
      outcome: undefined,
    }),
    deadline: parts.clock.now() + DEADLINE_MS,
  })
  return rows.length
}
