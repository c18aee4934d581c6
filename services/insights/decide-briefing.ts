/**
 * What there is to say of a portfolio, in figures. Shares and changes count hundredths of a percent,
 * amounts cents; what cannot be told from so little history is left out.
 */
import {
  divideNearest,
  PERCENT_SCALE,
  parseDecimal,
  parseUsd,
  pow10,
} from '@cnop/contract/money.ts'

/** What was gathered, as the contract has it. */
export type Gathered = {
  readonly portfolio: {
    readonly total_value: string
    readonly cash_balance: string
    readonly assets: readonly {
      readonly asset_id: string
      readonly asset_name: string
      readonly quantity: string
      readonly current_price: string | null
      readonly market_value: string
      readonly unrealized_pnl: string
    }[]
  }
  /** The last ten, newest first. */
  readonly orders: readonly {
    readonly order_id: string
    readonly order_type: string
    readonly asset_id: string
    readonly status: string
  }[]
  /** Of thirty days, a day apart, oldest first. */
  readonly history: readonly { readonly equity: string; readonly net_flow: string }[]
  /** Of 24 hours, in percent, by asset. */
  readonly dayChanges: ReadonlyMap<string, string>
}

export type BriefedHolding = {
  readonly asset: string
  /** From the catalogue: data, whatever it says. */
  readonly name: string
  readonly valueCents: bigint
  /** Of the whole, cash included. */
  readonly share: bigint
  /** Over what it cost. */
  readonly gain: bigint | undefined
  readonly dayChange: bigint | undefined
}

export type Briefing = {
  readonly totalCents: bigint
  readonly cashShare: bigint
  /** The greatest first. */
  readonly holdings: readonly BriefedHolding[]
  /** Over thirty days, deposits and withdrawals excluded. */
  readonly month:
    | {
        readonly change: bigint
        /** Of one day: the standard deviation. */
        readonly volatility: bigint
        /** The greatest fall below an earlier high. */
        readonly drawdown: bigint
      }
    | undefined
  readonly orders: { readonly count: number; readonly purchases: number }
}

const HUNDREDTHS = 10_000n

export function decideBriefing({ portfolio, orders, history, dayChanges }: Gathered): Briefing {
  const totalCents = cents(portfolio.total_value)
  const holdings = portfolio.assets.map((asset): BriefedHolding => {
    const valueCents = cents(asset.market_value)
    return {
      asset: asset.asset_id,
      name: asset.asset_name,
      valueCents,
      share: shareOf(valueCents, totalCents),
      gain: gainOf(valueCents, cents(asset.unrealized_pnl)),
      dayChange: percentIn(dayChanges.get(asset.asset_id)),
    }
  })
  return {
    totalCents,
    cashShare: shareOf(cents(portfolio.cash_balance), totalCents),
    holdings: holdings.toSorted((one, other) => compare(other.valueCents, one.valueCents)),
    month: monthOf(history),
    orders: {
      count: orders.length,
      purchases: orders.filter(({ order_type }) => order_type.endsWith('_buy')).length,
    },
  }
}

const compare = (one: bigint, other: bigint): -1 | 0 | 1 => (one < other ? -1 : one > other ? 1 : 0)

const cents = (text: string): bigint => parseUsd(text) ?? 0n

const shareOf = (part: bigint, whole: bigint): bigint =>
  whole > 0n ? divideNearest(part * HUNDREDTHS, whole) : 0n

/** What was got for nothing has no gain in percent. */
function gainOf(value: bigint, profit: bigint): bigint | undefined {
  const cost = value - profit
  return cost > 0n ? divideNearest(profit * HUNDREDTHS, cost) : undefined
}

const PLACES_MAX = 12

/** Percent as text, of any number of places, to hundredths. */
function percentIn(text: string | undefined): bigint | undefined {
  const exact = text === undefined ? undefined : parseDecimal(text, PLACES_MAX)
  return exact === undefined ? undefined : divideNearest(exact, pow10(PLACES_MAX - PERCENT_SCALE))
}

/** Fewer days say nothing about a usual one. */
const RETURNS_MIN = 5
/** Returns and the index made of them count millionths. */
const ONE = 1_000_000n

function monthOf(history: Gathered['history']): Briefing['month'] {
  const returns = returnsOf(history)
  if (returns.length < RETURNS_MIN) return undefined
  const count = BigInt(returns.length)
  const mean = divideNearest(sumOf(returns), count)
  const variance = sumOf(returns.map((one) => (one - mean) * (one - mean))) / count
  let index = ONE
  let high = ONE
  let drawdown = 0n
  for (const one of returns) {
    index = divideNearest(index * (ONE + one), ONE)
    if (index > high) high = index
    const fall = divideNearest((high - index) * ONE, high)
    if (fall > drawdown) drawdown = fall
  }
  return {
    change: inHundredths(index - ONE),
    volatility: inHundredths(rootOf(variance)),
    drawdown: inHundredths(drawdown),
  }
}

/** From each point to the next, what came from outside taken off. */
function returnsOf(history: Gathered['history']): bigint[] {
  return history.flatMap(({ equity, net_flow }, index) => {
    const before = cents(history[index - 1]?.equity ?? '0')
    if (before <= 0n) return []
    return [divideNearest((cents(equity) - cents(net_flow) - before) * ONE, before)]
  })
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)

const inHundredths = (millionths: bigint): bigint => divideNearest(millionths, ONE / HUNDREDTHS)

/** The greatest whole number whose square is not above; Newton's method, from above. */
function rootOf(square: bigint): bigint {
  if (square < 2n) return square
  let root = square
  for (;;) {
    const next = (root + square / root) / 2n
    if (next >= root) return root
    root = next
  }
}
