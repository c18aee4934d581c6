/** The stored rows against what the journal came to: none differs, none is missing, none is more. */
import { type KeyedRow, type QueryRange, type Row, STORE_LIMITS } from '@cnop/kit/store/store.ts'
import { loadTransfer, TRANSFER_RANGE, transferIdOfKey } from '../cash/transfer-rows.ts'
import {
  HEAD_SORT_KEY,
  headKey,
  loadAccount,
  partitionOf,
  storeAccount,
} from '../ledger/account-rows.ts'
import {
  assetOfBalanceKey,
  BALANCE_RANGE,
  balanceKey,
  loadBalance,
  storeBalance,
} from '../ledger/balance-rows.ts'
import { IDEMPOTENCY_RANGE, loadKeptAnswer } from '../ledger/idempotency-rows.ts'
import { loadOrder, ORDER_RANGE, orderIdOfKey, orderKey, storeOrder } from '../orders/order-rows.ts'
import { type AuditPass, auditJournal, compareRow } from './audit-journal.ts'
import { checkBalance, checkHolds } from './check-balances.ts'

export async function auditRows(pass: AuditPass): Promise<void> {
  const standing = await readStanding(pass)
  if (standing === undefined) return
  compareStanding(pass, standing)
  await countRows(pass)
  await findStrays(pass)
}

/** The rows that still change, all of them as of the last event replayed. */
type Standing = {
  readonly head: Row | undefined
  readonly balances: readonly KeyedRow[]
  readonly orders: readonly KeyedRow[]
}

const READS_MAX = 50

/** Reads until the head stood still meanwhile, following the journal as it grows. */
async function readStanding(pass: AuditPass): Promise<Standing | undefined> {
  for (let read = 1; read <= READS_MAX; read += 1) {
    const standing = await readOnce(pass)
    if (standing !== undefined) return standing
    if (pass.findings.stop() !== undefined) return undefined
  }
  pass.findings.stopped('L6', 'the account changed all the time')
  return undefined
}

/** `undefined` when the account has moved on: then so has the replay. */
async function readOnce(pass: AuditPass): Promise<Standing | undefined> {
  const head = await readHead(pass)
  const seq = head === undefined ? 0n : loadAccount(head).seq
  const replayed = seqOf(pass)
  if (seq === replayed) {
    const balances = await readAll(pass, BALANCE_RANGE)
    const orders = await readOpenOrders(pass)
    const again = await readHead(pass)
    if (again?.['seq'] === head?.['seq']) return { head, balances, orders }
  }
  await auditJournal(pass)
  if (seq !== replayed && seqOf(pass) === replayed) {
    pass.findings.stopped('E1', `the head is at ${seq}, the journal ends with ${replayed}`)
  }
  return undefined
}

const seqOf = ({ replay }: AuditPass): bigint => replay.account()?.seq ?? 0n

async function readHead({ store, userId }: AuditPass): Promise<Row | undefined> {
  const [head] = await store.snapshot([headKey(userId)])
  return head
}

async function readAll(
  { store, userId }: AuditPass,
  range: Omit<QueryRange, 'limit'>,
): Promise<KeyedRow[]> {
  const rows: KeyedRow[] = []
  for await (const page of pagesOf({ store, userId }, range)) rows.push(...page)
  return rows
}

async function* pagesOf(
  { store, userId }: Pick<AuditPass, 'store' | 'userId'>,
  range: Omit<QueryRange, 'limit'>,
): AsyncGenerator<readonly KeyedRow[]> {
  let next: QueryRange = { ...range, limit: STORE_LIMITS.queryRowsMax }
  for (;;) {
    const { rows, more } = await store.query(partitionOf(userId), next)
    yield rows
    const last = rows.at(-1)
    if (!more || last === undefined) return
    next = { ...next, after: last.sk }
  }
}

async function readOpenOrders({ store, userId, replay }: AuditPass): Promise<KeyedRow[]> {
  const keys = [...replay.openOrders.keys()].map((id) => orderKey(userId, id))
  const found: KeyedRow[] = []
  for (let start = 0; start < keys.length; start += STORE_LIMITS.keysPerSnapshotMax) {
    const chunk = keys.slice(start, start + STORE_LIMITS.keysPerSnapshotMax)
    const rows = await store.snapshot(chunk)
    for (const [index, { sk }] of chunk.entries()) {
      const row = rows[index]
      if (row !== undefined) found.push({ sk, row })
    }
  }
  return found
}

function compareStanding(pass: AuditPass, { head, balances, orders }: Standing): void {
  const { findings, replay, userId, listener } = pass
  const account = replay.account()
  if (account !== undefined) {
    if (head?.['hash'] !== account.hash) findings.broken('E2', 'the head holds another hash')
    compareRow(findings, { sk: HEAD_SORT_KEY, row: storeAccount(account) }, head)
  }
  const storedBalances = new Map(balances.map(({ sk, row }) => [sk, row]))
  for (const balance of replay.balances.values()) {
    const { sk } = balanceKey(userId, balance.asset)
    compareRow(findings, { sk, row: storeBalance(balance) }, storedBalances.get(sk))
    storedBalances.delete(sk)
  }
  for (const sk of storedBalances.keys()) findings.broken('L6', `no event tells of ${sk}`)
  const loaded = balances.map(({ sk, row }) => loadBalance(assetOfBalanceKey(sk), row))
  for (const balance of loaded) {
    checkBalance(balance, findings)
    listener.balance?.(balance)
  }
  const storedOrders = new Map(orders.map(({ sk, row }) => [sk, row]))
  for (const order of replay.openOrders.values()) {
    const { sk } = orderKey(userId, order.id)
    compareRow(findings, { sk, row: storeOrder(order) }, storedOrders.get(sk))
  }
  const open = orders.map(({ sk, row }) => loadOrder(orderIdOfKey(sk), row))
  checkHolds(loaded, open, findings)
}

/**
 * Each row that the journal tells of was found where it belongs; as many as there are, so there is
 * no other. Rows of events behind the last one replayed are not counted, but must have an event.
 */
async function countRows(pass: AuditPass): Promise<void> {
  const { settled, replay, findings, nowSeconds, listener } = pass
  const replayed = seqOf(pass)
  let newest = 0n
  const isOurs = (seq: bigint): boolean => {
    if (seq > newest) newest = seq
    return seq <= replayed
  }
  const orders = await count(pass, ORDER_RANGE, ({ sk, row }) =>
    isOurs(loadOrder(orderIdOfKey(sk), row).placedSeq),
  )
  const transfers = await count(pass, TRANSFER_RANGE, ({ sk, row }) => {
    const transfer = loadTransfer(transferIdOfKey(sk), row)
    const ours = isOurs(transfer.seq)
    if (ours) listener.transfer?.(transfer)
    return ours
  })
  const answers = await count(pass, IDEMPOTENCY_RANGE, ({ row }) => {
    const kept = loadKeptAnswer(row)
    return 'seq' in kept && kept.expires > nowSeconds && isOurs(kept.seq)
  })
  const head = await readHead(pass)
  if (newest > (head === undefined ? 0n : loadAccount(head).seq)) {
    findings.broken('L6', `a row names event ${newest}, which is not there`)
  }
  const told = { ...settled, orders: settled.orders + replay.openOrders.size }
  for (const [what, stored] of Object.entries({ orders, transfers, answers })) {
    const expected = told[what as keyof typeof told]
    if (stored !== expected) {
      findings.broken('L6', `${stored} ${what} are stored, the journal tells of ${expected}`)
    }
  }
}

async function count(
  pass: AuditPass,
  range: Omit<QueryRange, 'limit'>,
  counts: (row: KeyedRow) => boolean,
): Promise<number> {
  let total = 0
  for await (const page of pagesOf(pass, range)) total += page.filter(counts).length
  return total
}

/** Between and around the ranges of the kinds of row there are, no other row stands. */
const GAPS: readonly Omit<QueryRange, 'limit'>[] = [
  { to: '@HEAC\u{10ffff}' },
  { after: HEAD_SORT_KEY, to: 'B#' },
  { from: 'B$', to: 'D#' },
  { from: 'D$', to: 'E#' },
  { from: 'E$', to: 'I#' },
  { from: 'I$', to: 'O#' },
  { from: 'O$' },
]

async function findStrays({ store, userId, findings }: AuditPass): Promise<void> {
  for (const gap of GAPS) {
    const { rows } = await store.query(partitionOf(userId), { ...gap, limit: 1 })
    const [stray] = rows
    if (stray !== undefined) findings.broken('L6', `${stray.sk} is no row of an account`)
  }
}
