import { itemBytes } from '@cnop/kit/store/row-rules.ts'
import { STORE_LIMITS } from '@cnop/kit/store/store.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../catalogue.ts'
import { createSimulatedFeed } from '../simulated-feed.ts'
import { type KnownPrice, RECORDED_PRICE_MAX } from './decide-tick.ts'
import {
  packTick,
  secondOfTickKey,
  tickKey,
  tickName,
  tickSortKey,
  unpackTick,
} from './tick-rows.ts'

const SECOND = Date.parse('2026-03-10T12:34:56Z') / 1000
const ROSTER = ['BTC', 'ETH', 'PEPE', 'SOL']

describe('a tick row', () => {
  it('gives back every price and its age', () => {
    const known: fc.Arbitrary<KnownPrice> = fc.record({
      price: fc.bigInt(1n, RECORDED_PRICE_MAX),
      asOf: fc.integer({ min: SECOND - 10_000_000, max: SECOND }),
    })
    const markets = fc
      .uniqueArray(fc.constantFrom(...ROSTER))
      .chain((assetIds) =>
        fc.tuple(...assetIds.map((assetId) => fc.tuple(fc.constant(assetId), known))),
      )
    fc.assert(
      fc.property(markets, (entries) => {
        const tick = { second: SECOND, prices: new Map(entries) }
        const back = unpackTick(ROSTER, SECOND, packTick(ROSTER, tick))
        expect(back.second).toBe(SECOND)
        expect(Object.fromEntries(back.prices)).toEqual(Object.fromEntries(tick.prices))
      }),
    )
  })

  it('is read by a roster that has grown since', () => {
    const prices = new Map([['BTC', { price: 7n, asOf: SECOND }]])
    const row = packTick(['BTC'], { second: SECOND, prices })
    expect(unpackTick(ROSTER, SECOND, row).prices).toEqual(prices)
  })

  it('says nothing of ages while every price is of its own second', () => {
    const fresh = { price: 5n, asOf: SECOND }
    const row = packTick(['BTC'], { second: SECOND, prices: new Map([['BTC', fresh]]) })
    expect(Object.keys(row)).toEqual(['prices'])
    const old = { price: 5n, asOf: SECOND - 1 }
    const aged = packTick(['BTC'], { second: SECOND, prices: new Map([['BTC', old]]) })
    expect(Object.keys(aged)).toEqual(['prices', 'ages'])
  })

  it('of the whole simulated market is below one kilobyte', async () => {
    const { assets } = loadCatalogue()
    const feed = createSimulatedFeed({ seed: 'size', assets })
    const quotes = await feed.poll(SECOND * 1000, new AbortController().signal)
    const prices = new Map(
      [...quotes].map(([assetId, { price }]) => [assetId, { price, asOf: SECOND }] as const),
    )
    const roster = assets.map(({ assetId }) => assetId)
    expect(prices.size).toBeGreaterThanOrEqual(100)
    const row = packTick(roster, { second: SECOND, prices })
    expect(itemBytes(tickKey('simulator', SECOND), row)).toBeLessThan(1000)
  })

  it('of the dearest prices with the most digits fits a row of the store many times', () => {
    const roster = Array.from({ length: 1000 }, (_, index) => `A${index}`)
    const prices = new Map(
      roster.map((assetId) => [assetId, { price: RECORDED_PRICE_MAX, asOf: 0 }] as const),
    )
    const row = packTick(roster, { second: SECOND, prices })
    expect(itemBytes(tickKey('coingecko', SECOND), row)).toBeLessThan(STORE_LIMITS.rowBytesMax / 20)
    expect(unpackTick(roster, SECOND, row).prices).toEqual(prices)
  })

  it('has keys that rise with time, one partition an hour', () => {
    const seconds = [0, 1, 59, 60, 3599, 3600, 86_399, 86_400, SECOND]
    const keys = seconds.map((second) => tickKey('simulator', second))
    const texts = keys.map(({ pk, sk }) => `${pk} ${sk}`)
    expect(texts).toEqual(texts.toSorted())
    expect(new Set(keys.map(({ pk }) => pk)).size).toBe(5)
    expect(seconds.map((second) => secondOfTickKey(tickSortKey(second)))).toEqual(seconds)
  })

  it('is named by feed and second', () => {
    expect(tickName('simulator', SECOND)).toBe('simulator@2026-03-10T12:34:56Z')
  })
})
