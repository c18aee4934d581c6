import type { Portfolio } from '@cnop/contract/portfolio.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { dayOf } from '../ledger/moment.ts'
import { readBooks } from '../ledger/read-books.ts'
import type { AssetPrices, Trace } from '../prices/asset-prices.ts'
import { assetsToPrice, portfolioAnswer } from './portfolio-answer.ts'

/** Throws `dependency-down` when there is something to price and inventory does not answer. */
export async function readPortfolio({
  store,
  prices,
  userId,
  now,
  trace,
}: {
  store: Pick<StoreReader, 'query'>
  prices: Pick<AssetPrices, 'quotesOf'>
  userId: string
  now: () => number
  trace: Trace
}): Promise<Portfolio> {
  const books = await readBooks(store, userId)
  const at = new Date(now()).toISOString()
  const quotes = await prices.quotesOf(assetsToPrice(books, dayOf(at)), trace)
  return portfolioAnswer(books, new Map(quotes.map((quote) => [quote.asset_id, quote])), at)
}
