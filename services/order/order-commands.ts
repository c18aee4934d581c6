/** What changes an account: which route, which function. */
import {
  adjustBalance as adjustBalanceRoute,
  deposit,
  setAccountStatus as setAccountStatusRoute,
  withdraw,
} from '@cnop/contract/balance.ts'
import {
  cancelOrder as cancelOrderRoute,
  placeOrder as placeOrderRoute,
  previewOrder as previewOrderRoute,
} from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { claimReward as claimRewardRoute } from '@cnop/contract/reward.ts'
import type { Route } from '@cnop/contract/route.ts'
import { type Call, StoredAnswer } from '@cnop/kit/answer-call.ts'
import { customerOf, type Endpoint, serve } from '@cnop/kit/service.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { depositCash, withdrawCash } from './cash/transfer-cash.ts'
import type { Answer, Asked } from './ledger/commit-command.ts'
import type { Actor } from './ledger/journal-rows.ts'
import type { Ledger } from './ledger/ledger.ts'
import { adjustBalance } from './operator/adjust-balance.ts'
import { setAccountStatus } from './operator/set-account-status.ts'
import type { OrderRules } from './order-rules.ts'
import { cancelOrder } from './orders/cancel-order.ts'
import type { QuoteOf } from './orders/market-quote.ts'
import { placeOrder } from './orders/place-order.ts'
import { previewOrder } from './orders/preview-order.ts'
import type { QuoteBatch } from './prices/quote-batch.ts'
import { claimReward, type RewardParts } from './rewards/claim-reward.ts'

export type OrderCommandParts = {
  readonly ledger: Ledger
  readonly store: StoreReader
  readonly quotes: QuoteBatch
  readonly rules: OrderRules
  /** Absent where no rewards are paid. */
  readonly rewards?: RewardParts | undefined
  /** A new identifier each time, rising in the order of the calls: a ULID. */
  readonly newId: () => string
  readonly now: () => number
  readonly onAnswer?: (route: string, answer: Answer) => void
}

export function orderCommands(parts: OrderCommandParts): readonly Endpoint[] {
  const { ledger, store, quotes, rules, rewards, newId, now, onAnswer } = parts
  const quoteOf =
    (call: Trace): QuoteOf =>
    (assetId) =>
      quotes.quoteOf(assetId, { requestId: call.requestId, deadline: call.deadline })
  const kept = async (route: Route, answer: Promise<Answer>): Promise<StoredAnswer> => {
    const told = await answer
    onAnswer?.(route.name, told)
    return new StoredAnswer(told)
  }
  const mine = <R extends Route>(route: R, call: Call<R>) =>
    asked(route, call, { userId: customerOf(call).userId, actor: { kind: 'customer' }, newId })
  const theirs = <R extends Route>(route: R, call: Call<R>, userId: string) =>
    asked(route, call, { userId, actor: operatorOf(call), newId })

  return [
    serve(placeOrderRoute, (call) => {
      const order = placeOrder(mine(placeOrderRoute, call), {
        ledger,
        quoteOf: quoteOf(call),
        rules,
        newId,
      })
      return kept(placeOrderRoute, order)
    }),
    serve(previewOrderRoute, async (call) => {
      const { userId } = customerOf(call)
      const order = { userId, body: call.body }
      return { data: await previewOrder(order, { store, quoteOf: quoteOf(call), rules, now }) }
    }),
    serve(cancelOrderRoute, (call) =>
      kept(cancelOrderRoute, cancelOrder(mine(cancelOrderRoute, call), { ledger, store })),
    ),
    serve(deposit, (call) =>
      kept(deposit, depositCash(mine(deposit, call), { ledger, rules, newId })),
    ),
    serve(withdraw, (call) =>
      kept(withdraw, withdrawCash(mine(withdraw, call), { ledger, rules, newId })),
    ),
    ...(rewards === undefined
      ? []
      : [
          serve(claimRewardRoute, (call) => {
            const claim = claimReward(mine(claimRewardRoute, call), {
              ...rewards,
              ledger,
              newId,
              now,
            })
            return kept(claimRewardRoute, claim)
          }),
        ]),
    serve(adjustBalanceRoute, (call) => {
      const adjustment = theirs(adjustBalanceRoute, call, call.params.user_id)
      const adjusted = adjustBalance(adjustment, { ledger, quoteOf: quoteOf(call), newId })
      return kept(adjustBalanceRoute, adjusted)
    }),
    serve(setAccountStatusRoute, (call) => {
      const change = theirs(setAccountStatusRoute, call, call.params.user_id)
      return kept(setAccountStatusRoute, setAccountStatus(change, { ledger }))
    }),
  ]
}

type Trace = { readonly requestId: string; readonly deadline: number }

/** A request without a key of its own gets one that nobody else has. */
function asked<R extends Route>(
  route: R,
  call: Call<R>,
  by: { readonly userId: string; readonly actor: Actor; readonly newId: () => string },
): Asked & Pick<Call<R>, 'params' | 'body'> {
  return {
    userId: by.userId,
    actor: by.actor,
    requestId: call.requestId,
    key: call.idempotencyKey ?? `auto-${by.newId()}`,
    deadline: call.deadline,
    route,
    params: call.params,
    body: call.body,
  }
}

function operatorOf({ caller }: Pick<Call<Route>, 'caller'>): Actor {
  if (caller.kind !== 'operator') throw new Problem('bad-signature')
  return { kind: 'operator', id: caller.name }
}
