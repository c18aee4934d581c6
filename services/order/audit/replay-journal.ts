/**
 * Every row of a customer, rebuilt from the journal's texts alone. Written apart from the code that
 * posts changes: it shares the shapes of rows with it and nothing else, so that a mistake in one is
 * not repeated in the other.
 */
import type { TransferAnswer } from '@cnop/contract/balance.ts'
import { parsePrice, parseUsd } from '@cnop/contract/money.ts'
import type { Order as OrderAnswer } from '@cnop/contract/order.ts'
import type { RewardAnswer } from '@cnop/contract/reward.ts'
import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import type { KeyedRow, Row } from '@cnop/kit/store/store.ts'
import { storeTransfer, type TransferKind, transferKey } from '../cash/transfer-rows.ts'
import {
  ACCOUNT_STATUSES,
  type Account,
  HEAD_SORT_KEY,
  storeAccount,
} from '../ledger/account-rows.ts'
import { type Balance, balanceKey, storeBalance } from '../ledger/balance-rows.ts'
import {
  IDEMPOTENCY_LIFE_SECONDS,
  idempotencyKey,
  storeKeptAnswer,
} from '../ledger/idempotency-rows.ts'
import { eventSortKey, type JournalEvent, type Line, storeEvent } from '../ledger/journal-rows.ts'
import { secondsOf } from '../ledger/moment.ts'
import { orderOfAnswer } from '../orders/order-answer.ts'
import { type Order, orderKey, storeOrder } from '../orders/order-rows.ts'

/** What an event made of the account, and of the order it is about. */
export type Step = {
  readonly event: JournalEvent
  readonly balances: readonly { readonly before: Balance | undefined; readonly after: Balance }[]
  readonly order?: { readonly before: Order | undefined; readonly after: Order }
  /** Rows that no later event changes: the kept answer, a transfer, an order that has ended. */
  readonly settled: readonly KeyedRow[]
}

export type Replay = {
  /** Throws `CorruptRow` where an event does not say enough. */
  apply(event: JournalEvent, hash: string): Step
  readonly account: () => Account | undefined
  readonly balances: ReadonlyMap<string, Balance>
  /** Orders that have not ended; what has ended is let go of, so that memory stays small. */
  readonly openOrders: ReadonlyMap<string, Order>
}

const ENDED: ReadonlySet<string> = new Set([
  'completed',
  'cancelled',
  'expired',
  'failed',
  'replaced',
])

const TRANSFER_OF: Partial<Record<JournalEvent['type'], TransferKind>> = {
  'cash-deposited': 'deposit',
  'cash-withdrawn': 'withdrawal',
  'reward-paid': 'reward',
  'balance-adjusted': 'adjustment',
}

export function createReplay(userId: string): Replay {
  let account: Account | undefined
  const balances = new Map<string, Balance>()
  const openOrders = new Map<string, Order>()

  return { apply, account: () => account, balances, openOrders }

  function apply(event: JournalEvent, hash: string): Step {
    const moved = event.lines.map((line) => {
      const before = balances.get(line.asset)
      return { before, after: balanceAfter(before, line, event) }
    })
    const order = orderStep(event, openOrders)
    account = accountAfter(account, event, { hash, order })
    for (const { after } of moved) balances.set(after.asset, after)
    const settled = [keptRow(userId, event), ...transferRow(userId, event)]
    if (order !== undefined && ENDED.has(order.after.status)) {
      openOrders.delete(order.after.id)
      const { sk } = orderKey(userId, order.after.id)
      settled.push({ sk, row: storeOrder(order.after) })
    } else if (order !== undefined) {
      openOrders.set(order.after.id, order.after)
    }
    return { event, balances: moved, ...(order === undefined ? {} : { order }), settled }
  }
}

/** Every row of the partition but its refusals, by sort key: what a repair would write. */
export function replayJournal(
  userId: string,
  events: readonly {
    readonly event: JournalEvent
    readonly bytes: string
    readonly hash: string
  }[],
): ReadonlyMap<string, Row> {
  const replay = createReplay(userId)
  const rows = new Map<string, Row>()
  for (const { event, bytes, hash } of events) {
    for (const { sk, row } of replay.apply(event, hash).settled) rows.set(sk, row)
    rows.set(eventSortKey(event.seq), storeEvent({ bytes, hash }))
  }
  const account = replay.account()
  if (account !== undefined) rows.set(HEAD_SORT_KEY, storeAccount(account))
  for (const balance of replay.balances.values()) {
    rows.set(balanceKey(userId, balance.asset).sk, storeBalance(balance))
  }
  for (const order of replay.openOrders.values()) {
    rows.set(orderKey(userId, order.id).sk, storeOrder(order))
  }
  return rows
}

const NEVER_MOVED = { a: 0n, h: 0n, ci: 0n, co: 0n, xT: 0n, xF: 0n, xE: 0n } as const

function balanceAfter(before: Balance | undefined, line: Line, event: JournalEvent): Balance {
  const day = event.at.slice(0, 10)
  const was = before ?? { ...NEVER_MOVED, cost: 0n, realized: 0n, ver: 0n, createdAt: event.at }
  const had = was.a + was.h
  const has = had + line.a + line.h
  const today = before?.day === day ? before : { open: had, flow: 0n }
  return {
    asset: line.asset,
    scale: before?.scale ?? line.scale,
    a: was.a + line.a,
    h: was.h + line.h,
    ci: has > had ? was.ci + has - had : was.ci,
    co: has < had ? was.co + had - has : was.co,
    xT: was.xT + line.xT,
    xF: was.xF + line.xF,
    xE: was.xE + line.xE,
    cost: was.cost + line.cost,
    realized: was.realized + line.realized,
    day,
    open: today.open,
    flow: today.flow - line.xE,
    ver: was.ver + 1n,
    seq: event.seq,
    createdAt: was.createdAt,
    updatedAt: event.at,
  }
}

function orderStep(
  event: JournalEvent,
  openOrders: ReadonlyMap<string, Order>,
): { before: Order | undefined; after: Order } | undefined {
  if (!event.type.startsWith('order-')) return undefined
  const answer = dataOf(event) as OrderAnswer
  const before = openOrders.get(answer.order_id)
  const after = orderOfAnswer(answer, {
    scale: before?.scale ?? scaleOf(event, answer.asset_id),
    version: (before?.version ?? 0n) + 1n,
    placedSeq: before?.placedSeq ?? event.seq,
    seq: event.seq,
    notional: before?.notional ?? numberIn(event.notional, parseUsd),
    worstPrice: before?.worstPrice ?? numberIn(event.worstPrice, parsePrice),
  })
  return { before, after }
}

function scaleOf(event: JournalEvent, asset: string): number {
  const line = event.lines.find((one) => one.asset === asset)
  const scale = line?.scale ?? event.quantityScale
  if (scale === undefined)
    throw new CorruptRow('bytes', 'an event that tells the scale of its order')
  return scale
}

function numberIn(
  text: string | undefined,
  parse: (text: string) => bigint | undefined,
): bigint | undefined {
  if (text === undefined) return undefined
  const units = parse(text)
  if (units === undefined) throw new CorruptRow('bytes', 'an event with plain decimals')
  return units
}

/** The answers are ours, and the chain says that nobody has changed them. */
const dataOf = (event: JournalEvent): unknown => (JSON.parse(event.body) as { data: unknown }).data

function accountAfter(
  before: Account | undefined,
  event: JournalEvent,
  { hash, order }: { hash: string; order: Step['order'] | undefined },
): Account {
  const { seq, at } = event
  const day = at.slice(0, 10)
  const was = before ?? { createdAt: at, openOrders: 0n, cashTransactions: 0n }
  const today = before?.day === day ? before : { depositedToday: 0n, withdrawnToday: 0n }
  const cash = event.lines.find(({ asset }) => asset === 'USD')
  return {
    seq,
    hash,
    at,
    createdAt: was.createdAt,
    status: statusAfter(before, event),
    openOrders: was.openOrders + openedBy(order),
    cashTransactions: was.cashTransactions + (cash === undefined ? 0n : 1n),
    day,
    depositedToday: today.depositedToday + (event.type === 'cash-deposited' ? (cash?.a ?? 0n) : 0n),
    withdrawnToday: today.withdrawnToday - (event.type === 'cash-withdrawn' ? (cash?.a ?? 0n) : 0n),
    rewarded: rewardOf(event) ?? (before?.day === day ? before.rewarded : undefined),
  }
}

/** What the event paid as a reward, by what was answered. */
function rewardOf({ type, body }: JournalEvent): Account['rewarded'] {
  if (type !== 'reward-paid') return undefined
  return (JSON.parse(body) as RewardAnswer).got_red_pocket ? 'red-pocket' : 'small'
}

/** One more open order, one less, or as many as before. */
function openedBy(order: Step['order'] | undefined): bigint {
  if (order === undefined) return 0n
  const opened = ENDED.has(order.after.status) ? 0n : 1n
  return opened - (order.before === undefined ? 0n : 1n)
}

function statusAfter(before: Account | undefined, event: JournalEvent): Account['status'] {
  if (event.type !== 'account-status-set') return before?.status ?? 'active'
  const { status } = dataOf(event) as { status: unknown }
  const known = ACCOUNT_STATUSES.find((name) => name === status)
  if (known === undefined) throw new CorruptRow('bytes', 'an event with a known account status')
  return known
}

function keptRow(userId: string, { key, fingerprint, at, seq }: JournalEvent): KeyedRow {
  const expires = secondsOf(at) + IDEMPOTENCY_LIFE_SECONDS
  return {
    sk: idempotencyKey(userId, key).sk,
    row: storeKeptAnswer({ fingerprint, expires, seq }),
  }
}

function transferRow(userId: string, event: JournalEvent): KeyedRow[] {
  const kind = TRANSFER_OF[event.type]
  const [line] = event.lines
  if (kind === undefined || line === undefined) return []
  const { transaction_id: id } = JSON.parse(event.body) as TransferAnswer
  const { seq, at: createdAt } = event
  const { asset, a: amount } = line
  const row = storeTransfer({ id, kind, asset, amount, state: 'completed', seq, createdAt })
  return [{ sk: transferKey(userId, id).sk, row }]
}
