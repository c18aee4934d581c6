import type { Holding } from '@cnop/contract/portfolio.ts'
import { expect, it } from 'vitest'
import { type HoldingSort, holdingSortOf, nextHoldingSort, sortHoldings } from './sort-holdings.ts'
import type { HoldingWorth } from './worth.ts'

const holding = (asset_id: string, average_cost: string): Holding => ({
  asset_id,
  asset_name: asset_id,
  quantity: '1',
  current_price: null,
  market_value: '0.00',
  percentage: '0.00',
  average_cost,
  unrealized_pnl: '0.00',
})

const worth = (value: string, profit: string, profitPercent: string | null): HoldingWorth => ({
  price: value,
  value,
  cost: '1.00',
  profit,
  profitPercent,
  share: '1.00',
})

const HOLDINGS = [holding('Bravo', '3.5'), holding('Alpha', '30'), holding('Chip', '0.000001')]
const WORTH = {
  holdings: new Map([
    ['Bravo', worth('100.00', '-5.00', '-4.76')],
    ['Alpha', worth('99.99', '10.00', null)],
    ['Chip', worth('1000.00', '9.00', '0.90')],
  ]),
}

const sorted = (sort?: HoldingSort): string =>
  sortHoldings(HOLDINGS, WORTH, sort)
    .map(({ asset_id }) => asset_id[0])
    .join('')

it.each([
  [undefined, 'CBA'],
  ['name', 'ABC'],
  ['-name', 'CBA'],
  ['value', 'ABC'],
  ['cost', 'CBA'],
  ['-cost', 'ABC'],
  ['profit', 'BCA'],
  ['-profit', 'ACB'],
] as const)(
  'sorted by %s the holdings stand as %s, by the figure and not its letters',
  (sort, order) => {
    expect(sorted(sort)).toBe(order)
  },
)

it('what has no figure stands last, either way', () => {
  expect(sorted('percent')).toBe('BCA')
  expect(sorted('-percent')).toBe('CBA')
})

it('a heading leads to its two orders and back', () => {
  for (const key of ['name', 'price', 'value', 'cost', 'profit', 'percent'] as const) {
    const first = nextHoldingSort(undefined, key)
    const second = nextHoldingSort(first, key)
    expect([first, second].toSorted()).toEqual([`-${key}`, key])
    expect(nextHoldingSort(second, key)).toBeUndefined()
    expect([holdingSortOf(first), holdingSortOf(second)]).toEqual([first, second])
  }
})

it('an address that asks for an order there is not asks for none', () => {
  expect(holdingSortOf('--name')).toBeUndefined()
  expect(holdingSortOf('luck')).toBeUndefined()
  expect(holdingSortOf(undefined)).toBeUndefined()
})
