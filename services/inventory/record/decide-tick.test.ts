import { describe, expect, it } from 'vitest'
import { decideTick, type KnownPrice, RECORDED_PRICE_MAX } from './decide-tick.ts'

const NO_HALTS = { version: 0n, byAsset: new Map() }

function decide(
  quotes: Record<string, readonly [price: bigint, asOfMs: number]>,
  before: {
    second?: number
    lastSecond?: number
    known?: Record<string, readonly [price: bigint, asOf: number]>
  } = {},
) {
  const { second = 1000, lastSecond, known = {} } = before
  return decideTick({
    second,
    lastSecond,
    quotes: new Map(
      Object.entries(quotes).map(([id, [price, asOfMs]]) => [id, { price, asOfMs }] as const),
    ),
    known: new Map(
      Object.entries(known).map(([id, [price, asOf]]): [string, KnownPrice] => [
        id,
        { price, asOf },
      ]),
    ),
    halts: NO_HALTS,
  })
}

describe('a tick', () => {
  it('takes what is newer than what is known, asset by asset', () => {
    const tick = decide(
      { BTC: [11n, 999_900], ETH: [22n, 990_000], SOL: [33n, 998_000] },
      { known: { BTC: [10n, 998], ETH: [20n, 990], SOL: [30n, 999] } },
    )
    expect(tick?.fresh).toEqual(new Map([['BTC', { price: 11n, asOf: 999 }]]))
  })

  it('is none when nothing is new', () => {
    expect(decide({})).toBeUndefined()
    expect(decide({ BTC: [11n, 998_999] }, { known: { BTC: [10n, 998] } })).toBeUndefined()
  })

  it('is none in a second that has one, nor in one before it', () => {
    const quotes = { BTC: [11n, 999_000] } as const
    expect(decide(quotes, { second: 1000, lastSecond: 1000 })).toBeUndefined()
    expect(decide(quotes, { second: 1000, lastSecond: 1001 })).toBeUndefined()
    expect(decide(quotes, { second: 1000, lastSecond: 999 })).toBeDefined()
  })

  it('never believes a source that has seen the future', () => {
    const tick = decide({ BTC: [11n, 5_000_000] }, { second: 1000 })
    expect(tick?.fresh.get('BTC')).toEqual({ price: 11n, asOf: 1000 })
  })

  it('leaves out prices that no row can hold', () => {
    expect(decide({ BTC: [0n, 1_000_000] })).toBeUndefined()
    expect(decide({ BTC: [-1n, 1_000_000] })).toBeUndefined()
    expect(decide({ BTC: [RECORDED_PRICE_MAX + 1n, 1_000_000] })).toBeUndefined()
    expect(decide({ BTC: [RECORDED_PRICE_MAX, 1_000_000] })).toBeDefined()
  })

  it('measures a jump from the last known price', () => {
    const known = { BTC: [100n, 999], ETH: [100n, 999] } as const
    const tick = decide({ BTC: [130n, 1_000_000], ETH: [129n, 1_000_000] }, { known })
    expect([...(tick?.halting.halts.byAsset.keys() ?? [])]).toEqual(['BTC'])
  })

  it('halts nothing for a first price', () => {
    expect(decide({ BTC: [130n, 1_000_000] })?.halting.changed).toBe(false)
  })
})
