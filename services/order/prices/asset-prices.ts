/** What the assets are worth, as inventory says. */
import { call } from '@cnop/contract/call.ts'
import {
  type Candle,
  type CandleInterval,
  getCandles,
  getQuotes,
  type Quote,
} from '@cnop/contract/inventory.ts'
import { parsePrice } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { type CallSigning, sendAs, type Transports } from '@cnop/kit/transport.ts'

/** One value, so that its signature is made once a second and not once a call. */
const SELF: Caller = { kind: 'system', name: 'order' }

/** The request on whose behalf prices are asked for. */
export type Trace = { readonly requestId: string; readonly deadline: number }

export type ClosesRequest = {
  readonly assetIds: readonly string[]
  readonly interval: CandleInterval
  readonly intervalMs: number
  /** Of the candles that begin at or after `fromMs` and before `toMs`. */
  readonly fromMs: number
  readonly toMs: number
}

/** The price at one moment, with twelve places. */
export type PriceAt = { readonly timeMs: number; readonly price: bigint }

/** All of them throw `asset-not-found`; `dependency-down` where inventory does not answer. */
export type AssetPrices = {
  /** The last known quotes, stale or not; an asset that never had a price is left out. */
  quotesOf(assetIds: readonly string[], trace: Trace): Promise<readonly Quote[]>
  /** The same, or none when inventory does not answer soon: for what can be told without prices. */
  quotesIfUp(assetIds: readonly string[], trace: Trace): Promise<readonly Quote[]>
  /** By asset: the prices at which candles closed, each at the time of its close, oldest first. */
  closesOf(request: ClosesRequest, trace: Trace): Promise<ReadonlyMap<string, readonly PriceAt[]>>
}

const QUOTES_PER_CALL_MAX = 250
const CANDLE_CALLS_AT_ONCE = 8

/** How long an answer that can do without prices waits for them. */
const OPTIONAL_QUOTES_MS = 1_000

export function createAssetPrices({
  transports,
  signing,
}: {
  transports: Transports
  signing: CallSigning
}): AssetPrices {
  const send = (trace: Trace) => sendAs(SELF, transports, signing, trace)

  const quotesOf = async (assetIds: readonly string[], trace: Trace) => {
    const answers = await Promise.all(
      chunksOf(assetIds, QUOTES_PER_CALL_MAX).map((ids) =>
        call(send(trace), getQuotes, { query: { asset_ids: ids.join(',') } }),
      ),
    )
    return answers.flatMap(({ data }) => data)
  }

  return {
    quotesOf,
    async quotesIfUp(assetIds, trace) {
      const soon = Math.min(trace.deadline, signing.now() + OPTIONAL_QUOTES_MS)
      try {
        return await quotesOf(assetIds, { ...trace, deadline: soon })
      } catch (error) {
        if (error instanceof Problem && error.code === 'dependency-down') return []
        throw error
      }
    },
    async closesOf({ assetIds, ...span }, trace) {
      const closes = new Map<string, readonly PriceAt[]>()
      const query = candlesWithin(span)
      for (const ids of chunksOf(assetIds, CANDLE_CALLS_AT_ONCE)) {
        await Promise.all(
          ids.map(async (assetId) => {
            const params = { asset_id: assetId }
            const { data } = await call(send(trace), getCandles, { params, query })
            closes.set(
              assetId,
              data.map((candle) => closeOf(candle, span.intervalMs)),
            )
          }),
        )
      }
      return closes
    },
  }
}

const candlesWithin = ({ interval, fromMs, toMs }: Omit<ClosesRequest, 'assetIds'>) => ({
  interval,
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
})

const chunksOf = <T>(items: readonly T[], length: number): (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  )

const closeOf = (candle: Candle, intervalMs: number): PriceAt => ({
  timeMs: Date.parse(candle.time) + intervalMs,
  price: priceIn(candle.close),
})

/** A price of inventory's; what is none counts as no answer. */
export function priceIn(text: string): bigint {
  const price = parsePrice(text)
  if (price === undefined) {
    throw new Problem('dependency-down', { cause: `No price: ${text}`, retryAfterSeconds: 2 })
  }
  return price
}
