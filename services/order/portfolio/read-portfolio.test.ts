import { parseDecimal, parseUsd } from '@cnop/contract/money.ts'
import type { Portfolio } from '@cnop/contract/portfolio.ts'
import { expect, test } from 'vitest'
import {
  createSamplePlatform,
  SAMPLE_TRACE,
  type SamplePlatform,
} from '../testing/sample-account.ts'
import { readPortfolio } from './read-portfolio.ts'

const YESTERDAY = '2026-03-01T10:00:00.000Z'
const TODAY = '2026-03-02T10:00:00.000Z'

const portfolioOf = ({ store, prices, now }: SamplePlatform, userId = 'ada'): Promise<Portfolio> =>
  readPortfolio({ store, prices, now, userId, trace: SAMPLE_TRACE })

const bitcoin = (price: string, dayOpen = price) => ({ name: 'Bitcoin', scale: 8, price, dayOpen })
const ether = (price: string, dayOpen = price) => ({ name: 'Ether', scale: 6, price, dayOpen })

/**
 * Yesterday: deposits 10 000, buys 0.1 BTC for 5 000 and 1 ETH for 3 000; 2 000 are left.
 * Today: deposits 1 000, and sells 0.04 BTC, which cost 2 000, for 2 200; 5 200 are there now.
 */
async function twoDays(): Promise<SamplePlatform> {
  const platform = createSamplePlatform({ at: YESTERDAY })
  const ada = platform.account('ada')
  platform.setAsset('BTC', bitcoin('50000.00'))
  platform.setAsset('ETH', ether('3000.00'))
  await ada.deposit('10000')
  await ada.buy('BTC', '0.1')
  await ada.buy('ETH', '1')
  platform.setTime(TODAY)
  platform.setAsset('BTC', bitcoin('55000.00', '52000.00'))
  await ada.deposit('1000')
  await ada.sell('BTC', '0.04')
  platform.setAsset('BTC', bitcoin('54000.00', '52000.00'))
  platform.setAsset('ETH', ether('3100.00', '2900.00'))
  platform.prices.calls.length = 0
  return platform
}

test('a portfolio says what is owned, what it cost and what it earned', async () => {
  expect(await portfolioOf(await twoDays())).toEqual({
    total_value: '11540.00',
    cash_balance: '5200.00',
    assets_value: '6340.00',
    // As the day began: 2 000 + 0.1 × 52 000 + 2 900 = 10 100, and 1 000 came from outside.
    day_change: '440.00',
    unrealized_pnl: '340.00',
    realized_pnl: '200.00',
    assets: [
      {
        asset_id: 'BTC',
        asset_name: 'Bitcoin',
        quantity: '0.06',
        current_price: '54000.00',
        market_value: '3240.00',
        percentage: '28.08',
        average_cost: '50000.00',
        unrealized_pnl: '240.00',
      },
      {
        asset_id: 'ETH',
        asset_name: 'Ether',
        quantity: '1',
        current_price: '3100.00',
        market_value: '3100.00',
        // 6 340 of 11 540 is 54.94 %, of which bitcoin has 28.08 %.
        percentage: '26.86',
        average_cost: '3000.00',
        unrealized_pnl: '100.00',
      },
    ],
    as_of: TODAY,
  })
})

test('all prices are asked for at once', async () => {
  const platform = await twoDays()
  await portfolioOf(platform)
  expect(platform.prices.calls).toEqual(['quotes BTC,ETH'])
})

test('a new customer has a portfolio of zeros that needs no prices', async () => {
  const platform = createSamplePlatform({ at: TODAY })
  platform.prices.setDown(true)
  expect(await portfolioOf(platform)).toEqual({
    total_value: '0.00',
    cash_balance: '0.00',
    assets_value: '0.00',
    day_change: '0.00',
    unrealized_pnl: '0.00',
    realized_pnl: '0.00',
    assets: [],
    as_of: TODAY,
  })
  expect(platform.prices.calls).toEqual([])
})

test('deposits and withdrawals are neither gain nor loss of the day', async () => {
  const platform = createSamplePlatform({ at: YESTERDAY })
  const ada = platform.account('ada')
  await ada.deposit('500')
  platform.setTime(TODAY)
  await ada.deposit('250')
  await ada.withdraw('700')
  expect(await portfolioOf(platform)).toMatchObject({ total_value: '50.00', day_change: '0.00' })
})

test('what was bought and sold again today has earned what it earned', async () => {
  const platform = createSamplePlatform({ at: TODAY })
  const ada = platform.account('ada')
  platform.setAsset('BTC', bitcoin('50000.00', '48000.00'))
  await ada.deposit('1000')
  await ada.buy('BTC', '0.02')
  platform.setAsset('BTC', bitcoin('49000.00', '48000.00'))
  await ada.sell('BTC', '0.02')
  expect(await portfolioOf(platform)).toMatchObject({
    total_value: '980.00',
    day_change: '-20.00',
    realized_pnl: '-20.00',
    unrealized_pnl: '0.00',
    assets: [],
  })
})

test('what was sold as a whole today counts from the start of the day', async () => {
  const platform = await twoDays()
  platform.setAsset('BTC', bitcoin('55000.00', '52000.00'))
  await platform.account('ada').sell('BTC', '0.06')
  // 0.1 BTC from 52 000 to 55 000, and 1 ETH from 2 900 to 3 100.
  expect(await portfolioOf(platform)).toMatchObject({
    day_change: '500.00',
    cash_balance: '8500.00',
  })
})

test('a correction of today counts as if it had been there when the day began', async () => {
  const platform = await twoDays()
  await platform.account('ada').adjust('ETH', '0.5')
  const { day_change, assets } = await portfolioOf(platform)
  // 440 as before, and 0.5 ETH from 2 900 to 3 100.
  expect(day_change).toBe('540.00')
  // It moved at the average cost, so that it neither earned nor lost: 4 500 for 1.5 ETH.
  expect(assets.find(({ asset_id }) => asset_id === 'ETH')).toMatchObject({
    average_cost: '3000.00',
    market_value: '4650.00',
    unrealized_pnl: '150.00',
  })
})

test('on the next day the day begins anew, without a movement', async () => {
  const platform = await twoDays()
  platform.setTime('2026-03-03T00:00:00.000Z')
  platform.setAsset('BTC', bitcoin('54500.00', '54000.00'))
  platform.setAsset('ETH', ether('3100.00', '3100.00'))
  expect(await portfolioOf(platform)).toMatchObject({ day_change: '30.00', realized_pnl: '200.00' })
})

test('a stale price is still a price, and one of yesterday has not moved today', async () => {
  const platform = await twoDays()
  platform.setTime('2026-03-03T10:00:00.000Z')
  platform.setAsset('BTC', { ...bitcoin('54000.00', '52000.00'), asOf: TODAY })
  platform.setAsset('ETH', { ...ether('3100.00', '2900.00'), asOf: TODAY })
  expect(await portfolioOf(platform)).toMatchObject({
    total_value: '11540.00',
    day_change: '0.00',
    unrealized_pnl: '340.00',
  })
})

test('an asset without any price stands at what it cost, and says that it has none', async () => {
  const platform = await twoDays()
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8 })
  const { assets, total_value, unrealized_pnl } = await portfolioOf(platform)
  expect(assets.find(({ asset_id }) => asset_id === 'BTC')).toMatchObject({
    current_price: null,
    market_value: '3000.00',
    unrealized_pnl: '0.00',
  })
  expect([total_value, unrealized_pnl]).toEqual(['11300.00', '100.00'])
})

test('without inventory there is no portfolio of assets', async () => {
  const platform = await twoDays()
  platform.prices.setDown(true)
  await expect(portfolioOf(platform)).rejects.toMatchObject({ code: 'dependency-down' })
})

test('the average cost is the cost over the quantity, to the nearest of twelve places', async () => {
  const platform = createSamplePlatform({ at: TODAY })
  const ada = platform.account('ada')
  platform.setAsset('THREE', { name: 'Three', scale: 0, price: '3.333333333333' })
  platform.setAsset('TINY', { name: 'Tiny', scale: 8, price: '0.000000123456' })
  await ada.deposit('1000')
  await ada.buy('THREE', '3')
  await ada.buy('TINY', '81000000')
  const { assets } = await portfolioOf(platform)
  // 3 × 3.333333333333 is charged as 10.00; 81 000 000 × 0.000000123456 = 9.999936 as 10.00.
  expect(assets.map(({ asset_id, average_cost }) => [asset_id, average_cost])).toEqual([
    ['THREE', '3.333333333333'],
    ['TINY', '0.000000123457'],
  ])
})

test('a sale of a part takes its part of the cost, and the last one takes the rest', async () => {
  const platform = createSamplePlatform({ at: TODAY })
  const ada = platform.account('ada')
  platform.setAsset('ODD', { name: 'Odd', scale: 0, price: '3.333333333333' })
  await ada.deposit('1000')
  await ada.buy('ODD', '3')
  platform.setAsset('ODD', { name: 'Odd', scale: 0, price: '5.00' })
  await ada.sell('ODD', '1')
  // 10.00 for three: 3.33 for the first, 6.67 for the other two.
  expect(await portfolioOf(platform)).toMatchObject({
    realized_pnl: '1.67',
    unrealized_pnl: '3.33',
    assets: [{ average_cost: '3.335', market_value: '10.00' }],
  })
  await ada.sell('ODD', '2')
  expect(await portfolioOf(platform)).toMatchObject({
    realized_pnl: '5.00',
    unrealized_pnl: '0.00',
  })
})

test.each([1, 2, 3, 6, 7, 11, 60])(
  'the shares of %i equal assets sum to all of it',
  async (count) => {
    const platform = createSamplePlatform({ at: TODAY })
    const ada = platform.account('ada')
    await ada.deposit(String(count))
    for (let asset = 0; asset < count; asset += 1) {
      const assetId = `A${asset}`
      platform.setAsset(assetId, { name: assetId, scale: 0, price: '1.00' })
      await ada.buy(assetId, '1')
    }
    const shares = (await portfolioOf(platform)).assets.map(({ percentage }) => percentage)
    const units = shares.map((share) => parseDecimal(share, 2) ?? 0n)
    expect(units.reduce((sum, share) => sum + share, 0n)).toBe(100_00n)
    const exact = 10_000 / count
    for (const share of units) expect(Math.abs(Number(share) - exact)).toBeLessThan(1)
  },
)

test('the parts of a portfolio add up to the cent', async () => {
  const platform = createSamplePlatform({ at: TODAY })
  const ada = platform.account('ada')
  await ada.deposit('5000')
  for (let asset = 1; asset <= 40; asset += 1) {
    const assetId = `A${asset}`
    platform.setAsset(assetId, { name: assetId, scale: 3, price: `${asset}.333333` })
    await ada.buy(assetId, '1.237')
    platform.setAsset(assetId, { name: assetId, scale: 3, price: `${asset}.737373` })
  }
  const portfolio = await portfolioOf(platform)
  const cents = (text: string): bigint => parseUsd(text) ?? 0n
  const sum = (field: 'market_value' | 'unrealized_pnl'): bigint =>
    portfolio.assets.reduce((total, holding) => total + cents(holding[field]), 0n)
  expect(sum('market_value')).toBe(cents(portfolio.assets_value))
  expect(sum('unrealized_pnl')).toBe(cents(portfolio.unrealized_pnl))
  expect(cents(portfolio.assets_value) + cents(portfolio.cash_balance)).toBe(
    cents(portfolio.total_value),
  )
  const values = portfolio.assets.map(({ market_value }) => Number(market_value))
  expect(values).toEqual(values.toSorted((left, right) => right - left))
})
