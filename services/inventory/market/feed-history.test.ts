import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../catalogue.ts'
import { type FeedCandle, type HistoryRequest, PriceFeedFault } from '../price-feed.ts'
import { createSimulatedFeed } from '../simulated-feed.ts'
import { createScriptedFeed, type ScriptedFeed } from '../testing/scripted-feed.ts'
import { createFeedHistory } from './feed-history.ts'

const MINUTE_MS = 60_000
const NOW_MS = Date.parse('2026-03-10T12:00:30Z')

/** Knows every minute: the price is the number of the minute, and so is the volume. */
const everyMinute = async ({ fromMs, toMs, nowMs }: HistoryRequest): Promise<FeedCandle[]> => {
  const candles: FeedCandle[] = []
  for (let startMs = fromMs; startMs < Math.min(toMs, nowMs + 1); startMs += MINUTE_MS) {
    const price = BigInt(startMs / MINUTE_MS)
    const closed = startMs + MINUTE_MS <= nowMs
    candles.push({ startMs, open: price, high: price, low: price, close: price, closed })
  }
  return candles
}

function start(options: { feed?: ScriptedFeed; callsPerMinuteMax?: number } = {}) {
  const { feed = createScriptedFeed(), callsPerMinuteMax = 100 } = options
  feed.tell(everyMinute)
  let nowMs = NOW_MS
  const history = createFeedHistory({ feed, callsPerMinuteMax, now: () => nowMs })
  return {
    feed,
    history,
    advance: (ms: number) => {
      nowMs += ms
    },
    /** The last so many minutes, as starts. */
    async last(count: number, asked: Partial<HistoryRequest> = {}) {
      const fromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - (count - 1) * MINUTE_MS
      const request = { assetId: 'BTC', interval: '1m', fromMs, toMs: nowMs + 1, nowMs } as const
      const { candles, fault } = await history.read({ ...request, ...asked })
      return { starts: [...candles.keys()].toSorted(), fromMs, fault }
    },
  }
}

describe('the history of a feed', () => {
  it('is given from one end to the other, in one call', async () => {
    const { last, feed } = start()
    const { starts, fromMs } = await last(300)
    expect(starts).toEqual(Array.from({ length: 300 }, (_, index) => fromMs + index * MINUTE_MS))
    expect(feed.asked).toHaveLength(1)
  })

  it('is asked for once: closed candles are kept', async () => {
    const { last, feed, advance } = start()
    await last(300)
    await last(300)
    await last(50)
    expect(feed.asked).toHaveLength(1)
    advance(3 * MINUTE_MS)
    const { starts } = await last(300)
    expect(starts).toHaveLength(300)
    expect(feed.asked).toHaveLength(2)
    const again = feed.asked[1] as HistoryRequest
    expect(again.fromMs).toBe(Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS)
  })

  it('of candles that still run is asked for again, every ten seconds', async () => {
    const { last, feed, advance } = start()
    await last(10)
    advance(9_999)
    await last(10)
    expect(feed.asked).toHaveLength(1)
    advance(1)
    await last(10)
    expect(feed.asked).toHaveLength(2)
  })

  it('is not asked for twice by two who want the same at once', async () => {
    const { last, feed } = start()
    const answers = await Promise.all([last(300), last(300), last(200)])
    expect(answers.map(({ starts }) => starts.length)).toEqual([300, 300, 200])
    expect(feed.asked).toHaveLength(1)
  })

  it('is of one asset and interval', async () => {
    const { last, feed } = start()
    await last(10)
    await last(10, { assetId: 'ETH' })
    await last(10, { interval: '5m', fromMs: NOW_MS - 50 * MINUTE_MS })
    expect(feed.asked.map(({ assetId, interval }) => `${assetId} ${interval}`)).toEqual([
      'BTC 1m',
      'ETH 1m',
      'BTC 5m',
    ])
  })

  it('costs no more calls a minute than it may, and what is kept stays', async () => {
    const { last, feed, advance } = start({ callsPerMinuteMax: 2 })
    await last(10)
    await last(10, { assetId: 'ETH' })
    const refused = await last(10, { assetId: 'SOL' })
    expect(refused.fault?.reason).toBe('rate-limited')
    expect(refused.fault?.retryAfterMs).toBe(30_000)
    expect((await last(10)).starts).toHaveLength(10)
    expect((await last(10)).fault).toBeUndefined()
    advance(30_000)
    expect((await last(10, { assetId: 'SOL' })).fault).toBeUndefined()
    expect(feed.asked).toHaveLength(3)
  })

  it('leaves a source that failed alone for as long as it asks', async () => {
    const { last, feed, advance } = start()
    feed.tell(async () => {
      throw new PriceFeedFault('rate-limited', 'Enough.', { retryAfterMs: 20_000 })
    })
    expect((await last(10)).fault?.reason).toBe('rate-limited')
    expect((await last(10, { assetId: 'ETH' })).fault?.reason).toBe('rate-limited')
    expect(feed.asked).toHaveLength(1)
    advance(20_000)
    feed.tell(everyMinute)
    expect((await last(10)).starts).toHaveLength(10)
  })

  it('does not hide a defect', async () => {
    const { last, feed } = start()
    feed.tell(async () => {
      throw new TypeError('a defect')
    })
    await expect(last(10)).rejects.toThrow('a defect')
    feed.tell(everyMinute)
    expect((await last(10)).starts).toHaveLength(10)
  })

  it('of long ago that the source does not have is not asked for again and again', async () => {
    const { last, feed, advance } = start()
    feed.tell(async () => [])
    const fromMs = NOW_MS - 90 * 24 * 60 * MINUTE_MS
    await last(1, { fromMs, toMs: fromMs + 10 * MINUTE_MS })
    advance(10 * MINUTE_MS)
    await last(1, { fromMs, toMs: fromMs + 10 * MINUTE_MS })
    expect(feed.asked).toHaveLength(1)
  })

  it('keeps within its memory whatever is looked at', async () => {
    const { assets } = loadCatalogue()
    const feed = createScriptedFeed()
    const { last } = start({ feed, callsPerMinuteMax: 10_000 })
    for (const { assetId } of assets) await last(500, { assetId })
    const before = feed.asked.length
    await last(500, { assetId: assets.at(-1)?.assetId ?? '' })
    expect(feed.asked).toHaveLength(before)
    await last(500, { assetId: assets[0]?.assetId ?? '' })
    expect(feed.asked).toHaveLength(before + 1)
  })

  it('of the simulator is the same, however it is asked for', async () => {
    const feed = createSimulatedFeed({ seed: 'history', assets: loadCatalogue().assets })
    const now = () => NOW_MS
    const history = createFeedHistory({ feed, callsPerMinuteMax: 100, now })
    const request = {
      assetId: 'BTC',
      interval: '1m',
      fromMs: NOW_MS - 1000 * MINUTE_MS,
      toMs: NOW_MS,
      nowMs: NOW_MS,
    } as const
    const straight = await feed.history(request, new AbortController().signal)
    const half = { ...request, toMs: NOW_MS - 487 * MINUTE_MS }
    await history.read(half)
    const { candles } = await history.read(request)
    expect([...candles.values()].toSorted((a, b) => a.startMs - b.startMs)).toEqual(straight)
  })
})
