import type { Portfolio } from '@cnop/contract/portfolio.ts'
import { expect, it } from 'vitest'
import { createPriceBoard } from '../../client/price-board.ts'
import { createWorthBoard } from './worth-board.ts'

const holding = (asset_id: string) => ({
  asset_id,
  asset_name: asset_id,
  quantity: '2',
  current_price: '10.00',
  market_value: '20.00',
  percentage: '50.00',
  average_cost: '5.00',
  unrealized_pnl: '10.00',
})

const PORTFOLIO: Portfolio = {
  total_value: '40.00',
  cash_balance: '0.00',
  assets_value: '40.00',
  day_change: '0.00',
  unrealized_pnl: '20.00',
  realized_pnl: '0.00',
  assets: [holding('BTC'), holding('ETH')],
  as_of: '2026-03-01T09:00:00.000Z',
}

const prices = () => createPriceBoard((price, than) => Number(price) > Number(than))

it('a frame that moves several assets is told once, and whole', async () => {
  const board = prices()
  const worth = createWorthBoard(PORTFOLIO, board)
  const heard: string[] = []
  worth.watch(() => heard.push(worth.read().total))
  expect(worth.read().total).toBe('40.00')
  board.put('2026-03-01T09:00:01.000Z', { BTC: '11.00', ETH: '12.00', SOL: '1.00' })
  await Promise.resolve()
  expect(heard).toEqual(['46.00'])
})

it('whoever stopped listening is told nothing, and what is read later is of now', async () => {
  const board = prices()
  const worth = createWorthBoard(PORTFOLIO, board)
  const heard: string[] = []
  expect(worth.read().total).toBe('40.00')
  worth.watch(() => heard.push('told'))()
  board.put('2026-03-01T09:00:01.000Z', { BTC: '11.00' })
  await Promise.resolve()
  expect(heard).toEqual([])
  worth.watch(() => undefined)
  expect(worth.read().total).toBe('42.00')
})
