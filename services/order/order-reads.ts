/** What a customer can read of their orders, cash, holdings and books: which route, which function. */
import {
  getAssetBalance,
  getAssetBalanceByAsset,
  getBalance,
  getLimits,
  listAssetBalances,
  listCashTransactions,
} from '@cnop/contract/balance.ts'
import { getOrder, listAssetTransactions, listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory, verifyLedger } from '@cnop/contract/portfolio.ts'
import { streamJournal } from '@cnop/contract/stream.ts'
import type { Handler } from '@cnop/kit/answer-call.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { customerOf, type Endpoint, serve, serveStream } from '@cnop/kit/service.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { createLedgerProofs } from './audit/verify-ledger.ts'
import { readCashBalance } from './cash/read-cash-balance.ts'
import { readCashTransactions } from './cash/read-cash-transactions.ts'
import { readDailyLimits } from './cash/read-daily-limits.ts'
import { readAssetBalance } from './holdings/read-asset-balance.ts'
import { readAssetBalances } from './holdings/read-asset-balances.ts'
import type { OrderRules } from './order-rules.ts'
import { readAssetTransactions } from './orders/read-asset-transactions.ts'
import { readOrder } from './orders/read-order.ts'
import { readOrders } from './orders/read-orders.ts'
import { readPortfolio } from './portfolio/read-portfolio.ts'
import { readPortfolioHistory } from './portfolio/read-portfolio-history.ts'
import type { AssetPrices } from './prices/asset-prices.ts'
import type { JournalChannel } from './stream/journal-frames.ts'
import { tellJournal } from './stream/tell-journal.ts'

/** So long before its caller gives up, a replay that is not over is refused: that is heard, too. */
const PROOF_MARGIN_MS = 500

export type OrderReadParts = {
  readonly store: StoreReader
  readonly bus: Bus
  readonly prices: AssetPrices
  readonly rules: Pick<OrderRules, 'depositPerDayMax' | 'withdrawPerDayMax'>
  readonly now: () => number
}

export function orderReads(parts: OrderReadParts): readonly Endpoint[] {
  const { store, bus, prices, rules, now } = parts
  const proofs = createLedgerProofs({ store, now })
  const own = (call: Parameters<Handler<typeof getBalance>>[0]) => ({
    userId: customerOf(call).userId,
    trace: { requestId: call.requestId, deadline: call.deadline },
  })
  const assetBalance: Handler<typeof getAssetBalance> = (call) =>
    readAssetBalance({ store, prices, ...own(call), assetId: call.params.asset_id })

  return [
    serve(getBalance, (call) => readCashBalance({ store, ...own(call), nowMs: now() })),
    serve(getLimits, (call) => readDailyLimits({ store, ...own(call), rules, nowMs: now() })),
    serve(listCashTransactions, (call) =>
      readCashTransactions({ store, ...own(call), query: call.query }),
    ),
    serve(getAssetBalance, assetBalance),
    serve(getAssetBalanceByAsset, assetBalance),
    serve(listAssetBalances, (call) => readAssetBalances({ store, prices, ...own(call) })),
    serve(listOrders, (call) => readOrders({ store, ...own(call), query: call.query })),
    serve(getOrder, (call) => readOrder({ store, ...own(call), orderId: call.params.order_id })),
    serve(listAssetTransactions, (call) =>
      readAssetTransactions({
        store,
        prices,
        ...own(call),
        assetId: call.params.asset_id,
        query: call.query,
      }),
    ),
    serve(getPortfolio, (call) => readPortfolio({ store, prices, ...own(call), now })),
    serve(getPortfolioHistory, (call) =>
      readPortfolioHistory({ store, prices, ...own(call), query: call.query, now }),
    ),
    serve(verifyLedger, (call) =>
      proofs.prove({ userId: customerOf(call).userId, deadline: call.deadline - PROOF_MARGIN_MS }),
    ),
    serveStream(streamJournal, (call, stream) =>
      tellJournal(stream, {
        store,
        bus,
        userId: customerOf(call).userId,
        channels: new Set(call.query.channels.split(',') as JournalChannel[]),
        after: call.query.after === undefined ? undefined : BigInt(call.query.after),
      }),
    ),
  ]
}
