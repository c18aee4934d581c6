import type { EquityPoint } from '@cnop/contract/portfolio.ts'
import { expect, it } from 'vitest'
import { equitySummary } from './equity-summary.ts'

const point = (equity: string, net_flow: string): EquityPoint => ({
  time: '2026-03-01T09:00:00.000Z',
  equity,
  cash: '0.00',
  net_flow,
})

it('what came in and went out is no profit, and the first deposit is where the curve begins', () => {
  const points = [
    point('1000.00', '1000.00'),
    point('1600.10', '500.00'),
    point('1550.05', '-49.95'),
  ]
  expect(equitySummary(points)).toEqual({
    first: points[0],
    last: points[2],
    low: '1000.00',
    high: '1600.10',
    flows: '450.05',
    earned: '100.00',
  })
})

it('one point is no curve', () => {
  expect(equitySummary([])).toBeUndefined()
  expect(equitySummary([point('1.00', '1.00')])).toBeUndefined()
})
