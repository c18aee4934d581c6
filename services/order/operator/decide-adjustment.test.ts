import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountWith, balanceWith, refusalOf, toldOf } from '../testing/circumstances.ts'
import {
  type AdjustmentCircumstances,
  type AdjustmentRequest,
  decideAdjustment,
} from './decide-adjustment.ts'

const decide = (
  request: Partial<AdjustmentRequest>,
  circumstances: Partial<AdjustmentCircumstances> = {},
) =>
  decideAdjustment(
    {
      asset: 'BTC',
      amount: '0.1',
      reason: 'a lost deposit',
      corrects: undefined,
      transferId: 'transfer-1',
      ...request,
    },
    { account: accountWith({ seq: 7n }), balance: undefined, scale: 8, ...circumstances },
  )

it('a correction is a new event with a reason, against the outside', () => {
  expect(decide({ corrects: 7n })).toEqual({
    type: 'balance-adjusted',
    postings: [
      {
        asset: 'BTC',
        scale: 8,
        a: 10_000_000n,
        h: 0n,
        xT: 0n,
        xF: 0n,
        xE: -10_000_000n,
        cost: 0n,
        realized: 0n,
      },
    ],
    transfer: { id: 'transfer-1', kind: 'adjustment', asset: 'BTC', amount: 10_000_000n },
    reason: 'a lost deposit',
    corrects: 7n,
  })
})

it('a correction of no event in particular names none', () => {
  expect(Object.keys(decide({}))).not.toContain('corrects')
})

it('a balance that was emptied can be given something, at no cost', () => {
  const balance = balanceWith({ asset: 'BTC', scale: 8 })
  expect(decide({}, { balance }).postings).toMatchObject([{ a: 10_000_000n, cost: 0n }])
})

it('an account that never moved anything can be given something', () => {
  expect(decide({}, { account: undefined })).toMatchObject({ type: 'balance-adjusted' })
})

it('an account that is frozen can be corrected', () => {
  expect(
    refusalOf(() => decide({}, { account: accountWith({ status: 'frozen' }) })),
  ).toBeUndefined()
})

describe('a correction is refused', () => {
  it.each<[string, Partial<AdjustmentRequest>, Partial<AdjustmentCircumstances>, string]>([
    ['of nothing', { amount: '0' }, {}, 'invalid-input amount'],
    ['with too many places', { amount: '0.123456789' }, {}, 'invalid-input amount'],
    ['of an event to come', { corrects: 8n }, {}, 'invalid-input corrects_event'],
    [
      'of the first, to come',
      { corrects: 1n },
      { account: undefined },
      'invalid-input corrects_event',
    ],
    ['of more than there is', { amount: '-0.1' }, {}, 'insufficient-holdings'],
    [
      'of more cash than there is',
      { asset: 'USD', amount: '-5' },
      { scale: 2 },
      'insufficient-funds',
    ],
  ])('%s', (_, request, circumstances, code) => {
    expect(refusalOf(() => decide(request, circumstances))).toBe(code)
  })

  it.each<[string, Partial<AdjustmentRequest>, Partial<AdjustmentCircumstances>, string]>([
    ['of nothing', { amount: '0' }, {}, 'invalid-input amount: Zero corrects nothing.'],
    [
      'of a part of what is whole',
      { amount: '0.5' },
      { scale: 0 },
      'invalid-input amount: Use a whole number.',
    ],
    [
      'of an event to come',
      { corrects: 8n },
      {},
      'invalid-input corrects_event: There is no such event.',
    ],
    [
      'of more than there is',
      { amount: '-0.1' },
      { balance: balanceWith({ asset: 'BTC', scale: 8, a: 9_999_999n, h: 5n }) },
      'insufficient-holdings: 0.09999999 BTC is available.',
    ],
    [
      'of more cash than there is',
      { asset: 'USD', amount: '-5' },
      { scale: 2 },
      'insufficient-funds: 0 USD is available.',
    ],
  ])('%s, and the operator is told why', (_, request, circumstances, sentence) => {
    expect(toldOf(() => decide(request, circumstances))).toEqual([sentence])
  })

  it('when it takes what an open order holds', () => {
    const balance = balanceWith({ asset: 'BTC', scale: 8, a: 1n, h: 10_000_000n })
    expect(refusalOf(() => decide({ amount: '-0.1' }, { balance }))).toBe('insufficient-holdings')
  })
})

it('a correction leaves the average cost as it was, to a cent, and the last of it no cost', () => {
  const scenario = fc.record({
    a: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    h: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    cost: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    share: fc.bigInt({ min: -100n, max: 300n }).filter((share) => share !== 0n),
  })
  fc.assert(
    fc.property(scenario, ({ a, h, cost, share }) => {
      const amount = share === -100n ? -a : (a * share) / 100n
      if (amount === 0n) return
      const balance = balanceWith({ asset: 'BTC', scale: 0, a, h, cost })
      const [posting] = decide({ amount: `${amount}` }, { balance, scale: 0 }).postings
      const moved = posting?.cost ?? 0n
      const error = moved * (a + h) - cost * amount
      expect(2n * error).toBeGreaterThanOrEqual(-(a + h))
      expect(2n * error).toBeLessThanOrEqual(a + h)
      expect(cost + moved).toBeGreaterThanOrEqual(0n)
      if (amount === -(a + h)) expect(moved).toBe(-cost)
    }),
    { numRuns: 1_000 },
  )
})
