/**
 * The journal: one event for every change of an account, in a chain. The event's text is what is
 * stored and hashed; everything else in the partition can be rebuilt from these texts alone.
 *
 * A line of an event says what it added to the accounts of one asset, and what the customer then
 * had: `["BTC",8,"a+1000000 xT-1000000 cost+67299","1000000 0"]` is the asset, its scale, the
 * postings (they sum to zero; `cost` and `realized` are memos in cents, not postings), and the
 * quantity available and held afterwards. Short, because the row of an event must not outgrow a
 * kilobyte.
 */
import { hash } from 'node:crypto'
import { CorruptRow, textIn, withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from './account-rows.ts'

export const EVENT_PREFIX = 'E#'
const SEQ_DIGITS = 16

export const eventSortKey = (seq: bigint): string =>
  `${EVENT_PREFIX}${seq.toString().padStart(SEQ_DIGITS, '0')}`

export const eventKey = (userId: string, seq: bigint): Key => ({
  pk: partitionOf(userId),
  sk: eventSortKey(seq),
})

export const seqOfEventKey = (sortKey: string): bigint => BigInt(sortKey.slice(EVENT_PREFIX.length))

/** Every event of a partition, oldest first: bounds of a query. */
export const EVENT_RANGE = { from: EVENT_PREFIX, to: 'E$' } as const

export const EVENT_TYPES = [
  'cash-deposited',
  'cash-withdrawn',
  'order-placed',
  'order-filled',
  'order-cancelled',
  'reward-paid',
  'balance-adjusted',
  'account-status-set',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Who caused the event: the customer whose partition it is, which needs no words, or another. */
export type Actor =
  | { readonly kind: 'customer' }
  | { readonly kind: 'operator' | 'system'; readonly id: string }

/** The accounts a posting can be on: the columns of a balance that sum to zero. */
export const ACCOUNTS = ['a', 'h', 'xT', 'xF', 'xE'] as const
/** What else a line adds to: cents of cost basis and of profit. */
export const MEMOS = ['cost', 'realized'] as const
const LINE_COLUMNS = [...ACCOUNTS, ...MEMOS]
export type LineColumn = (typeof LINE_COLUMNS)[number]

/** What one event adds to the balance of one asset. */
export type Posting = {
  readonly asset: string
  readonly scale: number
} & Readonly<Record<LineColumn, bigint>>

/** A posting, and the quantity available and held after it. */
export type Line = Posting & { readonly after: { readonly a: bigint; readonly h: bigint } }

export type JournalEvent = {
  readonly type: EventType
  readonly seq: bigint
  /** RFC 3339, UTC; never before the event before it. */
  readonly at: string
  readonly actor: Actor
  readonly requestId: string
  readonly key: string
  readonly fingerprint: string
  readonly lines: readonly Line[]
  /** Why an operator did it. */
  readonly reason?: string | undefined
  /** The event this one corrects. */
  readonly corrects?: bigint | undefined
  /** Terms of an order that its answer does not tell, of a placing event: decimal text. */
  readonly notional?: string | undefined
  readonly worstPrice?: string | undefined
  /** Decimal places of an order's quantities, where no line of the event tells them. */
  readonly quantityScale?: number | undefined
  /** For how long the quote of a fill was fresh, from its tick on. */
  readonly quoteLifeMs?: number | undefined
  readonly status: number
  /** The exact bytes of the answer: JSON as `JSON.stringify` writes it. */
  readonly body: string
}

/** The line of an asset; `undefined` when the event did not touch it. */
export const lineOf = (event: JournalEvent, asset: string): Line | undefined =>
  event.lines.find((line) => line.asset === asset)

/** The event's canonical text. Its answer is the last member, byte for byte. */
export function eventBytes(event: JournalEvent): string {
  const { actor, status, body } = event
  const told = withoutAbsent({
    type: event.type,
    seq: Number(event.seq),
    at: event.at,
    actor: actor.kind === 'customer' ? undefined : actor.kind,
    actor_id: 'id' in actor ? actor.id : undefined,
    request: event.requestId,
    key: event.key,
    fingerprint: event.fingerprint,
    lines: event.lines.map(encodeLine),
    reason: event.reason,
    corrects: event.corrects === undefined ? undefined : Number(event.corrects),
    notional: event.notional,
    worst_price: event.worstPrice,
    quantity_scale: event.quantityScale,
    quote_life_ms: event.quoteLifeMs,
    status,
  })
  return `${JSON.stringify(told).slice(0, -1)},"body":${body}}`
}

/** What `eventBytes` wrote, read back; throws `CorruptRow` for any other text. */
export function parseEvent(bytes: string): JournalEvent {
  const told = jsonIn(bytes)
  return withoutAbsent({
    type: member(told, 'type', isEventType),
    seq: BigInt(member(told, 'seq', isCount)),
    at: member(told, 'at', isText),
    actor: parseActor(told),
    requestId: member(told, 'request', isText),
    key: member(told, 'key', isText),
    fingerprint: member(told, 'fingerprint', isText),
    lines: member(told, 'lines', Array.isArray).map(parseLine),
    reason: optional(told, 'reason', isText),
    corrects: bigintOf(optional(told, 'corrects', isCount)),
    notional: optional(told, 'notional', isText),
    worstPrice: optional(told, 'worst_price', isText),
    quantityScale: optional(told, 'quantity_scale', isCount),
    quoteLifeMs: optional(told, 'quote_life_ms', isCount),
    status: member(told, 'status', isCount),
    body: JSON.stringify(told['body']),
  })
}

/** What the first event of a customer follows: no chain can be moved to another customer. */
export const genesisHash = (userId: string): string => chainHash('', partitionOf(userId))

export const chainHash = (previous: string, bytes: string): string =>
  hash('sha256', previous + bytes, 'base64url')

/** The stored row: the text, and the hash of the previous event's hash and this text. */
export type StoredEvent = { readonly bytes: string; readonly hash: string }

export const storeEvent = (stored: StoredEvent): Row => ({ ...stored })

export const loadStoredEvent = (row: Row): StoredEvent => ({
  bytes: textIn(row, 'bytes'),
  hash: textIn(row, 'hash'),
})

export const loadEvent = (row: Row): JournalEvent => parseEvent(textIn(row, 'bytes'))

type LineText = readonly [asset: string, scale: number, postings: string, after: string]

function encodeLine(line: Line): LineText {
  const postings = LINE_COLUMNS.flatMap((column) => {
    const units = line[column]
    return units === 0n ? [] : [`${column}${units > 0n ? '+' : ''}${units}`]
  })
  return [line.asset, line.scale, postings.join(' '), `${line.after.a} ${line.after.h}`]
}

const POSTING = /^([a-zA-Z]+)([+-][0-9]+)$/
const AFTER = /^(-?[0-9]+) (-?[0-9]+)$/

function parseLine(text: unknown): Line {
  const [asset, scale, postings, after] = Array.isArray(text) ? (text as unknown[]) : []
  if (!isText(asset) || !isCount(scale) || !isText(postings) || !isText(after)) {
    throw new CorruptRow('bytes', 'an event: a line of it is none')
  }
  const [, a, h] = AFTER.exec(after) ?? []
  if (a === undefined || h === undefined) throw new CorruptRow('bytes', 'an event: balance after')
  return {
    asset,
    scale,
    ...parsePostings(postings),
    after: { a: BigInt(a), h: BigInt(h) },
  }
}

function parsePostings(text: string): Record<LineColumn, bigint> {
  const columns: Record<LineColumn, bigint> = {
    a: 0n,
    h: 0n,
    xT: 0n,
    xF: 0n,
    xE: 0n,
    cost: 0n,
    realized: 0n,
  }
  for (const posting of text === '' ? [] : text.split(' ')) {
    const [, name, units] = POSTING.exec(posting) ?? []
    const column = LINE_COLUMNS.find((known) => known === name)
    if (column === undefined || units === undefined) {
      throw new CorruptRow('bytes', `an event: posting ${posting}`)
    }
    columns[column] = BigInt(units)
  }
  return columns
}

function parseActor(told: Record<string, unknown>): Actor {
  const kind = optional(told, 'actor', isNamedActor)
  return kind === undefined ? { kind: 'customer' } : { kind, id: member(told, 'actor_id', isText) }
}

function jsonIn(bytes: string): Record<string, unknown> {
  let told: unknown
  try {
    told = JSON.parse(bytes)
  } catch {
    throw new CorruptRow('bytes', 'an event: no JSON')
  }
  if (typeof told !== 'object' || told === null) throw new CorruptRow('bytes', 'an event')
  return told as Record<string, unknown>
}

type Guard<T> = (value: unknown) => value is T

const isText: Guard<string> = (value) => typeof value === 'string'
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0
const isEventType = (value: unknown): value is EventType =>
  EVENT_TYPES.some((type) => type === value)
const isNamedActor = (value: unknown): value is 'operator' | 'system' =>
  value === 'operator' || value === 'system'

function member<T>(told: Record<string, unknown>, name: string, is: Guard<T>): T {
  const value = told[name]
  if (!is(value)) throw new CorruptRow('bytes', `an event: ${name}`)
  return value
}

const optional = <T>(told: Record<string, unknown>, name: string, is: Guard<T>): T | undefined =>
  told[name] === undefined ? undefined : member(told, name, is)

const bigintOf = (count: number | undefined): bigint | undefined =>
  count === undefined ? undefined : BigInt(count)
