/** What a customer's partition holds: for tests. */
import { formatDecimal } from '@cnop/contract/money.ts'
import type { Row, Store } from '@cnop/kit/store/store.ts'
import { type Account, headKey, loadAccount, partitionOf } from '../ledger/account-rows.ts'
import { type Balance, balanceKey, loadBalance } from '../ledger/balance-rows.ts'
import { eventKey, type JournalEvent, loadEvent } from '../ledger/journal-rows.ts'

export const ALICE = '01J0000000000000000000000A'
export const BOB = '01J0000000000000000000000B'

/** What a partition holds, by sort key. */
export async function rowsOf(
  store: Pick<Store, 'query'>,
  userId = ALICE,
): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>()
  let after: string | undefined
  for (;;) {
    const page = await store.query(partitionOf(userId), {
      limit: 1000,
      ...(after === undefined ? {} : { after }),
    })
    for (const { sk, row } of page.rows) rows.set(sk, row)
    after = page.rows.at(-1)?.sk
    if (!page.more) return rows
  }
}

export async function balanceOf(
  store: Pick<Store, 'snapshot'>,
  asset: string,
  userId = ALICE,
): Promise<Balance | undefined> {
  const [row] = await store.snapshot([balanceKey(userId, asset)])
  return row && loadBalance(asset, row)
}

export async function accountOf(
  store: Pick<Store, 'snapshot'>,
  userId = ALICE,
): Promise<Account | undefined> {
  const [row] = await store.snapshot([headKey(userId)])
  return row && loadAccount(row)
}

export async function eventOf(
  store: Pick<Store, 'snapshot'>,
  seq: bigint,
  userId = ALICE,
): Promise<JournalEvent> {
  const [row] = await store.snapshot([eventKey(userId, seq)])
  if (row === undefined) throw new Error(`No event ${seq}`)
  return loadEvent(row)
}

/** `available held` as text, such as `100.5 0`. */
export async function holdingText(
  store: Pick<Store, 'snapshot'>,
  asset: string,
  userId = ALICE,
): Promise<string> {
  const balance = await balanceOf(store, asset, userId)
  if (balance === undefined) return 'none'
  return `${formatDecimal(balance.a, balance.scale)} ${formatDecimal(balance.h, balance.scale)}`
}
