import {
  formatPrice,
  formatUsd,
  notionalNearest,
  parseUsd,
  percentOf,
} from '@cnop/contract/money.ts'
import type { Portfolio } from '@cnop/contract/portfolio.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { worthOf } from './worth.ts'

const SCALE = 8

type Drawn = { quantity: bigint; price: bigint; cost: bigint }

const drawn = fc.record({
  quantity: fc.bigInt(1n, 10n ** 14n),
  price: fc.bigInt(1n, 10n ** 17n),
  cost: fc.bigInt(0n, 10n ** 9n),
})

/** As the platform answers, from whole cents. */
function portfolioOf(holdings: readonly Drawn[], cash: bigint): Portfolio {
  const values = holdings.map(({ quantity, price }) => notionalNearest(quantity, price, SCALE))
  const assets = values.reduce((sum, value) => sum + value, 0n)
  const cost = holdings.reduce((sum, holding) => sum + holding.cost, 0n)
  return {
    total_value: formatUsd(cash + assets),
    cash_balance: formatUsd(cash),
    assets_value: formatUsd(assets),
    day_change: formatUsd(assets / 3n),
    unrealized_pnl: formatUsd(assets - cost),
    realized_pnl: '0.00',
    as_of: '2026-03-01T09:00:00.000Z',
    assets: holdings.map((holding, index) => ({
      asset_id: `A${index}`,
      asset_name: `Asset ${index}`,
      quantity: quantityText(holding.quantity),
      current_price: formatPrice(holding.price),
      market_value: formatUsd(values[index]!),
      percentage: '0.00',
      average_cost: '0.00',
      unrealized_pnl: formatUsd(values[index]! - holding.cost),
    })),
  }
}

const quantityText = (units: bigint): string =>
  `${units / 10n ** 8n}.${String(units % 10n ** 8n).padStart(SCALE, '0')}`

const addedUp = (texts: Iterable<string>): bigint =>
  [...texts].reduce((total, text) => total + parseUsd(text)!, 0n)

const holdingsAndCash = [fc.array(drawn, { maxLength: 12 }), fc.bigInt(0n, 10n ** 10n)] as const

it('says to the cent what the platform said, as long as no newer price is known', () => {
  fc.assert(
    fc.property(...holdingsAndCash, (holdings, cash) => {
      const portfolio = portfolioOf(holdings, cash)
      const worth = worthOf(portfolio, () => undefined)
      expect(worth).toMatchObject({
        total: portfolio.total_value,
        assets: portfolio.assets_value,
        dayChange: portfolio.day_change,
        unrealized: portfolio.unrealized_pnl,
      })
      for (const { asset_id, market_value, unrealized_pnl } of portfolio.assets) {
        expect(worth.holdings.get(asset_id)).toMatchObject({
          value: market_value,
          profit: unrealized_pnl,
        })
      }
    }),
  )
})

it('at any prices it is what the platform would answer, and its lines add up to its sums', () => {
  fc.assert(
    fc.property(...holdingsAndCash, fc.bigInt(1n, 10n ** 17n), (holdings, cash, next) => {
      const before = portfolioOf(holdings, cash)
      const later = portfolioOf(
        holdings.map((holding) => ({ ...holding, price: next })),
        cash,
      )
      const worth = worthOf(before, () => formatPrice(next))
      const lines = [...worth.holdings.values()]
      expect(worth.total).toBe(later.total_value)
      expect(worth.unrealized).toBe(later.unrealized_pnl)
      expect(lines.map(({ value }) => value)).toEqual(
        later.assets.map(({ market_value }) => market_value),
      )
      expect(addedUp(lines.map(({ value }) => value))).toBe(parseUsd(worth.assets))
      expect(addedUp(lines.map(({ profit }) => profit))).toBe(parseUsd(worth.unrealized))
      expect(parseUsd(worth.assets)! + cash).toBe(parseUsd(worth.total))
      expect(worth.assetsShare).toBe(percentOf(parseUsd(worth.assets)!, parseUsd(worth.total)!))
      expect(addedUp(lines.map(({ share }) => share))).toBe(parseUsd(worth.assetsShare))
      if (parseUsd(worth.total)! > 0n)
        expect(addedUp([worth.assetsShare, worth.cashShare])).toBe(10_000n)
    }),
  )
})

it('the day moves with the prices since the platform told it', () => {
  const portfolio = {
    ...portfolioOf([{ quantity: 10n ** 8n, price: 100n * 10n ** 12n, cost: 8_000n }], 500n),
    day_change: '-3.00',
  }
  const worth = worthOf(portfolio, () => '104.50')
  expect(worth).toMatchObject({ total: '109.50', dayChange: '1.50', unrealized: '24.50' })
  expect(worth.holdings.get('A0')).toEqual({
    price: '104.50',
    value: '104.50',
    cost: '80.00',
    profit: '24.50',
    profitPercent: '30.63',
    share: '95.43',
  })
})

it('what cost nothing has no profit in percent', () => {
  const portfolio = portfolioOf([{ quantity: 1n, price: 10n ** 17n, cost: 0n }], 0n)
  expect(worthOf(portfolio, () => undefined).holdings.get('A0')?.profitPercent).toBeNull()
})
