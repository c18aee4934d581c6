import type { Store } from '@cnop/kit/store/store.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideCancel } from './decide-cancel.ts'
import { orderAnswer } from './order-answer.ts'
import { loadOrder, orderKey } from './order-rows.ts'

/** Ends an open order and releases what it held. */
export async function cancelOrder(
  asked: Asked & { readonly params: { readonly order_id: string } },
  { ledger, store }: { readonly ledger: Ledger; readonly store: Pick<Store, 'snapshot'> },
): Promise<Answer> {
  const orderId = asked.params.order_id
  // Read ahead only for its asset, which never changes: it says which balance the commit needs.
  const [row] = await store.snapshot([orderKey(asked.userId, orderId)])
  return ledger.commit({
    asked,
    orders: [orderId],
    assets: row === undefined ? [] : [loadOrder(orderId, row).asset],
    decide: ({ order }, { at }) => {
      const change = decideCancel(order(orderId), at)
      return { change, status: 200, answer: { data: orderAnswer(change.order) } }
    },
  })
}
