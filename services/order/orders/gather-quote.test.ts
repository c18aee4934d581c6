import { Problem } from '@cnop/contract/problem.ts'
import { expect, it } from 'vitest'
import { createTestMarket } from '../testing/test-market.ts'
import { gatherQuote } from './gather-quote.ts'

function marketWith(asset: string) {
  const market = createTestMarket(() => 1_000_000)
  market.list('BTC', '50000.5')
  return { market, gathered: gatherQuote(market.quoteOf, asset) }
}

it('the quote used is the one gathered last', async () => {
  const { market, gathered } = marketWith('BTC')
  await gathered.gather()
  expect(gathered.quote()).toMatchObject({ price: 50_000_500_000_000_000n, asOfMs: 999_750 })
  market.setPrice('BTC', '7')
  expect(gathered.quote().price).toBe(50_000_500_000_000_000n)
  await gathered.gather()
  expect(gathered.quote().price).toBe(7n * 10n ** 12n)
})

it('what kept a quote from being known is thrown where the quote is needed, not before', async () => {
  const { market, gathered } = marketWith('BTC')
  market.fail(new Problem('dependency-down'))
  await gathered.gather()
  expect(() => gathered.quote()).toThrow(Problem)
  market.fail(undefined)
  await gathered.gather()
  expect(gathered.quote().asset).toBe('BTC')
})

it('cash has no quote', async () => {
  const { gathered } = marketWith('USD')
  await gathered.gather()
  expect(() => gathered.quote()).toThrow(expect.objectContaining({ code: 'asset-not-found' }))
})

it.each(['0', '-1', 'nonsense'])('a price of %s is no price', async (price) => {
  const { market, gathered } = marketWith('BTC')
  market.setPrice('BTC', price)
  await gathered.gather()
  expect(() => gathered.quote()).toThrow('No price of BTC')
})

it('no quote is made up before one was gathered', () => {
  expect(() => marketWith('BTC').gathered.quote()).toThrow('No quote was gathered')
})
