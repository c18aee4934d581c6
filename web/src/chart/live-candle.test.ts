import type { Candle } from '@cnop/contract/inventory.ts'
import { expect, it } from 'vitest'
import { createPriceBoard } from '../client/price-board.ts'
import { liveCandle } from './live-candle.ts'

const LAST: Candle = {
  time: '2026-03-01T12:00:00Z',
  open: '100',
  high: '110',
  low: '90',
  close: '105',
  volume: '1',
}
const board = () => createPriceBoard((price, than) => Number(price) > Number(than))

it('the last candle closes at the price that the page shows', () => {
  const prices = board()
  const candle = liveCandle('BTC', LAST, prices)
  expect(candle.read()).toEqual(LAST)
  prices.put('2026-03-01T12:30:00Z', { BTC: '101.5' })
  expect(candle.read()).toEqual({ ...LAST, close: '101.5' })
})

it('it remembers how far the price has been, up and down', () => {
  const prices = board()
  const candle = liveCandle('BTC', LAST, prices)
  for (const [second, price] of [111, 88.5, 100].entries()) {
    prices.put(`2026-03-01T12:30:0${second}Z`, { BTC: String(price) })
    candle.read()
  }
  expect(candle.read()).toEqual({ ...LAST, high: '111', low: '88.5', close: '100' })
})

it('it stands still with the prices while they are paused', () => {
  const prices = board()
  prices.put('2026-03-01T12:30:00Z', { BTC: '101' })
  const candle = liveCandle('BTC', LAST, prices)
  prices.pause(true)
  prices.put('2026-03-01T12:30:01Z', { BTC: '150' })
  expect(candle.read().close).toBe('101')
})
