import type { Quote } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { expect, it } from 'vitest'
import type { Trace } from './asset-prices.ts'
import { createQuoteBatch } from './quote-batch.ts'

const TRACE: Trace = { requestId: 'request-1', deadline: 1_000 }

const quoteOf = (assetId: string): Quote => ({
  asset_id: assetId,
  asset_name: assetId,
  quantity_scale: 8,
  halted: false,
  price: '1.00',
  day_open: '1.00',
  as_of: '2026-03-01T12:00:00.000Z',
  stale_after: '2026-03-01T12:00:05.000Z',
  tick: 'test:1',
  source: 'test',
})

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** An inventory that knows every asset but NONE, has no price of NEW, and answers when told. */
function createInventory() {
  const calls: { assetIds: readonly string[]; trace: Trace }[] = []
  const open: (() => void)[] = []
  let fault: unknown
  return {
    calls,
    fail: (thrown: unknown) => {
      fault = thrown
    },
    /** Lets the call that is on its way, or sets out in this turn, be answered. */
    release: async () => {
      await endOfTurn()
      open.shift()?.()
      await endOfTurn()
    },
    batch: createQuoteBatch({
      quotesOf: async (assetIds, trace) => {
        calls.push({ assetIds, trace })
        await new Promise<void>((resolve) => open.push(resolve))
        if (fault !== undefined) throw fault
        if (assetIds.includes('NONE')) throw new Problem('asset-not-found')
        return assetIds.filter((id) => id !== 'NEW').map(quoteOf)
      },
    }),
  }
}

const outcomeOf = (quote: Promise<Quote>): Promise<string> =>
  quote.then(
    ({ asset_id }) => asset_id,
    (thrown) => (thrown instanceof Problem ? thrown.code : String(thrown)),
  )

it('who asks in one turn shares one call', async () => {
  const { batch, calls, release } = createInventory()
  const all = ['BTC', 'ETH', 'BTC'].map((id) => outcomeOf(batch.quoteOf(id, TRACE)))
  expect(calls).toEqual([])
  await release()
  expect(await Promise.all(all)).toEqual(['BTC', 'ETH', 'BTC'])
  expect(calls.map(({ assetIds }) => assetIds)).toEqual([['BTC', 'ETH']])
})

it('who asks while a call is on its way shares the next one, each asset once', async () => {
  const { batch, calls, release } = createInventory()
  const first = outcomeOf(batch.quoteOf('BTC', TRACE))
  await endOfTurn()
  const later = ['BTC', 'ETH', 'BTC'].map((id) => outcomeOf(batch.quoteOf(id, TRACE)))
  await release()
  await release()
  expect(await Promise.all([first, ...later])).toEqual(['BTC', 'BTC', 'ETH', 'BTC'])
  expect(calls.map(({ assetIds }) => assetIds)).toEqual([['BTC'], ['BTC', 'ETH']])
})

it('an answer is never older than the question', async () => {
  const { batch, calls, release } = createInventory()
  const first = outcomeOf(batch.quoteOf('BTC', TRACE))
  await endOfTurn()
  const second = outcomeOf(batch.quoteOf('BTC', TRACE))
  await release()
  expect(await first).toBe('BTC')
  expect(calls).toHaveLength(2)
  await release()
  await second
})

it('an unknown asset is nobody else’s fault', async () => {
  const { batch, release } = createInventory()
  const first = outcomeOf(batch.quoteOf('BTC', TRACE))
  await endOfTurn()
  const later = ['ETH', 'NONE'].map((id) => outcomeOf(batch.quoteOf(id, TRACE)))
  for (let call = 0; call < 4; call += 1) await release()
  expect(await Promise.all([first, ...later])).toEqual(['BTC', 'ETH', 'asset-not-found'])
})

it('an asset without a price yet is not tradeable yet', async () => {
  const { batch, release } = createInventory()
  const quote = outcomeOf(batch.quoteOf('NEW', TRACE))
  await release()
  expect(await quote).toBe('prices-stale')
})

it('what keeps inventory from answering is told to all who asked, and it is asked again', async () => {
  const { batch, release, fail } = createInventory()
  fail(new Problem('dependency-down'))
  const all = ['BTC', 'ETH', 'SOL'].map((id) => outcomeOf(batch.quoteOf(id, TRACE)))
  await release()
  await release()
  expect(await Promise.all(all)).toEqual(Array(3).fill('dependency-down'))
  fail(undefined)
  const again = outcomeOf(batch.quoteOf('BTC', TRACE))
  await release()
  expect(await again).toBe('BTC')
})

it('the call may take as long as the most patient who wait for it', async () => {
  const { batch, calls, release } = createInventory()
  const first = outcomeOf(batch.quoteOf('BTC', TRACE))
  await endOfTurn()
  const traces = [5_000, 9_000, 7_000].map((deadline) => ({ requestId: `r${deadline}`, deadline }))
  const later = traces.map((trace) => outcomeOf(batch.quoteOf('ETH', trace)))
  await release()
  await release()
  await Promise.all([first, ...later])
  expect(calls[1]?.trace).toEqual({ requestId: 'r9000', deadline: 9_000 })
})
