/**
 * Changes become rows here, and only here: each is one journal event, the balances, order and
 * transfer it touches, the answer kept for its key, and the head that moves by one. Several changes
 * of one account may be posted one after another and be committed as one.
 *
 * What must always hold is asserted before anything is kept, in production too: a bug ends as an
 * error and not as a wrong balance.
 */
import type { Condition, Key, Op, Row } from '@cnop/kit/store/store.ts'
import { storeTransfer, transferKey } from '../cash/transfer-rows.ts'
import { type Order, orderKey, storeOrder } from '../orders/order-rows.ts'
import { assertTransition, isOpen } from '../orders/order-states.ts'
import { type Account, headKey, storeAccount } from './account-rows.ts'
import { type Balance, balanceKey, CASH, quantityOf, storeBalance } from './balance-rows.ts'
import type { Change } from './change.ts'
import {
  IDEMPOTENCY_LIFE_SECONDS,
  idempotencyKey,
  type KeptAnswer,
  storeKeptAnswer,
} from './idempotency-rows.ts'
import {
  type Actor,
  chainHash,
  eventBytes,
  eventKey,
  genesisHash,
  type JournalEvent,
  type Line,
  type Posting,
  storeEvent,
} from './journal-rows.ts'
import { dayOf, secondsOf } from './moment.ts'

/** The part of an account that a commit has read, as its changes so far have left it. */
export type Draft = {
  readonly userId: string
  account: Account | undefined
  /** By asset, order id and key. */
  readonly balances: Map<string, Balance>
  readonly orders: Map<string, Order>
  readonly kept: Map<string, KeptAnswer>
  /** Of the events posted on this draft. */
  readonly answers: Map<bigint, { readonly status: number; readonly body: string }>
  /** By sort key: the last row of each, under the condition on the row that was read. */
  readonly writes: Map<string, Op>
}

/** What is decided only by arithmetic that cannot go wrong, and did. */
export class LedgerViolation extends Error {
  constructor(rule: string, what: string) {
    super(`${rule} does not hold: ${what}`)
    this.name = 'LedgerViolation'
  }
}

/** Who asked for a change, and what the answer is. */
export type Told = {
  readonly actor: Actor
  readonly requestId: string
  readonly key: string
  readonly fingerprint: string
  /** RFC 3339; the event's. */
  readonly at: string
  readonly status: number
  /** JSON, to the byte. */
  readonly body: string
}

/** Posts one change as the account's next event. Throws before the draft is touched, or not at all. */
export function postChange(draft: Draft, change: Change, told: Told): void {
  const { userId, account } = draft
  const seq = (account?.seq ?? 0n) + 1n
  const balances = change.postings.map((posting) => posted(draft, posting, { seq, at: told.at }))
  const order = change.order && orderAfter(draft, change.order, seq)
  const event = eventOf(change, told, { seq, lines: linesOf(change.postings, balances) })
  const bytes = eventBytes(event)
  const hash = chainHash(account?.hash ?? genesisHash(userId), bytes)
  const head = headAfter(draft, { change, order, seq, hash, at: told.at })

  write(draft, headKey(userId), storeAccount(head), whereRead(account))
  write(draft, eventKey(userId, seq), storeEvent({ bytes, hash }), { absent: true })
  for (const balance of balances) writeBalance(draft, balance)
  if (order !== undefined) writeOrder(draft, order)
  if (change.transfer !== undefined) {
    const { transfer } = change
    const row = storeTransfer({ ...transfer, state: 'completed', seq, createdAt: told.at })
    write(draft, transferKey(userId, transfer.id), row)
  }
  draft.account = head
  draft.answers.set(seq, { status: told.status, body: told.body })
  keepAnswer(draft, told, { seq })
}

/** Keeps an answer that changed nothing: a refusal, or a state that was so already. */
export function keepUnchanged(draft: Draft, told: Omit<Told, 'actor' | 'requestId'>): void {
  keepAnswer(draft, told, { status: told.status, body: told.body })
}

function keepAnswer(
  draft: Draft,
  { key, fingerprint, at }: Pick<Told, 'key' | 'fingerprint' | 'at'>,
  answer: { seq: bigint } | { status: number; body: string },
): void {
  const before = draft.kept.get(key)
  const kept = { fingerprint, expires: secondsOf(at) + IDEMPOTENCY_LIFE_SECONDS, ...answer }
  const when: Condition =
    before === undefined
      ? { absent: true }
      : { equals: { fingerprint: before.fingerprint, expires: before.expires } }
  write(draft, idempotencyKey(draft.userId, key), storeKeptAnswer(kept), when)
  draft.kept.set(key, kept)
}

/**
 * The head under its condition guards every row of the account; only what it cannot know of has
 * one of its own: the answer of a key, which a refusal also writes, and the event, which nothing
 * may ever overwrite.
 */
function write(draft: Draft, key: Key, row: Row, when?: Condition): void {
  const first = draft.writes.get(key.sk)?.when ?? when
  const condition = first === undefined ? {} : { when: first }
  draft.writes.set(key.sk, { kind: 'put', key, row, ...condition })
}

/** The head moves from where it was read: nobody else has changed anything of the account since. */
const whereRead = (account: Account | undefined): Condition =>
  account === undefined ? { absent: true } : { equals: { seq: account.seq } }

function writeBalance(draft: Draft, balance: Balance): void {
  write(draft, balanceKey(draft.userId, balance.asset), storeBalance(balance))
  draft.balances.set(balance.asset, balance)
}

function writeOrder(draft: Draft, order: Order): void {
  write(draft, orderKey(draft.userId, order.id), storeOrder(order))
  draft.orders.set(order.id, order)
}

function posted(
  { balances }: Draft,
  posting: Posting,
  { seq, at }: { seq: bigint; at: string },
): Balance {
  const day = dayOf(at)
  const before = balances.get(posting.asset) ?? emptyBalance(posting, at)
  const sameDay = before.day === day
  const moved = posting.a + posting.h
  const after: Balance = {
    ...before,
    a: before.a + posting.a,
    h: before.h + posting.h,
    ci: before.ci + (moved > 0n ? moved : 0n),
    co: before.co - (moved < 0n ? moved : 0n),
    xT: before.xT + posting.xT,
    xF: before.xF + posting.xF,
    xE: before.xE + posting.xE,
    cost: before.cost + posting.cost,
    realized: before.realized + posting.realized,
    day,
    open: sameDay ? before.open : quantityOf(before),
    flow: (sameDay ? before.flow : 0n) - posting.xE,
    ver: before.ver + 1n,
    seq,
    updatedAt: at,
  }
  assertBalance(posting, after)
  return after
}

const emptyBalance = ({ asset, scale }: Posting, at: string): Balance => ({
  asset,
  scale,
  a: 0n,
  h: 0n,
  ci: 0n,
  co: 0n,
  xT: 0n,
  xF: 0n,
  xE: 0n,
  cost: 0n,
  realized: 0n,
  day: dayOf(at),
  open: 0n,
  flow: 0n,
  ver: 0n,
  seq: 0n,
  createdAt: at,
  updatedAt: at,
})

function assertBalance(posting: Posting, after: Balance): void {
  const { asset } = posting
  if (posting.scale !== after.scale) throw new LedgerViolation('L9', `the scale of ${asset}`)
  if (posting.a + posting.h + posting.xT + posting.xF + posting.xE !== 0n) {
    throw new LedgerViolation('L1', `the postings of ${asset} do not sum to zero`)
  }
  if (after.a < 0n || after.h < 0n) throw new LedgerViolation('L4', `${asset} would be negative`)
  if (after.cost < 0n) throw new LedgerViolation('L4', `the cost of ${asset} would be negative`)
}

function orderAfter({ orders }: Draft, state: NonNullable<Change['order']>, seq: bigint): Order {
  const before = orders.get(state.id)
  assertTransition(before, state)
  if (state.filled > state.quantity || state.filled < (before?.filled ?? 0n)) {
    throw new LedgerViolation('O2', `order ${state.id} is filled with ${state.filled}`)
  }
  if ((state.status === 'completed') !== (state.filled === state.quantity)) {
    throw new LedgerViolation('O2', `order ${state.id} is ${state.status}`)
  }
  if (state.hold < 0n || state.hold > (before?.hold ?? state.hold)) {
    throw new LedgerViolation('H3', `order ${state.id} would hold ${state.hold}`)
  }
  if (!isOpen(state.status) && state.hold !== 0n) {
    throw new LedgerViolation('H2', `order ${state.id} is ${state.status} and holds`)
  }
  return {
    ...state,
    version: (before?.version ?? 0n) + 1n,
    placedSeq: before?.placedSeq ?? seq,
    seq,
  }
}

function linesOf(postings: readonly Posting[], balances: readonly Balance[]): Line[] {
  return postings.map((posting, index) => {
    const { a = 0n, h = 0n } = balances[index] ?? {}
    return { ...posting, after: { a, h } }
  })
}

function eventOf(
  change: Change,
  told: Told,
  { seq, lines }: { seq: bigint; lines: readonly Line[] },
): JournalEvent {
  const {
    postings: _asLines,
    order: _inBody,
    transfer: _too,
    accountStatus: _so,
    reward: _also,
    ...facts
  } = change
  return { ...facts, ...told, seq, lines }
}

function headAfter(
  { account: before, orders }: Draft,
  step: { change: Change; order: Order | undefined; seq: bigint; hash: string; at: string },
): Account {
  const { change, order, seq, hash, at } = step
  const wasOpen = order !== undefined && isOpen(orders.get(order.id)?.status ?? 'completed')
  const staysOpen = order !== undefined && isOpen(order.status)
  return {
    seq,
    hash,
    at,
    createdAt: before?.createdAt ?? at,
    status: change.accountStatus ?? before?.status ?? 'active',
    openOrders: (before?.openOrders ?? 0n) + BigInt(staysOpen) - BigInt(wasOpen),
    cashTransactions:
      (before?.cashTransactions ?? 0n) +
      BigInt(change.postings.some(({ asset }) => asset === CASH)),
    ...todayAfter(before, change, dayOf(at)),
  }
}

/** The columns of the day; another day begins with none of it. */
function todayAfter(
  before: Account | undefined,
  { transfer, reward }: Change,
  day: string,
): Pick<Account, 'day' | 'depositedToday' | 'withdrawnToday' | 'rewarded'> {
  const today = before?.day === day ? before : undefined
  return {
    day,
    depositedToday:
      (today?.depositedToday ?? 0n) + (transfer?.kind === 'deposit' ? transfer.amount : 0n),
    withdrawnToday:
      (today?.withdrawnToday ?? 0n) - (transfer?.kind === 'withdrawal' ? transfer.amount : 0n),
    rewarded: reward ?? today?.rewarded,
  }
}
