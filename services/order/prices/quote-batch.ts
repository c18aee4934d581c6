/**
 * Quotes for orders. Every order asks for its own, but the orders of one turn of the event loop ask
 * together, and while a call to inventory is on its way the next ones wait for the one after it: an
 * answer is never older than the question.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { Quote } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AssetPrices, Trace } from './asset-prices.ts'

export type QuoteBatch = {
  /** Throws `asset-not-found`, `prices-stale` before the first price, or `dependency-down`. */
  quoteOf(assetId: string, trace: Trace): Promise<Quote>
}

type Asking = {
  readonly assetId: string
  readonly trace: Trace
  readonly resolve: (quote: Quote) => void
  readonly reject: (thrown: unknown) => void
}

/** As many as fit into one call. */
const BATCH_MAX = 250

export function createQuoteBatch(prices: Pick<AssetPrices, 'quotesOf'>): QuoteBatch {
  const asking: Asking[] = []
  let running = false

  return {
    quoteOf(assetId, trace) {
      const quote = new Promise<Quote>((resolve, reject) => {
        asking.push({ assetId, trace, resolve, reject })
      })
      if (!running) void drain()
      return quote
    },
  }

  async function drain(): Promise<void> {
    running = true
    await endOfTurn()
    while (asking.length > 0) await ask(asking.splice(0, BATCH_MAX))
    running = false
  }

  /** An unknown asset fails the whole call: then each asks for itself. */
  async function ask(batch: readonly Asking[]): Promise<void> {
    const assetIds = [...new Set(batch.map(({ assetId }) => assetId))]
    try {
      const quotes = await prices.quotesOf(assetIds, latest(batch))
      for (const one of batch) settle(one, quotes)
    } catch (thrown) {
      const apart = assetIds.length > 1 && isNotFound(thrown)
      await Promise.all(batch.map((one) => (apart ? askAlone(one) : one.reject(thrown))))
    }
  }

  async function askAlone(one: Asking): Promise<void> {
    try {
      settle(one, await prices.quotesOf([one.assetId], one.trace))
    } catch (thrown) {
      one.reject(thrown)
    }
  }
}

function settle({ assetId, resolve, reject }: Asking, quotes: readonly Quote[]): void {
  const quote = quotes.find(({ asset_id }) => asset_id === assetId)
  if (quote !== undefined) resolve(quote)
  else {
    const detail = `There is no price of ${assetId} yet.`
    reject(new Problem('prices-stale', { detail, retryAfterSeconds: 1 }))
  }
}

/** The call may take as long as the most patient of those who wait for it. */
const latest = (batch: readonly Asking[]): Trace =>
  batch
    .map(({ trace }) => trace)
    .reduce((one, other) => (other.deadline > one.deadline ? other : one))

const isNotFound = (thrown: unknown): boolean =>
  thrown instanceof Problem && thrown.code === 'asset-not-found'
