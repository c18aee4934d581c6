/**
 * Makes one customer's rows what the journal says, up to the last whole event: for a copy of a table
 * that holds some rows of a commit and lacks others. Events count from one without a gap, each with
 * the hash of all before it; what stands behind the first that is missing or differs is let go of.
 * Nothing else may write meanwhile. Repairing twice is repairing once.
 */
import { encodeRow } from '@cnop/kit/store/row-codec.ts'
import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import {
  type KeyedRow,
  type Op,
  type Row,
  STORE_LIMITS,
  type Store,
} from '@cnop/kit/store/store.ts'
import { HEAD_SORT_KEY, partitionOf } from '../ledger/account-rows.ts'
import { IDEMPOTENCY_PREFIX, loadKeptAnswer } from '../ledger/idempotency-rows.ts'
import {
  chainHash,
  EVENT_PREFIX,
  eventSortKey,
  genesisHash,
  loadStoredEvent,
  parseEvent,
} from '../ledger/journal-rows.ts'
import { replayJournal } from './replay-journal.ts'

export type AccountRepair = {
  readonly userId: string
  /** Whole events, of which the rows are made. */
  readonly events: number
  /** Sort keys of events that were let go of. */
  readonly lost: readonly string[]
  /** Sort keys of the rows that were written, and of those removed, events among them. */
  readonly written: readonly string[]
  readonly removed: readonly string[]
}

export async function repairAccount({
  store,
  userId,
  nowMs,
}: {
  store: Pick<Store, 'query' | 'transact'>
  userId: string
  nowMs: number
}): Promise<AccountRepair> {
  const found = await everyRow(store, partitionOf(userId))
  const whole = wholeEvents(userId, found)
  const due = replayJournal(userId, whole)
  const written = [...due].filter(([sk, row]) => {
    const stored = found.get(sk)
    if (stored !== undefined) return encodeRow(stored) !== encodeRow(row)
    return !hasExpired(sk, row, nowMs)
  })
  const removed = [...found].filter(([sk, row]) => !due.has(sk) && !isRefusal(sk, row))
  await commitAll(store, userId, [
    ...written.map(([sk, row]): Op => ({ kind: 'put', key: keyOf(userId, sk), row })),
    ...removed.map(([sk]): Op => ({ kind: 'delete', key: keyOf(userId, sk) })),
  ])
  const removedKeys = removed.map(([sk]) => sk)
  return {
    userId,
    events: whole.length,
    lost: removedKeys.filter((sk) => sk.startsWith(EVENT_PREFIX)),
    written: written.map(([sk]) => sk),
    removed: removedKeys,
  }
}

async function everyRow(
  store: Pick<Store, 'query'>,
  pk: string,
): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>()
  let after: string | undefined
  for (;;) {
    const limit = STORE_LIMITS.queryRowsMax
    const page = await store.query(pk, after === undefined ? { limit } : { limit, after })
    for (const { sk, row } of page.rows) rows.set(sk, row)
    after = page.rows.at(-1)?.sk
    if (!page.more) return rows
  }
}

function wholeEvents(userId: string, found: ReadonlyMap<string, Row>) {
  const whole: { event: ReturnType<typeof parseEvent>; bytes: string; hash: string }[] = []
  let previous = genesisHash(userId)
  for (let seq = 1n; ; seq += 1n) {
    const row = found.get(eventSortKey(seq))
    const read = row === undefined ? undefined : readEvent(row, previous)
    if (read === undefined) return whole
    whole.push(read)
    previous = read.hash
  }
}

function readEvent(row: Row, previous: string) {
  try {
    const { bytes, hash } = loadStoredEvent(row)
    return chainHash(previous, bytes) === hash
      ? { event: parseEvent(bytes), bytes, hash }
      : undefined
  } catch (error) {
    if (error instanceof CorruptRow) return undefined
    throw error
  }
}

/** A refusal is in no event: it is kept as it is, since nothing else knows of it. */
const isRefusal = (sk: string, row: Row): boolean =>
  sk.startsWith(IDEMPOTENCY_PREFIX) && !('seq' in loadKeptAnswer(row))

/** What the store has let go of in time stays gone. */
const hasExpired = (sk: string, row: Row, nowMs: number): boolean =>
  sk.startsWith(IDEMPOTENCY_PREFIX) && loadKeptAnswer(row).expires <= BigInt(nowMs) / 1000n

const keyOf = (userId: string, sk: KeyedRow['sk']) => ({ pk: partitionOf(userId), sk })

/** The head comes last: as long as it differs, the account is seen to be under repair. */
async function commitAll(
  store: Pick<Store, 'transact'>,
  userId: string,
  ops: readonly Op[],
): Promise<void> {
  const isHead = ({ key }: Op): boolean => key.sk === HEAD_SORT_KEY
  const ordered = [...ops.filter((op) => !isHead(op)), ...ops.filter(isHead)]
  for (let start = 0; start < ordered.length; start += STORE_LIMITS.opsPerTransactionMax) {
    const batch = ordered.slice(start, start + STORE_LIMITS.opsPerTransactionMax)
    await store.transact(batch, { token: `repair-${userId}-${crypto.randomUUID()}` })
  }
}
