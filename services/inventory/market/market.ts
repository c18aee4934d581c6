/**
 * The market as it stands, in memory: built at every start from the record and the feed's history,
 * moved on by every tick. What answers are made of; the truth is the record.
 */
import type { Asset } from '../catalogue.ts'
import type { Halt, Halts } from '../halts/decide-halts.ts'
import { type FeedPoint, type FeedQuote, HOUR_MS } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'
import type { StoredBlocks } from '../record/candle-series.ts'
import type { KnownPrice } from '../record/decide-tick.ts'
import type { WaitingBlocks } from '../record/fold-queue.ts'
import type { Tick } from '../record/tick-rows.ts'
import { type AssetState, createAssetState, type MarketAsset } from './asset-state.ts'
import { type MarketTerms, stretchOf } from './market-terms.ts'

export type Market = {
  readonly terms: MarketTerms
  /** In the order of their rank. */
  readonly assets: readonly MarketAsset[]
  /** Another number whenever an answer may be another. */
  readonly version: number
  /** Epoch second of the last tick. */
  readonly lastSecond: number | undefined
  asset(assetId: string): MarketAsset | undefined
  halt(assetId: string): Halt | undefined
}

/** The same market in the hands of those who move it on. */
export type RunningMarket = Market & {
  readonly known: ReadonlyMap<string, KnownPrice>
  readonly halts: Halts
  /** The start of the stretch that runs. */
  readonly runningMs: number
  /** Some hour of the last week is not known. */
  readonly weekIncomplete: boolean
  /** What was known by a second before the first tick that moves the market. */
  seed(tick: Tick): void
  /** Assets of no catalogue are passed over. Gives the candle blocks of the stretch that the tick has ended, if it has. */
  apply(tick: MarketTick): readonly WaitingBlocks[]
  learn(quotes: ReadonlyMap<string, FeedQuote>): void
  /** Older halts than those known are passed over. */
  setHalts(halts: Halts): void
  fillHours(assetId: string, points: readonly FeedPoint[]): void
  completeWeek(weeks: ReadonlyMap<string, readonly FeedPoint[]>): void
}

export type MarketTick = {
  readonly second: number
  readonly fresh: ReadonlyMap<string, KnownPrice>
}

export type MarketOptions = {
  readonly terms: MarketTerms
  readonly assets: readonly Asset[]
  /** Until when the record was folded, and the blocks that run on from there by asset. */
  readonly fromMs: number
  readonly stored: ReadonlyMap<string, StoredBlocks>
}

export function createMarket(options: MarketOptions): RunningMarket {
  const states = statesOf(options)
  const known = new Map<string, KnownPrice>()
  let runningMs = options.fromMs
  let lastSecond: number | undefined
  let version = 0
  let weekIncomplete = true
  let halts: Halts = { version: 0n, byAsset: new Map() }

  return {
    terms: options.terms,
    assets: [...states.values()],
    known,
    get version() {
      return version
    },
    get lastSecond() {
      return lastSecond
    },
    get halts() {
      return halts
    },
    get runningMs() {
      return runningMs
    },
    get weekIncomplete() {
      return weekIncomplete
    },
    asset: (assetId) => states.get(assetId),
    halt: (assetId) => halts.byAsset.get(assetId),
    seed({ second, prices }) {
      for (const [assetId, price] of prices) {
        if (!states.has(assetId)) continue
        known.set(assetId, price)
        states.get(assetId)?.seed(price)
      }
      lastSecond = second
    },
    apply({ second, fresh }) {
      const ended = turnTo(stretchOf(second, options.terms))
      for (const [assetId, price] of fresh) {
        if (!states.has(assetId)) continue
        known.set(assetId, price)
        states.get(assetId)?.add(second, price)
      }
      lastSecond = second
      if (second % (HOUR_MS / 1000) === 0)
        for (const state of states.values()) state.markHour(second * 1000)
      version += 1
      return ended
    },
    learn(quotes) {
      for (const [assetId, quote] of quotes) states.get(assetId)?.learn(quote)
    },
    setHalts(newer) {
      if (newer.version <= halts.version) return
      halts = newer
      version += 1
    },
    fillHours: (assetId, points) => states.get(assetId)?.fillHours(points),
    completeWeek(weeks) {
      for (const [assetId, points] of weeks) states.get(assetId)?.fillHours(points)
      weekIncomplete = false
      version += 1
    },
  }

  function turnTo(beginMs: number): readonly WaitingBlocks[] {
    if (beginMs <= runningMs) return []
    const hourMs = startOf(beginMs, HOUR_MS)
    const lastHourMs = startOf(runningMs, HOUR_MS)
    runningMs = beginMs
    weekIncomplete ||= hourMs > lastHourMs + HOUR_MS
    return [...states].map(([assetId, state]) => {
      const blocks = state.fold(beginMs)
      if (hourMs > lastHourMs) state.markHour(hourMs)
      return { assetId, blocks }
    })
  }
}

function statesOf({ terms, assets, fromMs, stored }: MarketOptions): Map<string, AssetState> {
  const { freshSeconds } = terms
  return new Map(
    assets.map((asset) => {
      const blocks = stored.get(asset.assetId) ?? {}
      return [
        asset.assetId,
        createAssetState({ asset, freshSeconds, fromMs, stored: blocks }),
      ] as const
    }),
  )
}
