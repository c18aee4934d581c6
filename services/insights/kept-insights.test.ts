import { describe, expect, it } from 'vitest'
import { createKeptInsights, fingerprintOf } from './kept-insights.ts'
import { gatheredOf, USUAL } from './testing/sample-briefing.ts'

const INSIGHT = { summary: 'A text.', generated_at: '2026-03-01T12:00:00.000Z', model: 'a-model' }

function keptAt() {
  const clock = { nowMs: 0 }
  const kept = createKeptInsights({ now: () => clock.nowMs, customersMax: 2 })
  const keep = (userId: string, fingerprint = 'same') =>
    kept.keep(userId, { fingerprint, insight: INSIGHT, lifeMs: 1_000 })
  return { clock, kept, keep }
}

describe('a text that is kept', () => {
  it('is its customer’s alone', () => {
    const { kept, keep } = keptAt()
    keep('ada')
    expect(kept.get('ada', 'same')).toBe(INSIGHT)
    expect(kept.get('bob', 'same')).toBeUndefined()
  })

  it('is gone when its time is over', () => {
    const { clock, kept, keep } = keptAt()
    keep('ada')
    clock.nowMs = 999
    expect(kept.get('ada', 'same')).toBe(INSIGHT)
    clock.nowMs = 1_000
    expect(kept.get('ada', 'same')).toBeUndefined()
  })

  it('is gone for good when the portfolio has changed', () => {
    const { kept, keep } = keptAt()
    keep('ada')
    expect(kept.get('ada', 'another')).toBeUndefined()
    expect(kept.get('ada', 'same')).toBeUndefined()
  })

  it('makes way for others when there are many', () => {
    const { kept, keep } = keptAt()
    for (const userId of ['ada', 'bob', 'eve']) keep(userId)
    expect(kept.get('ada', 'same')).toBeUndefined()
    expect(kept.get('eve', 'same')).toBe(INSIGHT)
  })
})

describe('a portfolio', () => {
  const before = fingerprintOf(gatheredOf(USUAL))
  const priced = (factor: bigint) => {
    const gathered = gatheredOf(USUAL)
    const { portfolio } = gathered
    const scaled = (text: string) => String((BigInt(text.replace('.', '')) * factor) / 100_000n)
    const assets = portfolio.assets.map((asset) => ({
      ...asset,
      current_price: `${scaled(asset.current_price ?? '0')}.00`,
    }))
    return fingerprintOf({ ...gathered, portfolio: { ...portfolio, assets } })
  }

  it('is the same one while prices move by little, and another when they move by much', () => {
    expect(priced(1000n)).toBe(before)
    for (const permille of [995n, 1001n, 1005n]) expect(priced(permille)).toBe(before)
    for (const permille of [900n, 1100n, 10_000n]) expect(priced(permille)).not.toBe(before)
  })

  it('is another one after a cent of cash, a purchase, or an order', () => {
    const gathered = gatheredOf(USUAL)
    const { portfolio, orders } = gathered
    const [first, ...rest] = portfolio.assets
    const changed = [
      { portfolio: { ...portfolio, cash_balance: '1000.01' }, orders },
      { portfolio: { ...portfolio, assets: rest }, orders },
      { portfolio: { ...portfolio, assets: [{ ...first!, quantity: '2' }, ...rest] }, orders },
      { portfolio, orders: orders.slice(1) },
      { portfolio, orders: orders.map((order) => ({ ...order, status: 'cancelled' })) },
    ]
    for (const one of changed) expect(fingerprintOf(one)).not.toBe(before)
    expect(new Set(changed.map(fingerprintOf)).size).toBe(changed.length)
  })
})
