import type { AssetSummary } from '@cnop/contract/inventory.ts'
import { describe, expect, it } from 'vitest'
import { chooseAssets, nextSort } from './choose-assets.ts'

const asset = (
  symbol: string,
  rank: number,
  price: string | null,
  name = symbol,
): AssetSummary => ({
  asset_id: symbol,
  symbol,
  name,
  description: '',
  category: symbol === 'DOGE' ? 'meme' : 'layer-1',
  price_usd: price,
  is_active: true,
  image: '',
  market_cap_rank: rank,
  price_change_percentage_24h: null,
  market_cap: null,
  total_volume_24h: null,
  sparkline: [],
  price_as_of: null,
  stale_after: null,
  quantity_scale: 8,
})

const ALL = [
  asset('BTC', 1, '64000', 'Bitcoin'),
  asset('ETH', 2, '9', 'Ethereum'),
  asset('SOL', 3, '10.5', 'Solana'),
  asset('DOGE', 4, null, 'Dogecoin'),
]
const ids = (wish: Parameters<typeof chooseAssets>[1]) =>
  chooseAssets(ALL, wish).map(({ asset_id }) => asset_id)

describe('the markets', () => {
  it('sort prices as numbers, not as text, and put what is not known last', () => {
    expect(ids({ sort: '-price' })).toEqual(['BTC', 'SOL', 'ETH', 'DOGE'])
    expect(ids({ sort: 'price' })).toEqual(['ETH', 'SOL', 'BTC', 'DOGE'])
  })

  it('keep the order of rank where a sort says nothing', () => {
    expect(ids({ sort: '-volume' })).toEqual(['BTC', 'ETH', 'SOL', 'DOGE'])
  })

  it('find by a part of the name or the beginning of the symbol', () => {
    expect(ids({ q: ' COIN ' })).toEqual(['BTC', 'DOGE'])
    expect(ids({ q: 'et' })).toEqual(['ETH'])
    expect(ids({ q: 'th' })).toEqual(['ETH'])
  })

  it('combine search, category and watch list', () => {
    expect(ids({ category: 'meme' })).toEqual(['DOGE'])
    expect(ids({ among: new Set(['SOL', 'DOGE']), q: 'o', sort: 'name' })).toEqual(['DOGE', 'SOL'])
  })

  it('leave the list they were given as it was', () => {
    ids({ sort: 'price' })
    expect(ALL.map(({ asset_id }) => asset_id)).toEqual(['BTC', 'ETH', 'SOL', 'DOGE'])
  })

  it('turn a heading from the greatest to the least and back', () => {
    expect(nextSort(undefined, 'price')).toBe('-price')
    expect(nextSort('-price', 'price')).toBe('price')
    expect(nextSort('price', 'price')).toBeUndefined()
    expect(nextSort('-price', 'change')).toBe('-change')
  })
})
