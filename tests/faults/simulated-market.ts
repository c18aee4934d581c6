/** Prices as a seed says: ticks that arrive late, twice, out of order or not at all, and halts. */
import type { Quote } from '@cnop/contract/inventory.ts'
import { formatPrice, parsePrice } from '@cnop/contract/money.ts'

/** Decimal places of a quantity, by asset. */
export const ASSET_SCALES: Readonly<Record<string, number>> = { BTC: 8, DOGE: 4 }
export const ASSETS = Object.keys(ASSET_SCALES)

const FIRST_PRICES: Readonly<Record<string, string>> = {
  BTC: '67298.671234',
  DOGE: '0.164530000001',
}
export const FRESH_MS = 500
const TICK_MS = 40
/** How far behind its successors a tick comes in at most. */
const LATE_TICKS_MAX = 4
const HALTED = 0.04

/** How often, from 0 to 1, of all ticks. */
export type FeedRates = {
  readonly lost: number
  readonly twice: number
  readonly late: number
  /** The feed falls silent behind this tick, for longer than a quote is fresh. */
  readonly silent: number
}

export type FeedTrouble = keyof FeedRates

export type Tick = {
  readonly name: string
  readonly atMs: number
  readonly quotes: ReadonlyMap<string, { readonly price: bigint; readonly halted: boolean }>
}

/** What came to one process last, which may be older than what came before it. */
export type FeedView = { tick: Tick }

export type SimulatedMarket = {
  /** Every tick there has been, by name. */
  readonly ticks: ReadonlyMap<string, Tick>
  readonly troubles: Readonly<Record<FeedTrouble, number>>
  /** A new tick, and after how many milliseconds each of its deliveries comes to a process. */
  move(): { readonly tick: Tick; readonly pauseMs: number; deliveries(): readonly number[] }
  readonly latest: () => Tick
}

type Chance = () => number

export function createMarket(parts: {
  readonly chance: Chance
  readonly now: () => number
  readonly rates: () => FeedRates
}): SimulatedMarket {
  const { chance, now, rates } = parts
  const troubles = { lost: 0, twice: 0, late: 0, silent: 0 }
  const ticks = new Map<string, Tick>()
  const happens = (trouble: FeedTrouble): boolean => {
    const does = chance() < rates()[trouble]
    if (does) troubles[trouble] += 1
    return does
  }
  let latest = keep(tickAt(0))
  return { ticks, troubles, move, latest: () => latest }

  function move() {
    latest = keep(tickAt(ticks.size))
    const silentMs = happens('silent') ? 2 * FRESH_MS : 0
    const deliveries = (): readonly number[] => {
      if (happens('lost')) return []
      const first = happens('late') ? chance() * LATE_TICKS_MAX * TICK_MS : 0
      return happens('twice') ? [first, first + chance() * TICK_MS] : [first]
    }
    return { tick: latest, pauseMs: TICK_MS + silentMs, deliveries }
  }

  function keep(tick: Tick): Tick {
    ticks.set(tick.name, tick)
    return tick
  }

  function tickAt(number: number): Tick {
    const quotes = ASSETS.map((asset) => {
      const first = parsePrice(FIRST_PRICES[asset] ?? '1') ?? 1n
      const price = (first * BigInt(80_000 + Math.floor(chance() * 40_000))) / 100_000n
      return [asset, { price, halted: chance() < HALTED }] as const
    })
    return { name: `simulated:${number}`, atMs: now(), quotes: new Map(quotes) }
  }
}

/** The quote of an asset as a process sees it. */
export function quoteIn({ tick }: FeedView, asset: string): Quote {
  const { price, halted } = tick.quotes.get(asset) ?? { price: 1n, halted: true }
  return {
    asset_id: asset,
    asset_name: asset,
    quantity_scale: ASSET_SCALES[asset] ?? 0,
    halted,
    price: formatPrice(price),
    day_open: FIRST_PRICES[asset] ?? '1',
    as_of: new Date(tick.atMs).toISOString(),
    stale_after: new Date(tick.atMs + FRESH_MS).toISOString(),
    tick: tick.name,
    source: 'simulated',
  }
}
