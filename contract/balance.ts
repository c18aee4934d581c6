import { type Static, Type } from 'typebox'
import { AssetId } from './inventory.ts'
import { pageAnswer, pageQuery } from './page.ts'
import { COMMAND_PROBLEMS } from './problem.ts'
import { closed, DecimalInput, DecimalText, dataOf, defineRoute, Instant } from './route.ts'

export const CashBalance = Type.Object({
  current_balance: DecimalText,
  available_balance: DecimalText,
  held_balance: DecimalText,
  currency: Type.Literal('USD'),
  updated_at: Instant,
})
export type CashBalance = Static<typeof CashBalance>

export const getBalance = defineRoute({
  name: 'getBalance',
  service: 'order',
  method: 'GET',
  path: '/balance',
  access: 'customer',
  scope: 'read',
  summary: 'My cash',
  answer: CashBalance,
})

export const TransferAnswer = Type.Object({
  success: Type.Boolean(),
  message: Type.String(),
  transaction_id: Type.String(),
  timestamp: Instant,
})
export type TransferAnswer = Static<typeof TransferAnswer>

const amountBody = closed({ amount: DecimalInput })

export const deposit = defineRoute({
  name: 'deposit',
  service: 'order',
  method: 'POST',
  path: '/balance/deposit',
  access: 'customer',
  scope: 'trade',
  summary: 'Deposit cash',
  body: amountBody,
  answer: TransferAnswer,
  status: 201,
  problems: ['account-frozen', 'daily-limit-exceeded', ...COMMAND_PROBLEMS],
  idempotent: true,
})

export const withdraw = defineRoute({
  name: 'withdraw',
  service: 'order',
  method: 'POST',
  path: '/balance/withdraw',
  access: 'customer',
  scope: 'session',
  secondFactor: true,
  summary: 'Withdraw cash',
  body: amountBody,
  answer: TransferAnswer,
  status: 201,
  problems: ['account-frozen', 'daily-limit-exceeded', 'insufficient-funds', ...COMMAND_PROBLEMS],
  idempotent: true,
})

const Allowance = Type.Object({ limit: DecimalText, used: DecimalText, remaining: DecimalText })

export const getLimits = defineRoute({
  name: 'getLimits',
  service: 'order',
  method: 'GET',
  path: '/balance/limits',
  access: 'customer',
  scope: 'read',
  summary: 'What is left of today, a UTC day',
  answer: dataOf(
    Type.Object({
      deposit: Allowance,
      withdraw: Allowance,
      currency: Type.Literal('USD'),
      resets_at: Instant,
    }),
  ),
})

export const TRANSACTION_TYPES = [
  'deposit',
  'withdraw',
  'order_payment',
  'order_sale',
  'order_hold',
  'order_release',
  'reward',
  'system_adjustment',
] as const
export type TransactionType = (typeof TRANSACTION_TYPES)[number]
const TransactionTypeName = Type.Enum(TRANSACTION_TYPES)

export const CashTransaction = Type.Object({
  transaction_id: Type.String(),
  transaction_type: TransactionTypeName,
  amount: Type.String({ description: 'Signed decimal text: what it did to the available cash' }),
  status: Type.Literal('completed'),
  created_at: Instant,
  reference_id: Type.String(),
})
export type CashTransaction = Static<typeof CashTransaction>

export const listCashTransactions = defineRoute({
  name: 'listCashTransactions',
  service: 'order',
  method: 'GET',
  path: '/balance/transactions',
  access: 'customer',
  scope: 'read',
  summary: 'What changed my cash, newest first; a page may be short and still have a cursor',
  query: Type.Object({
    ...pageQuery,
    type: Type.Optional(TransactionTypeName),
    from: Type.Optional(Instant),
    to: Type.Optional(Instant),
  }),
  answer: Type.Object({
    transactions: Type.Array(CashTransaction),
    total_count: Type.Optional(Type.Integer({ description: 'Absent under filters' })),
    ...pageAnswer,
  }),
})

export const AssetBalance = Type.Object({
  asset_id: AssetId,
  asset_name: Type.String(),
  quantity: DecimalText,
  available: DecimalText,
  held: DecimalText,
  current_price: Type.Union([DecimalText, Type.Null()]),
  total_value: Type.Union([DecimalText, Type.Null()]),
  created_at: Instant,
  updated_at: Instant,
})
export type AssetBalance = Static<typeof AssetBalance>

const oneAsset = Type.Object({ asset_id: AssetId })

export const getAssetBalance = defineRoute({
  name: 'getAssetBalance',
  service: 'order',
  method: 'GET',
  path: '/balance/asset/:asset_id',
  access: 'customer',
  scope: 'read',
  summary: 'What I hold of one asset',
  params: oneAsset,
  answer: AssetBalance,
  problems: ['asset-not-found', 'balance-not-found'],
})

export const getAssetBalanceByAsset = defineRoute({
  ...getAssetBalance,
  name: 'getAssetBalanceByAsset',
  path: '/assets/:asset_id/balance',
})

export const listAssetBalances = defineRoute({
  name: 'listAssetBalances',
  service: 'order',
  method: 'GET',
  path: '/assets/balances',
  access: 'customer',
  scope: 'read',
  summary: 'Everything I hold',
  answer: Type.Object({ data: Type.Array(AssetBalance) }),
})

/** The operator's correction: signed, in USD or in an asset, always with a reason. */
export const adjustBalance = defineRoute({
  name: 'adjustBalance',
  service: 'order',
  method: 'POST',
  path: '/internal/operator/accounts/:user_id/adjust',
  access: 'operator',
  summary: 'Correct a balance with a new journal event',
  params: Type.Object({ user_id: Type.String({ pattern: '^[0-9A-Z]{26}$' }) }),
  body: closed({
    asset_id: AssetId,
    amount: Type.String({
      pattern: '^-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,18})?$',
      'x-rule': 'Give a plain decimal such as 12.5 or -12.5, without exponent.',
    }),
    reason: Type.String({ minLength: 3, maxLength: 200 }),
    corrects_event: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  answer: TransferAnswer,
  status: 201,
  problems: [
    'user-not-found',
    'asset-not-found',
    'insufficient-funds',
    'insufficient-holdings',
    'prices-stale',
    ...COMMAND_PROBLEMS,
  ],
  idempotent: true,
})

export const setAccountStatus = defineRoute({
  name: 'setAccountStatus',
  service: 'order',
  method: 'POST',
  path: '/internal/operator/accounts/:user_id/status',
  access: 'operator',
  summary: 'Freeze an account or release it',
  params: Type.Object({ user_id: Type.String({ pattern: '^[0-9A-Z]{26}$' }) }),
  body: closed({
    status: Type.Enum(['active', 'frozen']),
    reason: Type.String({ minLength: 3, maxLength: 200 }),
  }),
  answer: Type.Object({ data: Type.Object({ user_id: Type.String(), status: Type.String() }) }),
  problems: ['user-not-found', ...COMMAND_PROBLEMS],
  idempotent: true,
})
