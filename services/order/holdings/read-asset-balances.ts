import type { listAssetBalances } from '@cnop/contract/balance.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { holdingsIn, readBooks } from '../ledger/read-books.ts'
import type { AssetPrices, Trace } from '../prices/asset-prices.ts'
import { assetBalanceAnswer } from './asset-balance-answer.ts'

/** What the customer has now, by asset id. */
export async function readAssetBalances({
  store,
  prices,
  userId,
  trace,
}: {
  store: Pick<StoreReader, 'query'>
  prices: Pick<AssetPrices, 'quotesIfUp'>
  userId: string
  trace: Trace
}): Promise<AnswerOf<typeof listAssetBalances>> {
  const holdings = holdingsIn(await readBooks(store, userId))
  const assetIds = holdings.map(({ asset }) => asset)
  const quotes = await prices.quotesIfUp(assetIds, trace)
  const quoteOf = new Map(quotes.map((quote) => [quote.asset_id, quote]))
  return {
    data: holdings.map((balance) => assetBalanceAnswer(balance, quoteOf.get(balance.asset))),
  }
}
