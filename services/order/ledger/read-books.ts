/** What a customer has, all of it at one moment. */
import { Problem } from '@cnop/contract/problem.ts'
import { type KeyedRow, STORE_LIMITS, type StoreReader } from '@cnop/kit/store/store.ts'
import { type Account, HEAD_SORT_KEY, loadAccount, partitionOf } from './account-rows.ts'
import {
  assetOfBalanceKey,
  BALANCE_PREFIX,
  BALANCE_RANGE,
  type Balance,
  CASH,
  loadBalance,
  quantityOf,
} from './balance-rows.ts'
import { readPages } from './read-pages.ts'

export type Books = {
  /** `undefined` before the first journal event. */
  readonly account: Account | undefined
  /** Cash among them, by asset. */
  readonly balances: readonly Balance[]
}

/** The head and the balances are neighbours in the partition, so that one range holds them all. */
const BOOKS_RANGE = {
  from: HEAD_SORT_KEY,
  to: BALANCE_RANGE.to,
  limit: STORE_LIMITS.queryRowsMax,
} as const

const READS_MAX = 10

/**
 * A store may let a commit pass while it reads a range. Every balance names the event that changed
 * it last, so one that is newer than the head gives that away, and the range is read again.
 * Throws `contention` when the account never holds still.
 */
export async function readBooks(store: Pick<StoreReader, 'query'>, userId: string): Promise<Books> {
  for (let read = 1; read <= READS_MAX; read += 1) {
    const rows: KeyedRow[] = []
    for await (const page of readPages(store, partitionOf(userId), BOOKS_RANGE)) rows.push(...page)
    const books = booksOf(rows)
    const seq = books.account?.seq ?? 0n
    if (books.balances.every((balance) => balance.seq <= seq)) return books
  }
  throw new Problem('contention', { retryAfterSeconds: 1 })
}

function booksOf(rows: readonly KeyedRow[]): Books {
  const head = rows.find(({ sk }) => sk === HEAD_SORT_KEY)
  return {
    account: head && loadAccount(head.row),
    balances: rows
      .filter(({ sk }) => sk.startsWith(BALANCE_PREFIX))
      .map(({ sk, row }) => loadBalance(assetOfBalanceKey(sk), row)),
  }
}

/** The assets that the customer has anything of; cash is none of them. */
export const holdingsIn = ({ balances }: Books): readonly Balance[] =>
  balances.filter((balance) => balance.asset !== CASH && quantityOf(balance) !== 0n)

/** Cents, available and held. */
export function cashIn({ balances }: Books): bigint {
  const cash = balances.find(({ asset }) => asset === CASH)
  return cash === undefined ? 0n : quantityOf(cash)
}
