/** What happens to an account in a model run, as data that can be drawn, shrunk and read. */
import {
  type Arbitrary,
  array,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
} from 'fast-check'
import { type AccountModel, ASSETS, type Limits, SCALES, type Wish } from './account-model.ts'

/** Mistakes live where something just fits, and where it does not by the least there is. */
type Edge = { readonly edge: 'exact' | 'over' | 'share'; readonly permille: number }

type CashStep = { readonly kind: 'deposit' | 'withdraw' } & Edge
type TradeStep = {
  readonly kind: 'buy' | 'sell'
  readonly asset: string
  readonly by: 'notional' | 'quantity'
  /** What it is an edge of: what there is, the greatest or the least order. */
  readonly of: 'means' | 'most' | 'least'
  /** How far the price is inside the worst price, where there is one. */
  readonly slack: number | null
} & Edge
type AdjustStep = {
  readonly kind: 'adjust'
  readonly asset: string
  readonly takes: boolean
} & Edge
type ClaimStep = { readonly kind: 'claim'; readonly right: boolean }
type StatusStep = { readonly kind: 'freeze' | 'release' }

/** What asks for something of its own. */
export type FreshStep = CashStep | TradeStep | AdjustStep | ClaimStep | StatusStep
export type RequestStep =
  | FreshStep
  | { readonly kind: 'cancel'; readonly known: boolean; readonly pick: number }
  | { readonly kind: 'again' | 'other-body'; readonly pick: number }

export type MarketStep =
  | { readonly kind: 'price'; readonly asset: string; readonly price: bigint }
  | { readonly kind: 'trouble'; readonly asset: string; readonly what: 'halted' | 'stale' }
  | { readonly kind: 'calm' }
  | { readonly kind: 'clock'; readonly to: (typeof CLOCK_STEPS)[number] }

/** `joins`: asked at the same time as the request before it. */
export type Step = { readonly what: RequestStep | MarketStep; readonly joins: boolean }

const CLOCK_STEPS = ['second', 'before-midnight', 'midnight', 'month', 'back'] as const

/** From what no customer could count to what no customer could pay. */
const PRICES = [
  1n,
  123_456n,
  164_530_000_001n,
  999_999_999_999n,
  1_000_000_000_000n,
  67_298_671_234_000_000n,
  9_999_999_999_999_999_999n,
] as const

const pick = nat(10_000)
const asset = constantFrom(...ASSETS)
const edge = {
  edge: constantFrom('share', 'share', 'share', 'exact', 'over'),
  permille: integer({ min: 1, max: 999 }),
} as const

const trade = {
  asset,
  by: constantFrom('notional', 'quantity'),
  of: constantFrom('means', 'means', 'means', 'means', 'means', 'means', 'most', 'least'),
  slack: option(integer({ min: -1, max: 1 }), { freq: 2 }),
  ...edge,
} as const

const drawn = <Kind extends string>(...kinds: Kind[]) => ({ kind: constantFrom(...kinds) })

/** Each with how often it is drawn, beside the others. */
const STEPS: readonly (readonly [number, Arbitrary<RequestStep | MarketStep>])[] = [
  [10, record({ ...drawn('deposit'), ...edge })],
  [8, record({ ...drawn('withdraw'), ...edge })],
  [20, record({ ...drawn('buy'), ...trade })],
  [20, record({ ...drawn('sell'), ...trade })],
  [8, record({ ...drawn('again'), pick })],
  [4, record({ ...drawn('other-body'), pick })],
  [3, record({ ...drawn('cancel'), known: boolean(), pick })],
  [
    5,
    record({
      ...drawn('adjust'),
      asset: constantFrom('USD', ...ASSETS),
      takes: boolean(),
      ...edge,
    }),
  ],
  [3, record({ ...drawn('claim'), right: boolean() })],
  [1, record(drawn('freeze'))],
  [4, record(drawn('release'))],
  [6, record({ ...drawn('price'), asset, price: constantFrom(...PRICES) })],
  [2, record({ ...drawn('trouble'), asset, what: constantFrom('halted', 'stale') })],
  [3, record(drawn('calm'))],
  [6, record({ ...drawn('clock'), to: constantFrom(...CLOCK_STEPS) })],
]

const what = oneof(...STEPS.map(([weight, arbitrary]) => ({ weight, arbitrary })))

export const STEPS_MAX = 100

export const anySteps: Arbitrary<readonly Step[]> = array(record({ what, joins: boolean() }), {
  maxLength: STEPS_MAX,
  size: 'max',
})

export const anyFee: Arbitrary<bigint> = constantFrom(0n, 7n, 1000n)

const DAY_MS = 24 * 3600 * 1000
/** What an operator gives at most, in the smallest units. */
const GIFT = 100_000n

export function clockAfter(nowMs: number, to: (typeof CLOCK_STEPS)[number]): number {
  const midnightMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS
  const moved = {
    second: nowMs + 1_000,
    'before-midnight': midnightMs - 1,
    midnight: midnightMs,
    month: nowMs + 31 * DAY_MS,
    back: nowMs - 60_000,
  }
  return moved[to]
}

type Situation = {
  readonly model: AccountModel
  readonly limits: Limits
  readonly nowMs: number
  readonly priceOf: (asset: string) => bigint
}

/** What the step asks for in this situation. */
export function wishOf(step: FreshStep, situation: Situation): Wish {
  switch (step.kind) {
    case 'deposit':
    case 'withdraw':
      return { kind: step.kind, amount: at(step, allowed(step.kind, situation)) }
    case 'buy':
    case 'sell':
      return tradeOf(step, situation)
    case 'adjust':
      return adjustmentOf(step, situation)
    case 'claim':
      return { kind: step.kind, right: step.right }
    case 'freeze':
    case 'release':
      return { kind: step.kind }
  }
}

function tradeOf(step: TradeStep, situation: Situation): Wish {
  const { kind, asset: of, slack } = step
  const order = { kind, asset: of, size: sizeOf(step, situation) }
  if (slack === null) return order
  const inside = kind === 'buy' ? BigInt(slack) : BigInt(-slack)
  return { ...order, worst: situation.priceOf(of) + inside }
}

function adjustmentOf(step: AdjustStep, { model }: Situation): Wish {
  const { kind, asset: of, takes } = step
  if (!takes) return { kind, asset: of, amount: at(step, GIFT) }
  const there = of === 'USD' ? model.cash : (model.units.get(of) ?? 0n)
  return { kind, asset: of, amount: -at(step, there) }
}

const at = ({ edge: where, permille }: Edge, most: bigint): bigint => {
  const share = (most * BigInt(permille)) / 1000n
  if (where === 'share') return share > 0n ? share : 1n
  return where === 'exact' ? most : most + 1n
}

/** What is left of the day, or all the cash where that is less. */
function allowed(kind: 'deposit' | 'withdraw', { model, limits, nowMs }: Situation): bigint {
  const sameDay = Math.floor(Math.max(nowMs, model.lastMs) / DAY_MS) === model.day
  if (kind === 'deposit') return limits.depositMax - (sameDay ? model.deposited : 0n)
  const left = limits.withdrawMax - (sameDay ? model.withdrawn : 0n)
  return model.cash < left ? model.cash : left
}

function sizeOf(
  step: TradeStep,
  { model, limits, priceOf }: Situation,
): { notional: bigint } | { quantity: bigint } {
  const price = priceOf(step.asset)
  const cent = 10n ** BigInt((SCALES[step.asset] ?? 0) + 10)
  const owned = model.units.get(step.asset) ?? 0n
  const beforeFee = (model.cash * 10_000n) / (10_000n + limits.feeBasisPoints)
  const means = step.kind === 'buy' ? beforeFee : (owned * price) / cent
  const cents = { means, most: limits.orderMax, least: limits.orderMin - 1n }[step.of]
  if (step.by === 'notional') return { notional: at(step, cents) }
  if (step.kind === 'sell' && step.of === 'means') return { quantity: at(step, owned) }
  return { quantity: at(step, (cents * cent) / price) }
}
