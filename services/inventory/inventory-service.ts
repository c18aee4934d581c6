/** The door of the inventory: the catalogue of assets, the market, and the operator's halts. */
import {
  getAsset,
  getAssetImage,
  getCandles,
  getQuotes,
  haltAsset as haltAssetRoute,
  listAssets,
  listHalts,
  releaseAsset,
  streamPrices,
} from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { WrittenAnswer } from '@cnop/kit/answer-call.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Health } from '@cnop/kit/http-server.ts'
import {
  createService,
  type Endpoint,
  type Service,
  type ServiceParts,
  serve,
  serveStream,
} from '@cnop/kit/service.ts'
import type { Lease } from '@cnop/kit/store/lease.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { drawMonogram } from './asset-monogram.ts'
import { instantText, quoteOf } from './assets/asset-answers.ts'
import { outlooks } from './assets/asset-outlook.ts'
import { assetDescriber } from './assets/describe-asset.ts'
import { assetLister } from './assets/list-assets.ts'
import { listCandles } from './assets/list-candles.ts'
import type { Catalogue } from './catalogue.ts'
import { haltAsset, readHaltTrail } from './halts/halt-asset.ts'
import type { MarketAsset } from './market/asset-state.ts'
import { tickCommitter } from './market/commit-tick.ts'
import { createFeedHistory } from './market/feed-history.ts'
import { createMarketFollower } from './market/follow-market.ts'
import type { Market, RunningMarket } from './market/market.ts'
import { type MarketClock, systemMarketClock } from './market/market-clock.ts'
import { stretchOf, termsOf } from './market/market-terms.ts'
import { createPriceRecorder } from './market/price-recorder.ts'
import { createPriceStream, type PriceStream } from './market/price-stream.ts'
import { createPriceTurn, HALTS_CHANNEL } from './market/price-turn.ts'
import { candleReader, type ReadCandles } from './market/read-candles.ts'
import { restoreMarket } from './market/restore-market.ts'
import type { PriceFeed } from './price-feed.ts'
import { createFoldQueue } from './record/fold-queue.ts'
import { openRecord, storedRecord } from './record/record-row.ts'

export type InventoryOptions = Pick<
  ServiceParts,
  'callerSecret' | 'log' | 'telemetry' | 'checkAnswers'
> & {
  readonly store: Store
  readonly feed: PriceFeed
  readonly catalogue: Catalogue
  readonly bus: Bus
  readonly clock?: MarketClock
  /** Of publishing prices, where other replicas have the same store. */
  readonly lease?: Lease | undefined
  /** How often a minute the feed may be asked for history, however many charts are looked at. */
  readonly historyCallsPerMinuteMax?: number
}

const HISTORY_CALLS_PER_MINUTE = 400

/**
 * Resolves after the feed's first poll, whatever came of it. Throws `FeedMismatch` when the store
 * holds the prices of another feed.
 */
export async function createInventoryService(options: InventoryOptions): Promise<Service> {
  const { store, feed, catalogue, bus, clock = systemMarketClock } = options
  const { assets, referenceDate } = catalogue
  const queue = createFoldQueue()
  const record = await openRecord({
    store,
    clock,
    feed,
    assetIds: assets.map(({ assetId }) => assetId),
    fromMs: stretchOf(Math.floor(clock.now() / 1000), termsOf(feed)),
  })
  const nowMs = clock.now()
  const market = await restoreMarket({ store, record, feed, assets, queue, nowMs })
  const { log, telemetry, lease } = options
  const stream = createPriceStream(bus, market)
  const follower = createMarketFollower({
    store,
    market,
    queue,
    now: clock.now,
    readRecord: () => storedRecord(store),
    onTick: stream.tell,
  })
  const turn = lease && createPriceTurn({ lease, follower, bus, clock, log })
  const commitTick = tickCommitter({
    store,
    record,
    market,
    queue,
    clock,
    turn: turn && { grip: () => turn.grip, takeOver: follower.takeOver },
  })
  const recorder = createPriceRecorder({ feed, market, commitTick, bus, clock, log, telemetry })
  const history = createFeedHistory({
    feed,
    now: clock.now,
    callsPerMinuteMax: options.historyCallsPerMinuteMax ?? HISTORY_CALLS_PER_MINUTE,
  })
  const readCandles = candleReader({ store, market, queue, history })
  const outlookOf = outlooks({ readCandles, sinceMs: Date.parse(referenceDate) })
  await turn?.start()
  await recorder.start()
  return createService({
    ...options,
    name: 'inventory',
    now: clock.now,
    endpoints: [
      ...assetEndpoints({ market, clock, readCandles, outlookOf }),
      ...internalEndpoints({ market, clock, stream }),
      ...operatorEndpoints({ store, market, bus, clock }),
    ],
    health: async () => healthOf(market, clock.now()),
    onClose: async () => {
      stream.close()
      await recorder.stop()
      await turn?.stop()
    },
  })
}

/** The same for everyone and true until the next tick, so a door may keep it. */
const UNTIL_NEXT_TICK = 'public, max-age=1'
/** A picture depends on nothing but the asset's letters. */
const FOR_A_WEEK = 'public, max-age=604800'

function assetEndpoints(parts: {
  readonly market: Market
  readonly clock: MarketClock
  readonly readCandles: ReadCandles
  readonly outlookOf: ReturnType<typeof outlooks>
}): readonly Endpoint[] {
  const { market, clock, readCandles } = parts
  const listing = assetLister(market)
  const describe = assetDescriber(parts)
  const lasting = (text: string): WrittenAnswer =>
    new WrittenAnswer(text, {
      'cache-control': UNTIL_NEXT_TICK,
      etag: `"${market.lastSecond ?? 0}-${market.version}"`,
    })
  return [
    serve(listAssets, async ({ query }) => lasting(listing(query))),
    serve(getAsset, async ({ params }) => {
      const data = await describe(knownAsset(market, params.asset_id), clock.now())
      return lasting(JSON.stringify({ data }))
    }),
    serve(getAssetImage, async ({ params }) => {
      const { asset } = knownAsset(market, params.asset_id)
      return new WrittenAnswer(drawMonogram(asset), { 'cache-control': FOR_A_WEEK })
    }),
    serve(getCandles, async ({ params, query }) => {
      const { assetId } = knownAsset(market, params.asset_id).asset
      const data = await listCandles(readCandles, { assetId, query, nowMs: clock.now() })
      return lasting(JSON.stringify({ data }))
    }),
  ]
}

function internalEndpoints(parts: {
  readonly market: Market
  readonly clock: MarketClock
  readonly stream: PriceStream
}): readonly Endpoint[] {
  const { market, clock, stream } = parts
  return [
    serve(getQuotes, async ({ query }) => {
      const entries = [...new Set(query.asset_ids.split(','))].map((id) => knownAsset(market, id))
      const nowMs = clock.now()
      return { data: entries.flatMap((entry) => quoteOf(market, entry, nowMs) ?? []) }
    }),
    serveStream(streamPrices, async (_, listener) => stream.add(listener)),
  ]
}

function operatorEndpoints(parts: {
  readonly store: Store
  readonly market: RunningMarket
  readonly bus: Bus
  readonly clock: MarketClock
}): readonly Endpoint[] {
  const { store, market, bus, clock } = parts
  const changeHalt =
    (halted: boolean): Parameters<typeof serve<typeof haltAssetRoute>>[1] =>
    async ({ params, body, caller, deadline }) => {
      const { assetId } = knownAsset(market, params.asset_id).asset
      const actor = caller.kind === 'operator' ? caller.name : caller.kind
      const event = { assetId, halted, actor, reason: body.reason }
      market.setHalts(await haltAsset({ store, clock, deadline, event }))
      bus.publish(HALTS_CHANNEL, assetId)
      return { data: { asset_id: assetId, halted } }
    }
  return [
    serve(haltAssetRoute, changeHalt(true)),
    serve(releaseAsset, changeHalt(false)),
    serve(listHalts, async ({ query }) => {
      const { events, cursor } = await readHaltTrail(store, query)
      const data = events.map(({ assetId, halted, actor, reason, atMs }) => ({
        asset_id: assetId,
        halted,
        actor,
        reason,
        at: instantText(atMs),
      }))
      return cursor === undefined
        ? { data, has_more: false }
        : { data, has_more: true, next_cursor: cursor }
    }),
  ]
}

function knownAsset(market: Market, assetId: string): MarketAsset {
  const entry = market.asset(assetId)
  if (entry === undefined) throw new Problem('asset-not-found')
  return entry
}

/** Ready once a price is known; how old it is says the feed's state. */
async function healthOf(market: Market, nowMs: number): Promise<Health> {
  const { lastSecond, terms } = market
  if (lastSecond === undefined) return { ready: false, details: { prices: 'none yet' } }
  const fresh = nowMs / 1000 - lastSecond < terms.freshSeconds
  return { ready: true, details: { prices: fresh ? 'fresh' : 'stale' } }
}
