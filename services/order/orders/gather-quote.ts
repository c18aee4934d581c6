/** A quote on its way into a decision. */
import { Problem } from '@cnop/contract/problem.ts'
import { CASH } from '../ledger/balance-rows.ts'
import { type MarketQuote, marketQuote, type QuoteOf } from './market-quote.ts'

export type GatheredQuote = {
  readonly gather: () => Promise<void>
  /** The quote gathered last; throws what kept it from being known. */
  readonly quote: () => MarketQuote
}

export function gatherQuote(quoteOf: QuoteOf, assetId: string): GatheredQuote {
  let gathered: { readonly quote: MarketQuote } | { readonly thrown: unknown } | undefined
  return {
    async gather() {
      try {
        gathered = { quote: await readQuote(quoteOf, assetId) }
      } catch (thrown) {
        gathered = { thrown }
      }
    },
    quote() {
      if (gathered === undefined) throw new Error('No quote was gathered')
      if ('thrown' in gathered) throw gathered.thrown
      return gathered.quote
    },
  }
}

/** Cash is no asset that can be traded. */
async function readQuote(quoteOf: QuoteOf, assetId: string): Promise<MarketQuote> {
  if (assetId === CASH) throw new Problem('asset-not-found')
  return marketQuote(await quoteOf(assetId))
}
