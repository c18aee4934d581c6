import { expect, test } from 'vitest'
import {
  createSamplePlatform,
  SAMPLE_TRACE,
  type SamplePlatform,
} from '../testing/sample-account.ts'
import { readAssetBalance } from './read-asset-balance.ts'
import { readAssetBalances } from './read-asset-balances.ts'

const START = '2026-03-01T10:00:00.000Z'
const LATER = '2026-03-02T10:00:00.000Z'

/** Ada has 0.006 BTC, of which 0.001 is held, and 0.5 ETH, and has sold all her DOGE. */
async function platformWithHoldings(): Promise<SamplePlatform> {
  const platform = createSamplePlatform({ at: START })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '50000.00' })
  platform.setAsset('ETH', { name: 'Ether', scale: 6, price: '2000.00' })
  platform.setAsset('DOGE', { name: 'Dogecoin', scale: 4, price: '0.10' })
  const ada = platform.account('ada')
  await ada.deposit('10000')
  await ada.buy('BTC', '0.01')
  await ada.buy('ETH', '0.5')
  await ada.buy('DOGE', '100')
  platform.setTime(LATER)
  await ada.sell('DOGE', '100')
  await ada.sell('BTC', '0.004')
  await ada.hold({ type: 'limit_sell', asset: 'BTC', quantity: '0.001', price: '90000' })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '61234.567891' })
  return platform
}

const one = ({ store, prices }: SamplePlatform, assetId: string, userId = 'ada') =>
  readAssetBalance({ store, prices, userId, assetId, trace: SAMPLE_TRACE })
const all = ({ store, prices }: SamplePlatform, userId = 'ada') =>
  readAssetBalances({ store, prices, userId, trace: SAMPLE_TRACE })

const BITCOIN = {
  asset_id: 'BTC',
  asset_name: 'Bitcoin',
  quantity: '0.006',
  available: '0.005',
  held: '0.001',
  current_price: '61234.567891',
  // 0.006 × 61234.567891 = 367.407407…
  total_value: '367.41',
  created_at: START,
  updated_at: LATER,
}

test('a balance says what there is of an asset, available and held, and what it is worth', async () => {
  expect(await one(await platformWithHoldings(), 'BTC')).toEqual(BITCOIN)
})

test('the list is of what there is now, by one call for prices', async () => {
  const platform = await platformWithHoldings()
  platform.prices.calls.length = 0
  const { data } = await all(platform)
  expect(data).toEqual([
    BITCOIN,
    expect.objectContaining({ asset_id: 'ETH', quantity: '0.5', total_value: '1000.00' }),
  ])
  expect(platform.prices.calls).toEqual(['quotes BTC,ETH'])
})

test.each([
  { assetId: 'DOGE', code: 'balance-not-found', why: 'was sold as a whole' },
  { assetId: 'NONE', code: 'asset-not-found', why: 'is no asset' },
  { assetId: 'USD', code: 'asset-not-found', why: 'is cash' },
])('$assetId, which $why, is $code', async ({ assetId, code }) => {
  await expect(one(await platformWithHoldings(), assetId)).rejects.toMatchObject({ code })
})

test("a stranger's balance looks like no balance", async () => {
  const platform = await platformWithHoldings()
  await expect(one(platform, 'BTC', 'eve')).rejects.toMatchObject({ code: 'balance-not-found' })
  expect(await all(platform, 'eve')).toEqual({ data: [] })
})

test('balances are told without worth while inventory is down', async () => {
  const platform = await platformWithHoldings()
  platform.prices.setDown(true)
  const unpriced = { ...BITCOIN, asset_name: 'BTC', current_price: null, total_value: null }
  expect(await one(platform, 'BTC')).toEqual(unpriced)
  expect((await all(platform)).data[0]).toEqual(unpriced)
  await expect(one(platform, 'DOGE')).rejects.toMatchObject({ code: 'balance-not-found' })
  await expect(one(platform, 'USD')).rejects.toMatchObject({ code: 'asset-not-found' })
})

test('an asset that has no price yet is told without worth', async () => {
  const platform = await platformWithHoldings()
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8 })
  expect(await one(platform, 'BTC')).toMatchObject({ current_price: null, total_value: null })
})
