import { describe, expect, it } from 'vitest'
import {
  decideJumpHalts,
  decideOperatorHalt,
  type Halt,
  type HaltDecision,
  type Halts,
} from './decide-halts.ts'

const NONE: Halts = { version: 0n, byAsset: new Map() }
const haltsOf = (halt: Halt): Halts => ({ version: 4n, byAsset: new Map([['BTC', halt]]) })

/** The price goes along these; gives the decision of each step. */
function walk(halts: Halts, ...prices: readonly bigint[]): readonly HaltDecision[] {
  let current = halts
  return prices.slice(1).map((to, index) => {
    const from = prices[index] as bigint
    const decision = decideJumpHalts(current, new Map([['BTC', { from, to }]]))
    current = decision.halts
    return decision
  })
}

const halted = (decisions: readonly HaltDecision[]): readonly boolean[] =>
  decisions.map(({ halts }) => halts.byAsset.has('BTC'))

describe('a jump', () => {
  it.each([
    [1000n, 1300n, true],
    [1000n, 1299n, false],
    [1000n, 700n, true],
    [1000n, 701n, false],
    [1n, 2n, true],
  ])('from %d to %d halts: %s', (from, to, expected) => {
    expect(halted(walk(NONE, from, to))).toEqual([expected])
  })

  it('is over after three ticks in a row within 5 % of the new level', () => {
    expect(halted(walk(NONE, 1000n, 1400n, 1470n, 1330n, 1400n))).toEqual([true, true, true, false])
  })

  it('is not over while the level does not hold', () => {
    const decisions = walk(NONE, 1000n, 1400n, 1400n, 1400n, 1471n, 1471n, 1471n, 1471n)
    expect(halted(decisions)).toEqual([true, true, true, true, true, true, false])
  })

  it('measures calm from where the price went, not from the tick before', () => {
    expect(halted(walk(NONE, 1000n, 1400n, 1450n, 1500n, 1500n))).toEqual([true, true, true, true])
  })

  it('says who, when and why, once for the halt and once for the release', () => {
    const events = walk(NONE, 100n * 10n ** 12n, 140n * 10n ** 12n, ...held(140n, 3)).flatMap(
      (decision) => decision.events,
    )
    expect(events).toEqual([
      {
        assetId: 'BTC',
        halted: true,
        actor: 'market',
        reason: 'The price went from 100.00 to 140.00 in one tick.',
      },
      {
        assetId: 'BTC',
        halted: false,
        actor: 'market',
        reason: 'The price held at 140.00 for 3 ticks.',
      },
    ])
  })

  it('moves the version with every change and never without one', () => {
    const versions = walk(NONE, 1000n, 1400n, 1400n, 1400n, 1400n, 1400n).map(
      ({ halts, changed }) => [halts.version, changed],
    )
    expect(versions).toEqual([
      [1n, true],
      [2n, true],
      [3n, true],
      [4n, true],
      [4n, false],
    ])
  })

  it('of one asset leaves the others alone', () => {
    const moves = new Map([
      ['BTC', { from: 100n, to: 200n }],
      ['ETH', { from: 100n, to: 101n }],
    ])
    expect([...decideJumpHalts(NONE, moves).halts.byAsset.keys()]).toEqual(['BTC'])
  })
})

describe('the operator', () => {
  const says = (isHalted: boolean) => ({
    assetId: 'BTC',
    halted: isHalted,
    actor: 'olga',
    reason: 'The source is broken',
  })

  it('halts, and only the operator releases', () => {
    const { halts } = decideOperatorHalt(NONE, says(true))
    expect(halted(walk(halts, 100n, 100n, 100n, 100n, 100n))).toEqual([true, true, true, true])
    expect(decideOperatorHalt(halts, says(false)).halts.byAsset.size).toBe(0)
  })

  it('takes over a halt that a jump has made', () => {
    const { halts } = decideOperatorHalt(
      haltsOf({ cause: 'jump', level: 100n, calmTicks: 2 }),
      says(true),
    )
    expect(halts.byAsset.get('BTC')).toEqual({ cause: 'operator' })
  })

  it('releases a halt that a jump has made', () => {
    const decision = decideOperatorHalt(
      haltsOf({ cause: 'jump', level: 100n, calmTicks: 0 }),
      says(false),
    )
    expect(decision.halts).toEqual({ version: 5n, byAsset: new Map() })
    expect(decision.events).toEqual([says(false)])
  })

  it('is recorded each time it halts, with its reason', () => {
    const decision = decideOperatorHalt(haltsOf({ cause: 'operator' }), says(true))
    expect(decision.events).toEqual([says(true)])
    expect(decision.halts.version).toBe(5n)
  })

  it('changes nothing by releasing what trades', () => {
    expect(decideOperatorHalt(NONE, says(false))).toEqual({
      halts: NONE,
      changed: false,
      events: [],
    })
  })
})

const held = (dollars: bigint, times: number): readonly bigint[] =>
  Array.from({ length: times }, () => dollars * 10n ** 12n)
