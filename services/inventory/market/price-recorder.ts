/**
 * The publisher of prices: polls the feed once a period, records what is new, tells the bus. A poll
 * that fails changes nothing: the last known prices grow old, and trading in them stops by itself.
 */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { type FeedQuote, type PriceFeed, PriceFeedFault } from '../price-feed.ts'
import type { CommitTick } from './commit-tick.ts'
import type { RunningMarket } from './market.ts'
import type { MarketClock } from './market-clock.ts'
import { PRICES_CHANNEL, priceFrame } from './price-frame.ts'

export type PriceRecorder = {
  /** Resolves after the first poll, whatever comes of it; polls on until stopped. */
  start(): Promise<void>
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

const POLL_MS_MAX = 10_000

export function createPriceRecorder(parts: {
  readonly feed: PriceFeed
  readonly market: RunningMarket
  readonly commitTick: CommitTick
  readonly bus: Bus
  readonly clock: MarketClock
  readonly log: Log
  readonly telemetry: Telemetry
}): PriceRecorder {
  const { feed, market, commitTick, bus, clock, log } = parts
  const count = pollCounter(parts.telemetry, feed.kind)
  const ageSeconds = parts.telemetry
    .gauge('price_feed_age_seconds', 'Age of the newest price, at the last poll', ['feed'])
    .labels({ feed: feed.kind })
  const stopping = new AbortController()
  const time = { clock, stopping: stopping.signal }
  let running = Promise.resolve()

  return {
    async start() {
      const startMs = clock.now()
      const retryMs = await pollOnce()
      running = pollOn(startMs, retryMs)
    },
    async stop() {
      stopping.abort()
      await running
    },
  }

  /** One poll after another, on a grid of whole seconds and periods that does not drift. */
  async function pollOn(startMs: number, retryMs: number): Promise<void> {
    const firstMs = startMs - (startMs % 1000)
    let restMs = retryMs
    while (!stopping.signal.aborted) {
      const earliestMs = clock.now() + restMs
      const periods = Math.floor((earliestMs - firstMs) / feed.periodMs) + 1
      await clock.waitUntil(firstMs + periods * feed.periodMs, stopping.signal)
      if (!stopping.signal.aborted) restMs = await pollOnce()
    }
  }

  /** Gives how long the source wants to be left alone, in milliseconds. */
  async function pollOnce(): Promise<number> {
    const nowMs = clock.now()
    try {
      const quotes = await inTime(time, (signal) => feed.poll(nowMs, signal))
      const recorded = await record(Math.floor(nowMs / 1000), quotes)
      count(recorded ? 'recorded' : 'unchanged')
      return await completeWeek(nowMs)
    } catch (error) {
      return failed(error)
    } finally {
      const newest = newestSecond(market)
      if (newest !== undefined) ageSeconds.set(clock.now() / 1000 - newest)
    }
  }

  /** What the record lacks of the last week is asked for after each poll until it is there. */
  async function completeWeek(nowMs: number): Promise<number> {
    if (!market.weekIncomplete) return 0
    try {
      market.completeWeek(await inTime(time, (signal) => feed.lastWeek(nowMs, signal)))
      return 0
    } catch (error) {
      if (!(error instanceof PriceFeedFault)) throw error
      log.warn({ err: error, reason: error.reason }, 'the feed did not tell the last week')
      return error.retryAfterMs ?? 0
    }
  }

  async function record(second: number, quotes: ReadonlyMap<string, FeedQuote>): Promise<boolean> {
    const tick = await commitTick(second, quotes)
    if (tick === undefined) return false
    // All known prices, not only the new ones: a listener may have missed the tick before.
    bus.publish(PRICES_CHANNEL, priceFrame(second, market.known))
    for (const event of tick.halting.events) log.warn({ ...event }, 'trading in an asset changed')
    return true
  }

  function failed(error: unknown): number {
    if (stopping.signal.aborted) return 0
    if (error instanceof PriceFeedFault) {
      count(error.reason)
      log.warn({ err: error, reason: error.reason }, 'the price feed failed')
      return error.retryAfterMs ?? 0
    }
    count('not-recorded')
    log.error({ err: error }, 'a tick was not recorded')
    return 0
  }
}

/** A feed that does not answer is not waited for, even if it does not hear the signal. */
async function inTime<T>(
  { clock, stopping }: { readonly clock: MarketClock; readonly stopping: AbortSignal },
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, stopping])
  const late = clock.waitUntil(clock.now() + POLL_MS_MAX, signal).then((): never => {
    throw new PriceFeedFault('timeout', `The feed took longer than ${POLL_MS_MAX} ms.`)
  })
  try {
    return await Promise.race([ask(signal), late])
  } finally {
    over.abort()
  }
}

function pollCounter(telemetry: Telemetry, feed: string): (outcome: string) => void {
  const polls = telemetry.counter('price_feed_polls_total', 'Polls of the price feed', [
    'feed',
    'outcome',
  ])
  return (outcome) => polls.labels({ feed, outcome }).inc()
}

function newestSecond({ known }: RunningMarket): number | undefined {
  let newest: number | undefined
  for (const { asOf } of known.values()) if (newest === undefined || asOf > newest) newest = asOf
  return newest
}
