/** What must hold of each event and of what it does, whatever came before. */
import { PRICE_SCALE, parseUsd, pow10, USD_SCALE } from '@cnop/contract/money.ts'
import type { OrderStatus } from '@cnop/contract/order.ts'
import type { RewardAnswer } from '@cnop/contract/reward.ts'
import { ACCOUNTS, type JournalEvent, type Line } from '../ledger/journal-rows.ts'
import { type Order, sideOf } from '../orders/order-rows.ts'
import type { Findings } from './findings.ts'
import type { Step } from './replay-journal.ts'

/** Restated here and not imported: the table that orders are placed by may be wrong. */
const ENDS = ['cancelled', 'expired', 'failed', 'replaced'] as const
const NEXT: Readonly<Record<OrderStatus | 'new', readonly OrderStatus[]>> = {
  new: ['pending', 'queued', 'completed', 'expired'],
  pending: ['queued', 'completed', ...ENDS],
  queued: ['processing', 'completed', ...ENDS],
  processing: ['processing', 'completed', ...ENDS],
  completed: [],
  cancelled: [],
  expired: [],
  failed: [],
  replaced: [],
}

/** Checks the steps of one account, in order. */
export type StepCheck = (step: Step) => void

export function createStepCheck(findings: Findings): StepCheck {
  /** What the fills of each open order are worth to the last place, so far. */
  const exact = new Map<string, bigint>()
  const checkReward = createRewardCheck(findings)

  return (step) => {
    const where = `event ${step.event.seq}`
    for (const line of step.event.lines) checkLine(line, step, findings)
    if (step.event.corrects !== undefined && step.event.corrects >= step.event.seq) {
      findings.broken('L8', `${where} corrects event ${step.event.corrects}`)
    }
    if (new Set(step.event.lines.map(({ asset }) => asset)).size < step.event.lines.length) {
      findings.broken('L1', `${where} has two lines of one asset`)
    }
    if (step.event.type === 'reward-paid') checkReward(step.event)
    if (step.order !== undefined) {
      checkOrder(step, step.order, findings)
      checkFill(step, step.order, { findings, exact })
    }
  }
}

/** Counted from the answers alone, and not from what the head remembers of the day. */
function createRewardCheck(findings: Findings): (event: JournalEvent) => void {
  let today = { day: '', small: false, redPocket: false }
  return ({ seq, at, lines, body }) => {
    const day = at.slice(0, 10)
    if (day !== today.day) today = { day, small: false, redPocket: false }
    const { amount, got_red_pocket } = JSON.parse(body) as RewardAnswer
    if (today.redPocket || (today.small && !got_red_pocket)) findings.broken('R1', `event ${seq}`)
    if (got_red_pocket) today.redPocket = true
    else today.small = true
    const [line] = lines
    if (lines.length !== 1 || line?.asset !== 'USD' || line.a !== parseUsd(amount)) {
      findings.broken('R1', `event ${seq} paid something else than it says`)
    }
  }
}

function checkLine(line: Line, { event, balances }: Step, findings: Findings): void {
  const where = `event ${event.seq}, ${line.asset}`
  const sum = ACCOUNTS.reduce((total, account) => total + line[account], 0n)
  if (sum !== 0n) findings.broken('L1', `${where}: the postings sum to ${sum}`)
  const moved = balances.find((one) => one.after.asset === line.asset)
  if (moved === undefined) return
  const { before, after } = moved
  if (after.a !== line.after.a || after.h !== line.after.h) {
    findings.broken('L6', `${where}: the balance told is not the balance replayed`)
  }
  if (after.a < 0n || after.h < 0n || after.cost < 0n) findings.broken('L4', where)
  if (before !== undefined && before.scale !== line.scale) findings.broken('L9', where)
}

type OrderStep = NonNullable<Step['order']>

function checkOrder(step: Step, { before, after }: OrderStep, findings: Findings): void {
  const where = `event ${step.event.seq}, order ${after.id}`
  const from = before?.status ?? 'new'
  if (!NEXT[from].includes(after.status)) {
    findings.broken('O1', `${where} goes from ${from} to ${after.status}`)
  }
  const filledWhole = after.filled === after.quantity
  if (after.filled > after.quantity || filledWhole !== (after.status === 'completed')) {
    findings.broken('O2', where)
  }
  if (NEXT[after.status].length === 0 && after.hold !== 0n) findings.broken('H2', where)
  if (after.hold < 0n || (before !== undefined && after.hold > before.hold)) {
    findings.broken('H3', where)
  }
  if (before !== undefined && termsOf(before) !== termsOf(after)) findings.broken('O6', where)
}

const termsOf = (order: Order): string =>
  [
    order.type,
    order.orderClass,
    order.asset,
    order.scale,
    order.timeInForce,
    order.quantity,
    order.notional,
    order.worstPrice,
    order.price,
    order.stopPrice,
    order.clientOrderId,
    order.createdAt,
  ].join(' ')

/** What the postings say was traded against what the order says was filled, and at which price. */
function checkFill(
  step: Step,
  order: OrderStep,
  { findings, exact }: { findings: Findings; exact: Map<string, bigint> },
): void {
  const { event } = step
  const { after } = order
  const where = `event ${event.seq}, order ${after.id}`
  const fill = fillOf(order)
  const side = fill.buys ? 1n : -1n
  const fits =
    columnOf(event.lines, after.asset, 'xT') === -side * fill.quantity &&
    columnOf(event.lines, 'USD', 'xT') === side * fill.notional &&
    columnOf(event.lines, 'USD', 'xF') === fill.fee
  if (!fits) findings.broken('F1', where)
  if (fill.quantity !== 0n) {
    checkQuote(step, after, findings)
    const worth = (exact.get(after.id) ?? 0n) + fill.quantity * (after.fill?.price ?? 0n)
    exact.set(after.id, worth)
    if (!isRounded(after, worth)) findings.broken('L10', where)
  }
  if (NEXT[after.status].length === 0) exact.delete(after.id)
}

const columnOf = (lines: readonly Line[], asset: string, column: 'xT' | 'xF'): bigint =>
  lines.find((line) => line.asset === asset)?.[column] ?? 0n

type FillStep = {
  readonly buys: boolean
  readonly quantity: bigint
  /** Cents, without the fee. */
  readonly notional: bigint
  readonly fee: bigint
}

/** What this step added to the fills of the order, by what the order says of itself. */
function fillOf({ before, after }: OrderStep): FillStep {
  const { filled, total, fee } = before ?? { filled: 0n, total: 0n, fee: 0n }
  const buys = sideOf(after.type) === 'buy'
  const feeAdded = after.fee - fee
  const totalAdded = after.total - total
  return {
    buys,
    quantity: after.filled - filled,
    notional: buys ? totalAdded - feeAdded : totalAdded + feeAdded,
    fee: feeAdded,
  }
}

function checkQuote({ event }: Step, { id, fill, worstPrice, type }: Order, findings: Findings) {
  const where = `event ${event.seq}, order ${id}`
  const fresh =
    fill !== undefined &&
    event.quoteLifeMs !== undefined &&
    fill.ageMs < event.quoteLifeMs &&
    fill.tick !== ''
  if (!fresh) findings.broken('F3', where)
  if (fill === undefined || worstPrice === undefined) return
  const worse = sideOf(type) === 'buy' ? fill.price > worstPrice : fill.price < worstPrice
  if (worse) findings.broken('O6', `${where}: filled at a price worse than the worst accepted`)
}

/**
 * The exact worth of all fills lies within one cent of what changed hands for them: below what a
 * buyer paid, above what a seller was paid.
 */
function isRounded(order: Order, exact: bigint): boolean {
  const cent = pow10(order.scale + PRICE_SCALE - USD_SCALE)
  const buys = sideOf(order.type) === 'buy'
  const notional = buys ? order.total - order.fee : order.total + order.fee
  const inFavour = buys ? notional * cent - exact : exact - notional * cent
  return inFavour >= 0n && inFavour < cent
}
