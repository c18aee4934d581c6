import { parseDecimal, parseUsd } from '@cnop/contract/money.ts'
import { expect, it } from 'vitest'
import { slicesOf } from './slices.ts'

const asset = (asset_id: string, market_value: string, percentage: string) => ({
  asset_id,
  asset_name: asset_id.toLowerCase(),
  quantity: '1',
  current_price: market_value,
  market_value,
  percentage,
  average_cost: '0.00',
  unrealized_pnl: '0.00',
})

const PORTFOLIO = {
  cash_balance: '10.00',
  assets: [
    asset('A', '40.00', '40.00'),
    asset('B', '20.00', '20.00'),
    asset('C', '9.99', '9.99'),
    asset('D', '8.00', '8.00'),
    asset('E', '7.00', '7.00'),
    asset('F', '5.00', '5.00'),
    asset('G', '0.01', '0.01'),
    asset('H', '0.00', '0.00'),
  ],
}

it('pieces add up to everything, however many are gathered', () => {
  const slices = slicesOf(PORTFOLIO)
  expect(slices.map(({ key }) => key)).toEqual(['A', 'B', 'cash', 'C', 'D', 'others'])
  expect(slices.at(-1)).toEqual({
    kind: 'others',
    key: 'others',
    count: 3,
    value: '12.01',
    percent: '12.01',
  })
  const sums = slices.reduce(
    ({ value, percent }, slice) => ({
      value: value + parseUsd(slice.value)!,
      percent: percent + parseDecimal(slice.percent, 2)!,
    }),
    { value: 0n, percent: 0n },
  )
  expect(sums).toEqual({ value: 10_000n, percent: 10_000n })
})

it('cash alone is all of it, and an empty account has no piece', () => {
  expect(slicesOf({ cash_balance: '5.00', assets: [] })).toEqual([
    { kind: 'cash', key: 'cash', value: '5.00', percent: '100.00' },
  ])
  expect(slicesOf({ cash_balance: '0.00', assets: [] })).toEqual([])
})
