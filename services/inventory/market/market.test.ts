import { describe, expect, it } from 'vitest'
import { catalogueOf } from '../testing/test-inventory.ts'
import { createMarket } from './market.ts'
import { termsOf } from './market-terms.ts'

const HOUR = 3600
const START = Date.parse('2026-03-10T12:00:00Z') / 1000

function open() {
  const market = createMarket({
    terms: termsOf({ kind: 'simulator', periodMs: 1000 }),
    assets: catalogueOf('BTC').assets,
    fromMs: START * 1000,
    stored: new Map(),
  })
  const tick = (second: number, price: bigint) =>
    market.apply({ second, fresh: new Map([['BTC', { price, asOf: second }]]) })
  const hour = (second: number) => market.asset('BTC')?.priceAtHour(second * 1000)
  return { market, tick, hour }
}

describe('the market', () => {
  it('remembers the price of each hour: the tick on it, or the last fresh one before', () => {
    const { tick, hour } = open()
    tick(START + HOUR - 1, 10n)
    tick(START + HOUR, 11n)
    expect(hour(START + HOUR)).toBe(11n)
    tick(START + HOUR + 1, 12n)
    expect(hour(START + HOUR)).toBe(11n)
    tick(START + 2 * HOUR - 2, 13n)
    tick(START + 2 * HOUR + 2, 14n)
    expect(hour(START + 2 * HOUR)).toBe(13n)
    tick(START + 3 * HOUR - 20, 15n)
    tick(START + 3 * HOUR + 20, 16n)
    expect(hour(START + 3 * HOUR)).toBeUndefined()
  })

  it('forgets the hours of more than a week ago', () => {
    const { tick, hour } = open()
    for (let at = START; at <= START + 200 * HOUR; at += HOUR) tick(at, BigInt(at))
    expect(hour(START + 32 * HOUR)).toBe(BigInt(START + 32 * HOUR))
    expect(hour(START + 31 * HOUR)).toBeUndefined()
  })

  it('notices that it has slept through an hour', () => {
    const { market, tick } = open()
    market.completeWeek(new Map())
    tick(START + 1, 10n)
    tick(START + HOUR + 1, 10n)
    expect(market.weekIncomplete).toBe(false)
    tick(START + 3 * HOUR + 1, 10n)
    expect(market.weekIncomplete).toBe(true)
  })

  it('keeps what it has recorded of an hour over what the feed says of it later', () => {
    const { market, tick, hour } = open()
    tick(START + HOUR, 11n)
    const point = (at: number, price: bigint) => ({ atMs: at * 1000, price })
    market.completeWeek(new Map([['BTC', [point(START, 9n), point(START + HOUR, 99n)]]]))
    expect([hour(START), hour(START + HOUR)]).toEqual([9n, 11n])
  })

  it('passes over halts that are older than those it knows', () => {
    const { market } = open()
    const newer = { version: 2n, byAsset: new Map([['BTC', { cause: 'operator' } as const]]) }
    market.setHalts(newer)
    const { version } = market
    market.setHalts({ version: 1n, byAsset: new Map() })
    expect(market.halt('BTC')).toEqual({ cause: 'operator' })
    expect(market.version).toBe(version)
  })

  it.each([
    [1000, 5],
    [1500, 5],
    [2000, 6],
    [60_000, 180],
  ])('of a feed with a period of %d ms is fresh for %d s', (periodMs, seconds) => {
    expect(termsOf({ kind: 'coingecko', periodMs }).freshSeconds).toBe(seconds)
  })
})
