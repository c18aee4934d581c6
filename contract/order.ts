import { type Static, Type } from 'typebox'
import { AssetId } from './inventory.ts'
import { pageAnswer, pageQuery } from './page.ts'
import { COMMAND_PROBLEMS, type ProblemCode } from './problem.ts'
import { closed, DecimalInput, DecimalText, dataOf, defineRoute, Instant } from './route.ts'

export const ORDER_TYPES = [
  'market_buy',
  'market_sell',
  'limit_buy',
  'limit_sell',
  'stop_loss',
  'take_profit',
  'trailing_stop',
  'stop_limit_buy',
  'stop_limit_sell',
] as const
export type OrderType = (typeof ORDER_TYPES)[number]

/** The order types that this build fills; the others are refused as invalid input. */
export const ORDER_TYPES_ON = ['market_buy', 'market_sell'] as const satisfies readonly OrderType[]

/** Order states; the last five are final. */
export const ORDER_STATUSES = [
  'pending',
  'queued',
  'processing',
  'completed',
  'cancelled',
  'expired',
  'failed',
  'replaced',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

export const TIMES_IN_FORCE = ['gtc', 'gtd', 'day', 'ioc', 'fok'] as const
export const ORDER_CLASSES = ['simple', 'oco', 'bracket'] as const

const OrderTypeName = Type.Enum(ORDER_TYPES)
const StatusName = Type.Enum(ORDER_STATUSES)
const TimeInForce = Type.Enum(TIMES_IN_FORCE)
const OrderClass = Type.Enum(ORDER_CLASSES)
const ClientOrderId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })
export const OrderId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })

const Leg = closed({ price: Type.Optional(DecimalInput), stop_price: Type.Optional(DecimalInput) })

export const OrderBody = closed({
  order_type: OrderTypeName,
  asset_id: AssetId,
  quantity: Type.Optional(DecimalInput),
  notional: Type.Optional(DecimalInput),
  worst_price: Type.Optional(DecimalInput),
  price: Type.Optional(DecimalInput),
  stop_price: Type.Optional(DecimalInput),
  trail_amount: Type.Optional(DecimalInput),
  trail_percent: Type.Optional(DecimalInput),
  time_in_force: Type.Optional(TimeInForce),
  expires_at: Type.Optional(Instant),
  order_class: Type.Optional(OrderClass),
  take_profit: Type.Optional(Leg),
  stop_loss: Type.Optional(Leg),
  client_order_id: Type.Optional(ClientOrderId),
})
export type OrderBody = Static<typeof OrderBody>

/** How an order was filled: at which recorded tick, how old it was, and by which model. */
export const Fill = Type.Object({
  price: DecimalText,
  quote: Type.String({ description: 'Names the recorded tick' }),
  quote_age_ms: Type.Integer(),
  source: Type.String(),
  model: Type.Literal('quote'),
})
export type Fill = Static<typeof Fill>

/** Fields that do not apply to an order are absent. */
export const Order = Type.Object({
  order_id: OrderId,
  client_order_id: Type.Optional(ClientOrderId),
  order_type: OrderTypeName,
  order_class: OrderClass,
  asset_id: AssetId,
  quantity: DecimalText,
  filled_quantity: DecimalText,
  price: Type.Optional(DecimalText),
  stop_price: Type.Optional(DecimalText),
  status: StatusName,
  status_reason: Type.Optional(Type.String()),
  time_in_force: TimeInForce,
  /** Cash that changed hands: paid including the fee, or received after it. */
  total_amount: DecimalText,
  fee: DecimalText,
  held_amount: DecimalText,
  fill: Type.Optional(Fill),
  legs: Type.Optional(Type.Array(OrderId)),
  replaces: Type.Optional(OrderId),
  replaced_by: Type.Optional(OrderId),
  created_at: Instant,
  updated_at: Instant,
  completed_at: Type.Optional(Instant),
})
export type Order = Static<typeof Order>

const TRADE_PROBLEMS = [
  'asset-not-found',
  'account-frozen',
  'asset-halted',
  'insufficient-funds',
  'insufficient-holdings',
  'order-too-small',
  'order-too-large',
  'price-moved',
  'prices-stale',
] as const satisfies readonly ProblemCode[]

export const placeOrder = defineRoute({
  name: 'placeOrder',
  service: 'order',
  method: 'POST',
  path: '/orders',
  access: 'customer',
  scope: 'trade',
  summary: 'Place an order',
  body: OrderBody,
  answer: dataOf(Order),
  status: 201,
  problems: [...TRADE_PROBLEMS, ...COMMAND_PROBLEMS],
  idempotent: true,
})

export const OrderPreview = Type.Object({
  order_type: OrderTypeName,
  asset_id: AssetId,
  quantity: DecimalText,
  price: DecimalText,
  quote_as_of: Instant,
  stale_after: Instant,
  /** The price with the market protection that a confirmation may pass as `worst_price`. */
  worst_price: DecimalText,
  notional: DecimalText,
  fee: DecimalText,
  total_amount: DecimalText,
  cash_after: DecimalText,
  asset_after: DecimalText,
})
export type OrderPreview = Static<typeof OrderPreview>

export const previewOrder = defineRoute({
  name: 'previewOrder',
  service: 'order',
  method: 'POST',
  path: '/orders/preview',
  access: 'customer',
  scope: 'read',
  summary: 'What an order would cost; writes nothing',
  body: OrderBody,
  answer: dataOf(OrderPreview),
  problems: TRADE_PROBLEMS,
})

export const listOrders = defineRoute({
  name: 'listOrders',
  service: 'order',
  method: 'GET',
  path: '/orders',
  access: 'customer',
  scope: 'read',
  summary: 'My orders, newest first; a page may be short and still have a cursor',
  query: Type.Object({
    ...pageQuery,
    asset_id: Type.Optional(AssetId),
    status: Type.Optional(StatusName),
    order_type: Type.Optional(OrderTypeName),
  }),
  answer: Type.Object({ data: Type.Array(Order), ...pageAnswer }),
})

const oneOrder = Type.Object({ order_id: OrderId })

export const getOrder = defineRoute({
  name: 'getOrder',
  service: 'order',
  method: 'GET',
  path: '/orders/:order_id',
  access: 'customer',
  scope: 'read',
  summary: 'One of my orders',
  params: oneOrder,
  answer: dataOf(Order),
  problems: ['order-not-found'],
})

export const cancelOrder = defineRoute({
  name: 'cancelOrder',
  service: 'order',
  method: 'DELETE',
  path: '/orders/:order_id',
  access: 'customer',
  scope: 'trade',
  summary: 'Cancel an open order',
  params: oneOrder,
  answer: dataOf(Order),
  problems: ['order-not-found', 'order-not-open', ...COMMAND_PROBLEMS],
  idempotent: true,
})

export const AssetTransaction = Type.Object({
  asset_id: AssetId,
  transaction_type: Type.Enum(['buy', 'sell']),
  quantity: DecimalText,
  price: DecimalText,
  total_amount: DecimalText,
  status: StatusName,
  timestamp: Instant,
  order_id: OrderId,
})

export const listAssetTransactions = defineRoute({
  name: 'listAssetTransactions',
  service: 'order',
  method: 'GET',
  path: '/assets/:asset_id/transactions',
  access: 'customer',
  scope: 'read',
  summary:
    'My purchases and sales of one asset, newest first; a page may be short and still have a cursor',
  params: Type.Object({ asset_id: AssetId }),
  query: Type.Object(pageQuery),
  answer: Type.Object({ data: Type.Array(AssetTransaction), ...pageAnswer }),
  problems: ['asset-not-found'],
})
