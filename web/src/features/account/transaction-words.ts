import type { TransactionType } from '@cnop/contract/balance.ts'
import { t } from '../../messages.ts'

export function transactionName(type: TransactionType): string {
  const names = {
    deposit: t('Deposit'),
    withdraw: t('Withdrawal'),
    order_payment: t('Purchase'),
    order_sale: t('Sale'),
    order_hold: t('Held for an order'),
    order_release: t('Released by an order'),
    reward: t('Reward'),
    system_adjustment: t('Adjustment'),
  }
  return names[type]
}

/** Whether the reference names an order. */
export const isOfOrder = (type: TransactionType): boolean => type.startsWith('order_')
