/**
 * The one way a command changes an account: read its rows at one moment, replay the answer if the
 * key has one, else decide, and commit the event with all that follows from it, or nothing.
 * Commands of one account may be committed as a group; each still gets its own answer.
 */

import { pathOf } from '@cnop/contract/call.ts'
import { Problem, problemBody } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { type Key, type Row, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { loadOrder, type Order, orderKey } from '../orders/order-rows.ts'
import { type Account, headKey, loadAccount } from './account-rows.ts'
import { type Balance, balanceKey, CASH, loadBalance } from './balance-rows.ts'
import type { Change } from './change.ts'
import { fingerprintOf } from './fingerprint.ts'
import { idempotencyKey, type KeptAnswer, loadKeptAnswer } from './idempotency-rows.ts'
import { type Actor, eventKey, loadEvent } from './journal-rows.ts'
import { type Moment, momentOf } from './moment.ts'
import { type Draft, keepUnchanged, postChange } from './post-change.ts'

/** Who asks for what, as it came through the door. */
export type Asked = {
  /** Whose account it is about. */
  readonly userId: string
  readonly actor: Actor
  readonly requestId: string
  readonly key: string
  /** Epoch milliseconds. */
  readonly deadline: number
  readonly route: Route
  readonly params: Record<string, unknown>
  readonly body: unknown
}

/** The account as a decision finds it. */
export type AccountView = {
  readonly account: Account | undefined
  readonly balance: (asset: string) => Balance | undefined
  readonly order: (orderId: string) => Order | undefined
}

export type Decided = {
  /** Absent when all is as asked already. */
  readonly change?: Change | undefined
  readonly status: number
  readonly answer: unknown
}

export type Command = {
  readonly asked: Asked
  /** The balances it is about, beside cash. */
  readonly assets?: readonly string[]
  readonly orders?: readonly string[]
  /**
   * Reads what the decision needs from elsewhere, beside every snapshot. What cannot be read is for
   * `decide` to throw: a kept answer needs none of it.
   */
  readonly gather?: () => Promise<void>
  /** Pure. Throws the `Problem` the command is refused with. */
  readonly decide: (view: AccountView, moment: Moment) => Decided
}

export type Answer = { readonly status: number; readonly body: string; readonly replayed: boolean }

/** How one command of a group ended: with an answer, or with what is thrown to its caller. */
export type Ending = { readonly answer: Answer } | { readonly thrown: unknown }

export type LedgerParts = {
  readonly store: Store
  readonly clock: CommitClock
  /** Told after a commit is durable; the rows are to be read, this is only a hint. */
  readonly onCommit?: (userId: string) => void
  readonly onRetry?: (reason: StoreFault['code']) => void
}

/** An ending, or the event whose answer it is. */
type Outcome = Ending | { readonly replaySeq: bigint }

/** Commits commands of one account together, in order. Never rejects. */
export async function commitCommands(
  parts: LedgerParts,
  commands: readonly Command[],
): Promise<readonly Ending[]> {
  try {
    return await settle(parts, commands, await commitGroup(parts, commands))
  } catch (thrown) {
    return commands.map(() => ({ thrown }))
  }
}

async function commitGroup(
  { store, clock, onCommit, onRetry }: LedgerParts,
  commands: readonly Command[],
): Promise<readonly Outcome[]> {
  const { userId } = asked(commands)
  const keys = keysOf(commands)
  let unknown = false
  let committed = false
  const outcomes = await commitDecision({
    store,
    keys,
    deadline: Math.max(...commands.map((command) => command.asked.deadline)),
    clock,
    gather: async () => {
      await Promise.all(commands.map((command) => command.gather?.()))
    },
    decide: (rows) => {
      const draft = openDraft(userId, keys, rows)
      const outcome = commands.map((command) => run(command, draft, clock.now()))
      committed ||= draft.answers.size > 0
      return { ops: [...draft.writes.values()], outcome }
    },
    onRetry: (reason) => {
      unknown ||= reason === 'outcome-unknown'
      onRetry?.(reason)
    },
  })
  if (committed) onCommit?.(userId)
  return unknown ? outcomes.map(neverFailed) : outcomes
}

/** Before an attempt that may have been applied is settled, no command of it has failed. */
const neverFailed = (outcome: Outcome): Outcome =>
  'thrown' in outcome
    ? {
        thrown: new Problem('outcome-unknown', { retryAfterSeconds: 1, cause: outcome.thrown }),
      }
    : outcome

function asked(commands: readonly Command[]): Asked {
  const [first] = commands
  if (first === undefined) throw new RangeError('A group has at least one command')
  return first.asked
}

function keysOf(commands: readonly Command[]): readonly Key[] {
  const { userId } = asked(commands)
  const keys = [
    headKey(userId),
    balanceKey(userId, CASH),
    ...commands.flatMap(({ asked: { key }, assets = [], orders = [] }) => [
      idempotencyKey(userId, key),
      ...assets.map((asset) => balanceKey(userId, asset)),
      ...orders.map((orderId) => orderKey(userId, orderId)),
    ]),
  ]
  return [...new Map(keys.map((key) => [key.sk, key])).values()]
}

function openDraft(
  userId: string,
  keys: readonly Key[],
  rows: readonly (Row | undefined)[],
): Draft {
  const draft: Draft = {
    userId,
    account: undefined,
    balances: new Map(),
    orders: new Map(),
    kept: new Map(),
    answers: new Map(),
    writes: new Map(),
  }
  for (const [index, { sk }] of keys.entries()) {
    const row = rows[index]
    if (row !== undefined) load(draft, sk, row)
  }
  return draft
}

function load(draft: Draft, sortKey: string, row: Row): void {
  const name = sortKey.slice(2)
  switch (sortKey[0]) {
    case 'B':
      draft.balances.set(name, loadBalance(name, row))
      break
    case 'O':
      draft.orders.set(name, loadOrder(name, row))
      break
    case 'I':
      draft.kept.set(name, loadKeptAnswer(row))
      break
    default:
      draft.account = loadAccount(row)
  }
}

/** What one command does to the draft. One that throws has left the draft as it was. */
function run(command: Command, draft: Draft, nowMs: number): Outcome {
  const { key, actor, requestId, deadline } = command.asked
  if (nowMs >= deadline) return { thrown: new Problem('contention', { retryAfterSeconds: 1 }) }
  const kept = draft.kept.get(key)
  const fingerprint = fingerprintOf(command.asked)
  if (kept !== undefined && kept.expires * 1000n > BigInt(nowMs)) {
    return replay(draft, kept, fingerprint)
  }
  const moment = momentOf(nowMs, draft.account?.at)
  try {
    const { change, status, answer } = command.decide(viewOf(draft), moment)
    const told = { key, fingerprint, at: moment.at, status, body: JSON.stringify(answer) }
    if (change === undefined) keepUnchanged(draft, told)
    else postChange(draft, change, { ...told, actor, requestId })
    return { answer: { status, body: told.body, replayed: false } }
  } catch (thrown) {
    if (!isDefinite(thrown)) return { thrown }
    const { status } = thrown
    const body = refusalBody(thrown, command.asked)
    keepUnchanged(draft, { key, fingerprint, at: moment.at, status, body })
    return { answer: { status, body, replayed: false } }
  }
}

function replay(draft: Draft, kept: KeptAnswer, fingerprint: string): Outcome {
  if (kept.fingerprint !== fingerprint) return { thrown: new Problem('idempotency-key-reused') }
  if (!('seq' in kept)) {
    return { answer: { status: kept.status, body: kept.body, replayed: true } }
  }
  const justPosted = draft.answers.get(kept.seq)
  return justPosted === undefined
    ? { replaySeq: kept.seq }
    : { answer: { ...justPosted, replayed: true } }
}

const viewOf = (draft: Draft): AccountView => ({
  account: draft.account,
  balance: (asset) => draft.balances.get(asset),
  order: (orderId) => draft.orders.get(orderId),
})

/** A refusal that depends on the state it met is final for its key: the same key, the same answer. */
const isDefinite = (thrown: unknown): thrown is Problem =>
  thrown instanceof Problem &&
  (thrown.status === 409 || thrown.status === 422) &&
  thrown.code !== 'invalid-input'

const refusalBody = (problem: Problem, { route, params, requestId }: Asked): string =>
  JSON.stringify(problemBody(problem, { instance: pathOf(route, params), requestId }))

/** Reads the answers of earlier events: they were durable before this group began. */
async function settle(
  { store }: LedgerParts,
  commands: readonly Command[],
  outcomes: readonly Outcome[],
): Promise<readonly Ending[]> {
  const { userId } = asked(commands)
  return Promise.all(
    outcomes.map((outcome) =>
      'replaySeq' in outcome ? replayed(store, userId, outcome.replaySeq) : outcome,
    ),
  )
}

/** The key has had its effect: a store that does not answer now makes that unknown, not undone. */
async function replayed(store: Store, userId: string, seq: bigint): Promise<Ending> {
  try {
    const [row] = await store.snapshot([eventKey(userId, seq)])
    if (row === undefined) throw new Error(`Event ${seq} is missing`)
    const { status, body } = loadEvent(row)
    return { answer: { status, body, replayed: true } }
  } catch (cause) {
    return {
      thrown:
        cause instanceof StoreFault
          ? new Problem('outcome-unknown', { retryAfterSeconds: 1, cause })
          : cause,
    }
  }
}
