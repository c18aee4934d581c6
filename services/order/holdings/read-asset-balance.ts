import type { AssetBalance } from '@cnop/contract/balance.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { balanceKey, CASH, loadBalance, quantityOf } from '../ledger/balance-rows.ts'
import type { AssetPrices, Trace } from '../prices/asset-prices.ts'
import { assetBalanceAnswer } from './asset-balance-answer.ts'

/**
 * What the customer has of one asset now; what was sold as a whole is no balance any more. Throws
 * `asset-not-found`, which cash is too, and `balance-not-found`.
 */
export async function readAssetBalance({
  store,
  prices,
  userId,
  assetId,
  trace,
}: {
  store: Pick<StoreReader, 'snapshot'>
  prices: Pick<AssetPrices, 'quotesIfUp'>
  userId: string
  assetId: string
  trace: Trace
}): Promise<AssetBalance> {
  if (assetId === CASH) throw new Problem('asset-not-found')
  const [[row], quotes] = await Promise.all([
    store.snapshot([balanceKey(userId, assetId)]),
    prices.quotesIfUp([assetId], trace),
  ])
  const balance = row && loadBalance(assetId, row)
  if (balance === undefined || quantityOf(balance) === 0n) throw new Problem('balance-not-found')
  return assetBalanceAnswer(balance, quotes[0])
}
