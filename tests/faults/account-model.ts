/**
 * What an account must come to, worked out anew from the rules as they are written down: whole
 * numbers, one account, one thing after another. Nothing here comes from what it is held against.
 */

/** Decimal places of a quantity, by asset. */
export const SCALES: Readonly<Record<string, number>> = { BTC: 8, DOGE: 4, PEPE: 0, ETH: 8, SOL: 8 }
/** Those that histories are drawn with. */
export const ASSETS = ['BTC', 'DOGE', 'PEPE'] as const
const PRICE_SCALE = 12
const USD_SCALE = 2
const KEY_LIFE_MS = 30 * 24 * 3600 * 1000

export type Limits = {
  readonly feeBasisPoints: bigint
  readonly orderMin: bigint
  readonly orderMax: bigint
  readonly depositMax: bigint
  readonly withdrawMax: bigint
}

/** Units of 10^-12 USD. */
export type Quoted = { readonly price: bigint; readonly halted: boolean; readonly stale: boolean }

/** Amounts are cents, quantities the smallest units of the asset, prices units of 10^-12 USD. */
export type Wish =
  | { readonly kind: 'deposit' | 'withdraw'; readonly amount: bigint }
  | {
      readonly kind: 'buy' | 'sell'
      readonly asset: string
      readonly size: { readonly notional: bigint } | { readonly quantity: bigint }
      readonly worst?: bigint
    }
  | { readonly kind: 'adjust'; readonly asset: string; readonly amount: bigint }
  | { readonly kind: 'claim'; readonly right: boolean }
  | { readonly kind: 'freeze' | 'release' }
  | { readonly kind: 'cancel'; readonly orderId: string; readonly exists: boolean }

export type Request = { readonly key: string; readonly wish: Wish }

/** How it ended, in figures; `replayed` when the key had its answer before. */
export type Ended = { readonly outcome: string; readonly replayed: boolean }

type Kept = { readonly asked: string; readonly outcome: string; readonly untilMs: number }

export type AccountModel = {
  readonly cash: bigint
  readonly units: ReadonlyMap<string, bigint>
  /** Cents that what is there cost, fees included, by asset. */
  readonly costs: ReadonlyMap<string, bigint>
  readonly frozen: boolean
  /** Journal events. */
  readonly events: number
  readonly orders: number
  readonly cashMoves: number
  /** The UTC day that the two sums are of. */
  readonly day: number
  readonly deposited: bigint
  readonly withdrawn: bigint
  /** The rewards of a day of their own. */
  readonly rewarded: { readonly day: number; readonly small: boolean; readonly red: boolean }
  /** When the last event happened: time does not run backwards in a journal. */
  readonly lastMs: number
  readonly kept: ReadonlyMap<string, Kept>
}

export const NEW_ACCOUNT: AccountModel = {
  cash: 0n,
  units: new Map(),
  costs: new Map(),
  frozen: false,
  events: 0,
  orders: 0,
  cashMoves: 0,
  day: -1,
  deposited: 0n,
  withdrawn: 0n,
  rewarded: { day: -1, small: false, red: false },
  lastMs: 0,
  kept: new Map(),
}

export type Circumstances = {
  readonly limits: Limits
  readonly nowMs: number
  readonly quoted: (asset: string) => Quoted
}

/** Answers that are final for their key; the others may be asked for again. */
const FINAL = [
  'account-frozen',
  'asset-halted',
  'daily-limit-exceeded',
  'insufficient-funds',
  'insufficient-holdings',
  'order-not-open',
  'order-too-large',
  'order-too-small',
  'price-moved',
  'reward-claimed',
]

type Result = { readonly outcome: string; readonly after?: AccountModel }

export function ask(
  model: AccountModel,
  { key, wish }: Request,
  at: Circumstances,
): { readonly ended: Ended; readonly after: AccountModel } {
  const kept = model.kept.get(key)
  if (kept !== undefined && at.nowMs < kept.untilMs) {
    return kept.asked === textOf(wish)
      ? { ended: { outcome: kept.outcome, replayed: true }, after: model }
      : { ended: { outcome: 'idempotency-key-reused', replayed: false }, after: model }
  }
  const { outcome, after = model } = grant(model, wish, at)
  const ended = { outcome, replayed: false }
  const done = !/^[a-z-]+$/.test(outcome)
  if (!done && !FINAL.includes(outcome)) return { ended, after }
  const eventMs = Math.max(at.nowMs, model.lastMs)
  const untilMs = eventMs - (eventMs % 1000) + KEY_LIFE_MS
  const moved = after === model ? model : { ...after, events: model.events + 1, lastMs: eventMs }
  return {
    ended,
    after: {
      ...moved,
      kept: new Map(moved.kept).set(key, { asked: textOf(wish), outcome, untilMs }),
    },
  }
}

/** Two requests are the same when their texts are. */
const textOf = (wish: Wish): string =>
  JSON.stringify(wish, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))

function grant(model: AccountModel, wish: Wish, at: Circumstances): Result {
  switch (wish.kind) {
    case 'deposit':
    case 'withdraw':
      return transfer(model, wish, at)
    case 'buy':
      return buy(model, wish, at)
    case 'sell':
      return sell(model, wish, at)
    case 'adjust':
      return adjust(model, wish)
    case 'claim':
      return claim(model, wish, at)
    case 'freeze':
    case 'release': {
      const frozen = wish.kind === 'freeze'
      const outcome = frozen ? 'is frozen 1' : 'is active 1'
      return model.frozen === frozen ? { outcome } : { outcome, after: { ...model, frozen } }
    }
    case 'cancel':
      return { outcome: wish.exists ? 'order-not-open' : 'order-not-found' }
  }
}

const DAY_MS = 24 * 3600 * 1000

function transfer(
  model: AccountModel,
  { kind, amount }: Extract<Wish, { kind: 'deposit' | 'withdraw' }>,
  { limits, nowMs }: Circumstances,
): Result {
  if (amount <= 0n) return { outcome: 'invalid-input' }
  if (model.frozen) return { outcome: 'account-frozen' }
  const day = Math.floor(Math.max(nowMs, model.lastMs) / DAY_MS)
  const { deposited, withdrawn } = day === model.day ? model : { deposited: 0n, withdrawn: 0n }
  const moved = { ...model, day, cashMoves: model.cashMoves + 1 }
  if (kind === 'deposit') {
    if (deposited + amount > limits.depositMax) return { outcome: 'daily-limit-exceeded' }
    const sums = { deposited: deposited + amount, withdrawn, cash: model.cash + amount }
    return { outcome: 'transferred 1', after: { ...moved, ...sums } }
  }
  if (withdrawn + amount > limits.withdrawMax) return { outcome: 'daily-limit-exceeded' }
  if (amount > model.cash) return { outcome: 'insufficient-funds' }
  const sums = { deposited, withdrawn: withdrawn + amount, cash: model.cash - amount }
  return { outcome: 'transferred 1', after: { ...moved, ...sums } }
}

/** Cents. */
export const RIGHT_PHRASE_PAYS = 88_88n
const ANY_PHRASE_PAYS = 8_88n

function claim(
  model: AccountModel,
  { right }: Extract<Wish, { kind: 'claim' }>,
  { nowMs }: Circumstances,
): Result {
  if (model.frozen) return { outcome: 'account-frozen' }
  const day = Math.floor(Math.max(nowMs, model.lastMs) / DAY_MS)
  const today = day === model.rewarded.day ? model.rewarded : { small: false, red: false }
  if (today.red || (today.small && !right)) return { outcome: 'reward-claimed' }
  const paid = right ? RIGHT_PHRASE_PAYS : ANY_PHRASE_PAYS
  const rewarded = { day, small: today.small || !right, red: right }
  return {
    outcome: `transferred ${paid}`,
    after: { ...model, rewarded, cash: model.cash + paid, cashMoves: model.cashMoves + 1 },
  }
}

type Trade = Extract<Wish, { kind: 'buy' | 'sell' }>

/** What stands in the way of any trade, the first of it. */
function obstacle(model: AccountModel, { kind, size, worst }: Trade, quoted: Quoted) {
  const amount = 'notional' in size ? size.notional : size.quantity
  if (amount <= 0n || (worst !== undefined && worst <= 0n)) return 'invalid-input'
  if (model.frozen) return 'account-frozen'
  if (quoted.halted) return 'asset-halted'
  if (quoted.stale) return 'prices-stale'
  if (worst === undefined) return undefined
  return (kind === 'buy' ? quoted.price > worst : quoted.price < worst) ? 'price-moved' : undefined
}

/** Cents times this are quantity units times price units. */
const centOf = (asset: string): bigint =>
  10n ** BigInt((SCALES[asset] ?? 0) + PRICE_SCALE - USD_SCALE)

/** Halves away from zero. */
const nearest = (dividend: bigint, divisor: bigint): bigint =>
  dividend < 0n ? -nearest(-dividend, divisor) : (2n * dividend + divisor) / (2n * divisor)

/** What a part of what is there cost. */
function shareOfCost({ units, costs }: AccountModel, asset: string, part: bigint): bigint {
  const owned = units.get(asset) ?? 0n
  return owned === 0n ? 0n : nearest((costs.get(asset) ?? 0n) * part, owned)
}

const up = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor

function buy(model: AccountModel, wish: Trade, { limits, quoted }: Circumstances): Result {
  const quote = quoted(wish.asset)
  const inTheWay = obstacle(model, wish, quote)
  if (inTheWay !== undefined) return { outcome: inTheWay }
  const cent = centOf(wish.asset)
  const { size } = wish
  const quantity = 'quantity' in size ? size.quantity : (size.notional * cent) / quote.price
  const notional = up(quantity * quote.price, cent)
  if (quantity === 0n || notional < limits.orderMin) return { outcome: 'order-too-small' }
  if (notional > limits.orderMax) return { outcome: 'order-too-large' }
  const fee = up(notional * limits.feeBasisPoints, 10_000n)
  if (notional + fee > model.cash) return { outcome: 'insufficient-funds' }
  return traded(model, wish, { units: quantity, cash: -notional - fee, fee })
}

function sell(model: AccountModel, wish: Trade, { limits, quoted }: Circumstances): Result {
  const quote = quoted(wish.asset)
  const inTheWay = obstacle(model, wish, quote)
  if (inTheWay !== undefined) return { outcome: inTheWay }
  const cent = centOf(wish.asset)
  const { size } = wish
  const owned = model.units.get(wish.asset) ?? 0n
  const quantity = 'quantity' in size ? size.quantity : up(size.notional * cent, quote.price)
  const notional = (quantity * quote.price) / cent
  const least = quantity === owned ? 1n : limits.orderMin
  if (notional < least) return { outcome: 'order-too-small' }
  if (notional > limits.orderMax) return { outcome: 'order-too-large' }
  if (quantity > owned) return { outcome: 'insufficient-holdings' }
  const wholeFee = up(notional * limits.feeBasisPoints, 10_000n)
  const fee = wholeFee < notional ? wholeFee : notional
  return traded(model, wish, { units: -quantity, cash: notional - fee, fee })
}

function traded(
  model: AccountModel,
  { asset }: Trade,
  moved: { units: bigint; cash: bigint; fee: bigint },
): Result {
  const size = (value: bigint): bigint => (value < 0n ? -value : value)
  const cost = moved.units < 0n ? shareOfCost(model, asset, moved.units) : -moved.cash
  return {
    outcome: `traded ${size(moved.units)} for ${size(moved.cash)} with ${moved.fee}`,
    after: {
      ...model,
      cash: model.cash + moved.cash,
      units: new Map(model.units).set(asset, (model.units.get(asset) ?? 0n) + moved.units),
      costs: new Map(model.costs).set(asset, (model.costs.get(asset) ?? 0n) + cost),
      orders: model.orders + 1,
      cashMoves: model.cashMoves + 1,
    },
  }
}

function adjust(model: AccountModel, { asset, amount }: Extract<Wish, { kind: 'adjust' }>): Result {
  if (amount === 0n) return { outcome: 'invalid-input' }
  if (asset === 'USD') {
    if (model.cash + amount < 0n) return { outcome: 'insufficient-funds' }
    const after = { ...model, cash: model.cash + amount, cashMoves: model.cashMoves + 1 }
    return { outcome: 'transferred 1', after }
  }
  const units = (model.units.get(asset) ?? 0n) + amount
  if (units < 0n) return { outcome: 'insufficient-holdings' }
  const cost = (model.costs.get(asset) ?? 0n) + shareOfCost(model, asset, amount)
  const after = {
    ...model,
    units: new Map(model.units).set(asset, units),
    costs: new Map(model.costs).set(asset, cost),
  }
  return { outcome: 'transferred 1', after }
}
