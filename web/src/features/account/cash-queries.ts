import { getLimits, listCashTransactions } from '@cnop/contract/balance.ts'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { allPages } from '../../client/all-pages.ts'
import { ask } from '../../client/door.ts'
import { OWN } from '../../client/queries.ts'
import type { LedgerQuery } from './ledger-filters.ts'

const PAGE_LIMIT = 25
const FILE_PAGE_LIMIT = 100
const FILE_LINES_MAX = 20_000

/** What a deposit or a withdrawal changes, beside the balance. */
export const CASH = [OWN, 'cash']

export const limitsQuery = queryOptions({
  queryKey: [...CASH, 'limits'],
  queryFn: async ({ signal }) => (await ask(getLimits, { signal })).data,
})

export const transactionsQuery = (filters: LedgerQuery) =>
  infiniteQueryOptions({
    queryKey: [...CASH, 'transactions', filters],
    queryFn: ({ pageParam, signal }) =>
      ask(listCashTransactions, {
        query: { ...filters, limit: PAGE_LIMIT, ...cursorOf(pageParam) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  })

/** Everything that is meant, for a file. */
export const allTransactions = (filters: LedgerQuery) =>
  allPages(async (cursor) => {
    const query = { ...filters, limit: FILE_PAGE_LIMIT, ...cursorOf(cursor) }
    const { transactions, next_cursor } = await ask(listCashTransactions, { query })
    return { items: transactions, next: next_cursor }
  }, FILE_LINES_MAX)

const cursorOf = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })

/** The books replayed, and how long that took as seen from here; milliseconds. */
export async function verifiedBooks() {
  const begunMs = performance.now()
  const { data } = await ask(verifyLedger, {})
  return { proof: data, tookMs: Math.round(performance.now() - begunMs) }
}
