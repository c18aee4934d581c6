import { CATEGORIES } from '@cnop/contract/inventory.ts'
import { expect, test } from 'vitest'
import committed from './catalogue.json' with { type: 'json' }
import { type Asset, loadCatalogue, readCatalogue, VOLATILITY_CLASSES } from './catalogue.ts'

const catalogue = loadCatalogue()
const { assets } = catalogue

/** The committed catalogue with one field of its first asset changed. */
function withField(field: string, value: unknown): unknown {
  const [first, ...rest] = committed.assets
  return { ...committed, assets: [{ ...first, [field]: value }, ...rest] }
}

test('there are at least 104 assets, of every category and every volatility', () => {
  expect(assets.length).toBeGreaterThanOrEqual(104)
  expect(new Set(assets.map((asset) => asset.category))).toEqual(new Set(CATEGORIES))
  expect(new Set(assets.map((asset) => asset.volatility))).toEqual(new Set(VOLATILITY_CLASSES))
})

test('ids, names, descriptions and CoinGecko ids are all different', () => {
  for (const of of [
    (asset: Asset) => asset.assetId,
    (asset: Asset) => asset.name,
    (asset: Asset) => asset.description,
    (asset: Asset) => asset.coinGeckoId,
  ])
    expect(new Set(assets.map(of)).size).toBe(assets.length)
})

test('every reference price lies between the lowest and the highest', () => {
  for (const { assetId, atlPrice, referencePrice, athPrice } of assets) {
    expect(atlPrice <= referencePrice, assetId).toBe(true)
    expect(referencePrice <= athPrice, assetId).toBe(true)
  }
})

test('the rank is the order of the market value at the reference price', () => {
  const values = assets.map((asset) => asset.referencePrice * asset.circulatingSupply)
  for (const [index, value] of values.slice(1).entries()) expect(value <= values[index]!).toBe(true)
  expect(assets.map((asset) => asset.marketCapRank)).toEqual(assets.map((_, index) => index + 1))
})

test('stablecoins are pegged to one dollar, and nothing else is', () => {
  for (const asset of assets) {
    expect(asset.volatility === 'pegged', asset.assetId).toBe(asset.category === 'stablecoin')
    if (asset.category !== 'stablecoin') continue
    expect(Number(asset.referencePrice) / 1e12).toBeGreaterThan(0.997)
    expect(Number(asset.referencePrice) / 1e12).toBeLessThan(1.003)
  }
})

test('the smallest quantity of every asset is worth less than a hundredth of a dollar', () => {
  for (const { assetId, referencePrice, quantityScale } of assets)
    expect(Number(referencePrice) / 1e12 / 10 ** quantityScale, assetId).toBeLessThan(0.01)
})

test('an asset is found by its id', () => {
  expect(catalogue.byId.get('BTC')).toMatchObject({
    name: 'Bitcoin',
    coinGeckoId: 'bitcoin',
    maxSupply: 21_000_000n,
    quantityScale: 8,
    atlDate: '2013-07-06T00:00:00.000Z',
  })
  expect(catalogue.byId.size).toBe(assets.length)
})

test.each([
  ['asset_id', 'btc', 'asset_id'],
  ['asset_id', 'ETH', 'symbol'],
  ['symbol', 'XBT', 'symbol'],
  ['description', 'Short.', 'description'],
  ['category', 'shares', 'category'],
  ['coingecko_id', 'ethereum', 'repeats ethereum'],
  ['coingecko_id', '../ping', 'coingecko_id'],
  ['market_cap_rank', 2, 'market_cap_rank 1'],
  ['circulating_supply', 19886000, 'circulating_supply'],
  ['circulating_supply', '19886001', 'in circulation than in all'],
  ['max_supply', '19885999', 'than there can ever be'],
  ['ath_price_usd', '107134.99', 'highest price below'],
  ['atl_price_usd', '107135.01', 'lowest price above'],
  ['atl_price_usd', '0', 'positive price'],
  ['atl_price_usd', '0.0000000000001', 'at most 12 places'],
  ['ath_date', '2025-02-30', 'day of the calendar'],
  ['ath_date', '2025-07-02', 'later than the reference date'],
  ['reference_price_usd', '1e5', 'reference_price_usd'],
  ['volatility', 'wild', 'volatility'],
  ['quantity_scale', 9, 'quantity_scale'],
  ['quantity_scale', 1.5, 'quantity_scale'],
])('a catalogue whose first %s is %j is refused', (field, value, complaint) => {
  expect(() => readCatalogue(withField(field, value))).toThrow(complaint)
})

test.each([[null], [[]], [{}], [{ assets: [] }], [{ reference_date: '2025-07-01', assets: [1] }]])(
  'a catalogue that is %j is refused',
  (source) => {
    expect(() => readCatalogue(source)).toThrow('The asset catalogue is unusable')
  },
)

test('an asset listed twice is refused', () => {
  const [first, second] = committed.assets
  const twice = { ...first, market_cap_rank: 2, coingecko_id: second!.coingecko_id }
  expect(() => readCatalogue({ ...committed, assets: [first, twice] })).toThrow('repeats BTC')
})
