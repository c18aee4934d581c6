/**
 * The history of concurrent clients, held against the journal and the model: the journal says in which
 * order the requests of an account took effect. That order must respect who had their answer before
 * whom, every answer must be the one that the model gives there, and every refusal must have been
 * right at some moment while its request was under way.
 */
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { partitionOf } from '@cnop/services/order/ledger/account-rows.ts'
import { EVENT_RANGE } from '@cnop/services/order/ledger/journal-rows.ts'
import {
  type AccountModel,
  ask,
  type Limits,
  NEW_ACCOUNT,
  type Quoted,
  SCALES,
  type Wish,
} from './account-model.ts'

/** A request as its client saw it, under a key of its own or one that it asked with before. */
export type Operation = {
  readonly key: string
  readonly wish: Wish
  /** Of one clock for all clients; the greater is the later. */
  readonly invokedAt: number
  readonly endedAt: number
  /** Absent when the client does not know: no answer, or one that says so (5xx). */
  readonly answer?: { readonly status: number; readonly body: string } | undefined
}

/** An event as its text says it. */
export type JournalEntry = {
  readonly seq: number
  readonly key: string
  readonly at: string
  /** Asset, scale, postings, and `available held` afterwards. */
  readonly lines: readonly (readonly [string, number, string, string])[]
  readonly body: { readonly data?: ToldOrder }
}

type ToldOrder = {
  readonly filled_quantity: string
  readonly total_amount: string
  readonly fee: string
  readonly fill?: { readonly price: string }
}

export type Verdict = {
  readonly misfits: readonly string[]
  /** Operations by how they ended: `ok`, `unknown`, or the code of the refusal that was judged. */
  readonly judged: ReadonlyMap<string, number>
}

const PAGE = 1_000

export async function journalOf(
  store: Pick<StoreReader, 'query'>,
  userId: string,
): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = []
  let after: string | undefined
  for (;;) {
    const { rows, more } = await store.query(partitionOf(userId), {
      ...EVENT_RANGE,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    for (const { row } of rows) entries.push(JSON.parse(String(row['bytes'])) as JournalEntry)
    after = rows.at(-1)?.sk
    if (!more || after === undefined) return entries
  }
}

/** Judges all operations of one account. */
export function judgeHistory(
  operations: readonly Operation[],
  journal: readonly JournalEntry[],
  limits: Limits,
): Verdict {
  const misfits: string[] = []
  const judged = new Map<string, number>()
  const byKey = merged(operations, misfits)
  const states = replayed(byKey, journal, { limits, misfits })
  misfits.push(...orderMisfits(byKey, journal))
  for (const one of byKey.values()) {
    const how = judge(one, { byKey, journal, states, limits, misfits })
    judged.set(how, (judged.get(how) ?? 0) + 1)
  }
  return { misfits, judged }
}

type ByKey = ReadonlyMap<string, Operation>

/**
 * One operation for each key: it may have taken effect from its first attempt on, and has done so
 * when the first of them had its answer.
 */
function merged(operations: readonly Operation[], misfits: string[]): ByKey {
  const byKey = new Map<string, Operation>()
  for (const one of operations) {
    const before = byKey.get(one.key)
    if (before === undefined) {
      byKey.set(one.key, one)
      continue
    }
    if (before.answer && one.answer && before.answer.body !== one.answer.body)
      misfits.push(`${one.key} was answered ${before.answer.body} and ${one.answer.body}`)
    const knows = [before, one].filter(({ answer }) => answer !== undefined)
    byKey.set(one.key, {
      ...one,
      invokedAt: Math.min(before.invokedAt, one.invokedAt),
      endedAt: Math.min(
        ...(knows.length > 0 ? knows : [before, one]).map(({ endedAt }) => endedAt),
      ),
      answer: before.answer ?? one.answer,
    })
  }
  return byKey
}

/** The account before the first event and after each. */
function replayed(
  byKey: ByKey,
  journal: readonly JournalEntry[],
  { limits, misfits }: { limits: Limits; misfits: string[] },
): readonly AccountModel[] {
  const states: AccountModel[] = [NEW_ACCOUNT]
  for (const entry of journal) {
    const before = states.at(-1) ?? NEW_ACCOUNT
    const asked = byKey.get(entry.key)
    if (asked === undefined) {
      misfits.push(`nobody asked for event ${entry.seq} of ${entry.key}`)
      states.push(before)
      continue
    }
    const at = { limits, nowMs: Date.parse(entry.at), quoted: quotedAt(entry.body.data) }
    const { ended, after } = ask(before, asked, at)
    const told = outcomeOf(asked.wish, entry)
    if (ended.replayed || ended.outcome !== told)
      misfits.push(`event ${entry.seq} of ${entry.key} is ${told}; the model: ${ended.outcome}`)
    misfits.push(...lineMisfits(entry, after))
    states.push(after)
  }
  return states
}

const quotedAt = (order: ToldOrder | undefined) => (): Quoted => ({
  price: units(order?.fill?.price ?? '1', 12),
  halted: false,
  stale: false,
})

function outcomeOf(wish: Wish, { body }: JournalEntry): string {
  if (wish.kind !== 'buy' && wish.kind !== 'sell') return 'transferred 1'
  const { filled_quantity = '0', total_amount = '0', fee = '0' } = body.data ?? {}
  const quantity = units(filled_quantity, SCALES[wish.asset] ?? 0)
  return `traded ${quantity} for ${units(total_amount, 2)} with ${units(fee, 2)}`
}

function lineMisfits({ seq, lines }: JournalEntry, after: AccountModel): string[] {
  return lines.flatMap(([asset, , , balance]) => {
    const expected = asset === 'USD' ? after.cash : (after.units.get(asset) ?? 0n)
    return balance === `${expected} 0`
      ? []
      : [`event ${seq} leaves ${balance} ${asset}; the model ${expected} 0`]
  })
}

/** Whoever had the answer before another asked comes before the other. */
function orderMisfits(byKey: ByKey, journal: readonly JournalEntry[]): string[] {
  let latest = { invokedAt: Number.NEGATIVE_INFINITY, key: '' }
  return journal.flatMap(({ seq, key }) => {
    const one = byKey.get(key)
    if (one === undefined) return []
    const late = one.answer !== undefined && one.endedAt < latest.invokedAt
    if (one.invokedAt > latest.invokedAt) latest = { invokedAt: one.invokedAt, key }
    return late ? [`event ${seq} of ${key} stands behind ${latest.key}, which was asked later`] : []
  })
}

type Judging = {
  readonly byKey: ByKey
  readonly journal: readonly JournalEntry[]
  readonly states: readonly AccountModel[]
  readonly limits: Limits
  readonly misfits: string[]
}

function judge(one: Operation, judging: Judging): string {
  const { journal, misfits } = judging
  const { key, answer } = one
  const effects = journal.filter((entry) => entry.key === key).length
  if (answer === undefined) {
    if (effects > 1) misfits.push(`${key} has ${effects} events`)
    return 'unknown'
  }
  const granted = answer.status < 400
  if (effects !== (granted ? 1 : 0))
    misfits.push(`${key} has ${effects} events, and was told ${answer.body}`)
  if (granted) return 'ok'
  const code = String(JSON.parse(answer.body).code)
  if (!wasRight(one, code, judging)) misfits.push(`${key} was told ${code}, which was never right`)
  return code
}

/** Of the states that a request can have met, one must refuse it so. */
function wasRight(
  one: Operation,
  code: string,
  { byKey, journal, states, limits }: Judging,
): boolean {
  const invokedAt = (key: string): number => byKey.get(key)?.invokedAt ?? 0
  const known = (key: string): number => {
    const { answer, endedAt } = byKey.get(key) ?? { endedAt: Number.POSITIVE_INFINITY }
    return answer === undefined ? Number.POSITIVE_INFINITY : endedAt
  }
  const first = journal.findLastIndex(({ key }) => known(key) < one.invokedAt) + 1
  const later = journal.findIndex(({ key }) => invokedAt(key) > one.endedAt)
  const last = later < 0 ? journal.length : later
  return states.slice(first, last + 1).some((state, index) => {
    const at = journal[first + index - 1]?.at ?? journal[0]?.at
    const nowMs = at === undefined ? 0 : Date.parse(at)
    return pricesAbout(one.wish, journal).some((price) => {
      const quoted = () => ({ price, halted: false, stale: false })
      return ask(state, one, { limits, nowMs, quoted }).ended.outcome === code
    })
  })
}

/** A refusal does not say its price: somewhere about one that the asset was traded at. */
function pricesAbout(wish: Wish, journal: readonly JournalEntry[]): readonly bigint[] {
  const traded = journal.findLast(
    ({ lines, body }) =>
      'asset' in wish && body.data?.fill && lines.some(([asset]) => asset === wish.asset),
  )
  const { price } = quotedAt(traded?.body.data)()
  return [100n, 95n, 105n].map((percent) => (price * percent) / 100n)
}

function units(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
