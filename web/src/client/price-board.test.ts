import { describe, expect, it } from 'vitest'
import { createPriceBoard } from './price-board.ts'

const board = () => createPriceBoard((price, than) => Number(price) > Number(than))
const AT = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'] as const

describe('the price board', () => {
  it('tells only those whose price has changed', () => {
    const prices = board()
    const told: string[] = []
    for (const id of ['BTC', 'ETH']) prices.watch(id, () => told.push(id))
    prices.put(AT[0], { BTC: '1', ETH: '2' })
    prices.put(AT[1], { BTC: '1', ETH: '3' })
    expect(told).toEqual(['BTC', 'ETH', 'ETH'])
    expect(prices.priceOf('ETH')).toEqual({ price: '3', moved: 'up' })
  })

  it('never goes back in time, whichever way an answer came', () => {
    const prices = board()
    prices.put(AT[2], { BTC: '5' })
    prices.put(AT[1], { BTC: '4' })
    expect(prices.priceOf('BTC')?.price).toBe('5')
  })

  it('keeps what is known still while it is paused, and still learns what is not', () => {
    const prices = board()
    prices.put(AT[0], { BTC: '1' })
    prices.pause(true)
    prices.put(AT[1], { BTC: '2', ETH: '7' })
    expect([prices.priceOf('BTC')?.price, prices.priceOf('ETH')?.price]).toEqual(['1', '7'])
    expect(prices.asOfMs()).toBe(Date.parse(AT[0]))
    prices.pause(false)
    prices.put(AT[1], { BTC: '2' })
    expect(prices.priceOf('BTC')).toEqual({ price: '2', moved: 'up' })
  })

  it('tells nobody who has left', () => {
    const prices = board()
    let told = 0
    prices.watch('BTC', () => {
      told += 1
    })()
    prices.put(AT[0], { BTC: '1' })
    expect(told).toBe(0)
  })
})
