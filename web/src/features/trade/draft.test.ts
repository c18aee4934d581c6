import {
  basisPointsUp,
  formatDecimal,
  formatUsd,
  notionalUp,
  parseDecimal,
  parseUsd,
} from '@cnop/contract/money.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { draftOfShare, emptyDraft, orderOf, type Pair, SHARES } from './draft.ts'

const BUY: Pair = { assetId: 'BTC', side: 'buy', scale: 8 }
const SELL: Pair = { ...BUY, side: 'sell' }

describe('a draft is an order', () => {
  it.each([
    [BUY, { measure: 'cash', typed: '100' }, { order_type: 'market_buy', notional: '100' }],
    [BUY, { measure: 'quantity', typed: '0,5' }, { order_type: 'market_buy', quantity: '0.5' }],
    [SELL, { measure: 'quantity', typed: '1.' }, { order_type: 'market_sell', quantity: '1' }],
    [
      SELL,
      { measure: 'cash', typed: '1,234.50' },
      { order_type: 'market_sell', notional: '1234.5' },
    ],
  ] as const)('%o with %o', (pair, draft, order) => {
    expect(orderOf(draft, pair)).toEqual({ asset_id: 'BTC', ...order })
  })

  it.each([
    ['nothing', { measure: 'cash', typed: '' }],
    ['zero', { measure: 'cash', typed: '0.00' }],
    ['a fraction of a cent', { measure: 'cash', typed: '1.001' }],
    ['more places than the asset has', { measure: 'quantity', typed: '0.123456789' }],
    ['what could mean two numbers', { measure: 'cash', typed: '1,234' }],
    ['a word', { measure: 'cash', typed: 'all' }],
    ['less than nothing', { measure: 'cash', typed: '-5' }],
  ] as const)('unless it says %s', (_, draft) => {
    expect(orderOf(draft, BUY)).toBeUndefined()
  })
})

const cents = fc.bigInt({ min: 0n, max: 10n ** 11n })
const share = fc.constantFrom(...SHARES)

describe('a share of what is there', () => {
  it('never costs more cash than there is, the fee included, nor more than an order may', () => {
    fc.assert(
      fc.property(
        fc.record({ cash: cents, max: cents, share, fee: fc.integer({ min: 0, max: 20_000 }) }),
        ({ cash, max, share: wished, fee }) => {
          const { measure, typed } = draftOfShare(wished, BUY, {
            cash: formatUsd(cash),
            holding: '0',
            price: '1',
            orderMax: formatUsd(max),
            feeBasisPoints: fee,
          })
          const spent = parseUsd(typed) ?? -1n
          expect(measure).toBe('cash')
          expect(spent).toBeGreaterThanOrEqual(0n)
          expect(spent).toBeLessThanOrEqual(max)
          expect(spent + basisPointsUp(spent, BigInt(fee))).toBeLessThanOrEqual(cash)
        },
      ),
    )
  })

  it('never sells more than there is, nor for more than an order may be', () => {
    fc.assert(
      fc.property(
        fc.record({
          holding: fc.bigInt({ min: 0n, max: 10n ** 14n }),
          price: fc.bigInt({ min: 1n, max: 10n ** 18n }),
          max: cents,
          share,
          scale: fc.integer({ min: 0, max: 12 }),
        }),
        ({ holding, price, max, share: wished, scale }) => {
          const { measure, typed } = draftOfShare(
            wished,
            { ...SELL, scale },
            {
              cash: '0',
              holding: formatDecimal(holding, scale),
              price: formatDecimal(price, 12),
              orderMax: formatUsd(max),
              feeBasisPoints: 0,
            },
          )
          const sold = parseDecimal(typed, scale) ?? -1n
          expect(measure).toBe('quantity')
          expect(sold).toBeGreaterThanOrEqual(0n)
          expect(sold).toBeLessThanOrEqual(holding)
          expect(notionalUp(sold, price, scale)).toBeLessThanOrEqual(max)
        },
      ),
    )
  })

  it('that is all of it leaves nothing', () => {
    const means = {
      cash: '100.25',
      holding: '0.12345678',
      price: '50000',
      orderMax: '10000.00',
      feeBasisPoints: 25,
    }
    expect(draftOfShare(100, BUY, means).typed).toBe('100.00')
    expect(draftOfShare(100, { ...BUY }, { ...means, feeBasisPoints: 0 }).typed).toBe('100.25')
    expect(draftOfShare(100, SELL, means).typed).toBe('0.12345678')
    expect(draftOfShare(50, SELL, means).typed).toBe('0.06172839')
  })
})

it('a purchase begins in dollars and a sale in what is there', () => {
  expect(emptyDraft('buy')).toEqual({ measure: 'cash', typed: '' })
  expect(emptyDraft('sell')).toEqual({ measure: 'quantity', typed: '' })
})
