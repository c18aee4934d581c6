import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING_YET, writeByRules } from './rule-based-model.ts'
import { briefingOf, type Sample, USUAL } from './testing/sample-briefing.ts'

const FLAT = ['100', '100', '100', '100', '100', '100']

describe('the rules write', () => {
  it.each<[string, Sample, readonly string[]]>([
    [
      'of a usual portfolio: spread, weight, winners and losers, moves',
      USUAL,
      [
        'Your portfolio is worth 10,000.00 USD, with 10.0% in cash and 3 assets, the largest of them Bitcoin (BTC) with 60.0% of the whole.',
        'That is concentrated: if BTC alone fell by 10%, the whole would lose 6.0%.',
        'Against what you paid, BTC is the strongest at +20.0% (+2.5% within 24 hours) and ETH the weakest at −16.7% (−1.3% within 24 hours).',
        'Over the last 30 days, deposits and withdrawals aside, the value changed by +11.1%, moved 3.4% on a usual day and stood at worst 1.0% below an earlier high.',
      ],
    ],
    ['of nothing, in a friendly way', { total: '0.00', cash: '0.00' }, [NOTHING_YET]],
    [
      'of cash alone',
      { total: '1234567.80', cash: '1234567.80' },
      [
        'Your account holds 1,234,567.80 USD in cash and no assets.',
        'Cash does not follow the market: it neither gains when prices rise nor loses when they fall.',
      ],
    ],
    [
      'of one asset without cash, and of a first order',
      {
        total: '50.00',
        cash: '0.00',
        assets: [{ id: 'BTC', value: '50.00', profit: '-0.01' }],
        orders: ['market_buy'],
      },
      [
        'Your portfolio is worth 50.00 USD, with no cash and 100.0% in BTC, its only asset.',
        'That is concentrated: if BTC alone fell by 10%, the whole would lose 10.0%.',
        'Against what you paid, BTC stands at 0.0%.',
        'Your only order so far was a purchase; how much the value moves can be told after a few days.',
      ],
    ],
    [
      'of mostly cash',
      { total: '100.00', cash: '80.00', assets: [{ id: 'BTC', value: '20.00', profit: '20.00' }] },
      [
        'Your portfolio is worth 100.00 USD, with 80.0% in cash and 20.0% in BTC, its only asset.',
        'Most of it is cash: if all your assets fell by 10%, the whole would lose 2.0%.',
      ],
    ],
    [
      'of many assets and hardly any cash',
      {
        total: '100.00',
        cash: '1.00',
        assets: ['A', 'B', 'C'].map((id) => ({ id, value: '33.00', profit: '3.00' })),
        orders: ['market_buy', 'market_sell'],
      },
      [
        'Your portfolio is worth 100.00 USD, with 1.0% in cash and 3 assets, the largest of them A with 33.0% of the whole.',
        'Hardly any cash is left, so a fall of the market reaches nearly all of it: 10% there is 9.9% here.',
        'Against what you paid, every asset stands at +10.0%.',
        'Of your last 2 orders 1 were purchases; how much the value moves can be told after a few days.',
      ],
    ],
    [
      'of what is spread, and of a month without a move',
      {
        total: '100.00',
        cash: '40.00',
        assets: ['A', 'B'].map((id) => ({ id, value: '30.00' })),
        equity: FLAT,
      },
      [
        'Your portfolio is worth 100.00 USD, with 40.0% in cash and 2 assets, the largest of them A with 30.0% of the whole.',
        'No asset outweighs the others: if A alone fell by 10%, the whole would lose 3.0%.',
        'Against what you paid, every asset stands at 0.0%.',
        'Over the last 30 days, deposits and withdrawals aside, the value changed by 0.0%, moved 0.0% on a usual day and never stood below an earlier high.',
      ],
    ],
  ])('%s', (_, sample, sentences) => {
    expect(writeByRules(briefingOf(sample))).toBe(sentences.join(' '))
  })
})

it('deposits and withdrawals are no move of the value', () => {
  const equity = ['100', '1100', '1100', '1100', '100', '100', '100']
  const flows = ['0', '1000', '0', '0', '-1000', '0', '0']
  expect(briefingOf({ ...USUAL, equity, flows }).month).toEqual({
    change: 0n,
    volatility: 0n,
    drawdown: 0n,
  })
})

it('a fall from a high is found wherever it is, and a recovery does not hide it', () => {
  const equity = ['100', '200', '150', '100', '180', '200']
  expect(briefingOf({ ...USUAL, equity }).month).toMatchObject({
    change: 100_00n,
    drawdown: 50_00n,
  })
})

it('whatever a portfolio holds, there are two to four sentences of bounded length', () => {
  const amount = fc
    .bigInt({ min: 0n, max: 10n ** 17n })
    .map((cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`)
  const asset = fc.record({
    id: fc.stringMatching(/^[A-Z0-9]{1,10}$/),
    name: fc.string({ unit: 'binary', maxLength: 200 }),
    value: amount,
    profit: amount,
  })
  const sample = fc.record({
    total: amount,
    cash: amount,
    assets: fc.array(asset, { maxLength: 12 }),
    equity: fc.array(amount, { maxLength: 31 }),
    orders: fc.array(fc.constantFrom('market_buy', 'market_sell'), { maxLength: 10 }),
  })
  fc.assert(
    fc.property(sample, (drawn) => {
      const text = writeByRules(briefingOf(drawn))
      const sentences = text.split(/\.(?:\s|$)/).filter((one) => one !== '')
      expect(sentences.length).toBeGreaterThanOrEqual(2)
      expect(sentences.length).toBeLessThanOrEqual(4)
      expect(text.length).toBeLessThanOrEqual(900)
    }),
    { numRuns: 200 },
  )
})
