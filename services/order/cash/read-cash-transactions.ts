import type {
  CashTransaction,
  listCashTransactions,
  TransactionType,
} from '@cnop/contract/balance.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf, QueryOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { headKey, loadAccount, partitionOf } from '../ledger/account-rows.ts'
import { countEventsBefore } from '../ledger/find-event.ts'
import { eventSortKey, loadEvent, seqOfEventKey } from '../ledger/journal-rows.ts'
import { readListing } from '../ledger/read-listing.ts'
import { cashTransactionOf } from './cash-transaction.ts'

type Query = QueryOf<typeof listCashTransactions>

/** Both ends of `from` and `to` are included. Throws `invalid-input` for a cursor that is none. */
export async function readCashTransactions({
  store,
  userId,
  query,
}: {
  store: Pick<StoreReader, 'snapshot' | 'query'>
  userId: string
  query: Query
}): Promise<AnswerOf<typeof listCashTransactions>> {
  const { limit, cursor, type } = query
  const [head] = await store.snapshot([headKey(userId)])
  const account = head && loadAccount(head)
  const { items, next } = await readListing(store, {
    partition: partitionOf(userId),
    range: await rangeWithin({ store, userId, query, seqMax: account?.seq ?? 0n }),
    after: cursor === undefined ? undefined : eventSortKey(seqOfCursor(cursor)),
    limit,
    itemOf: ({ row }) => wanted(cashTransactionOf(loadEvent(row)), type),
  })
  return {
    transactions: [...items],
    ...(isFiltered(query) ? {} : { total_count: Number(account?.cashTransactions ?? 0n) }),
    has_more: next !== undefined,
    ...(next === undefined ? {} : { next_cursor: String(seqOfEventKey(next)) }),
  }
}

const isFiltered = ({ type, from, to }: Query): boolean =>
  type !== undefined || from !== undefined || to !== undefined

const wanted = (
  transaction: CashTransaction | undefined,
  type: TransactionType | undefined,
): CashTransaction | undefined =>
  type === undefined || transaction?.transaction_type === type ? transaction : undefined

function seqOfCursor(cursor: string): bigint {
  if (/^[0-9]{1,16}$/.test(cursor)) return BigInt(cursor)
  throw new Problem('invalid-input', {
    errors: [{ field: 'cursor', message: 'Use the next_cursor of the page before.' }],
  })
}

/** The events from the first of a time to the last of another, as bounds of a query. */
async function rangeWithin({
  store,
  userId,
  query: { from, to },
  seqMax,
}: {
  store: Pick<StoreReader, 'snapshot'>
  userId: string
  query: Query
  seqMax: bigint
}): Promise<{ from: string; to: string }> {
  const before = (timeMs: number) => countEventsBefore({ store, userId, seqMax, timeMs })
  const [older, newest] = await Promise.all([
    from === undefined ? 0n : before(timeOf('from', from)),
    to === undefined ? seqMax : before(timeOf('to', to) + 1),
  ])
  return { from: eventSortKey(older + 1n), to: eventSortKey(newest) }
}

/** A date and time that fits its pattern can still name no moment, such as a leap second. */
function timeOf(field: string, instant: string): number {
  const timeMs = Date.parse(instant)
  if (Number.isNaN(timeMs)) {
    throw new Problem('invalid-input', {
      errors: [{ field, message: 'Give a time such as 2026-01-31T12:00:00Z.' }],
    })
  }
  return timeMs
}
