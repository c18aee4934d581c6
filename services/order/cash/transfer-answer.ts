import type { TransferAnswer } from '@cnop/contract/balance.ts'

export const transferAnswer = (told: {
  readonly id: string
  readonly at: string
  readonly message: string
}): TransferAnswer => ({
  success: true,
  message: told.message,
  transaction_id: told.id,
  timestamp: told.at,
})
