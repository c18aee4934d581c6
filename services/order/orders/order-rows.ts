/** One order of a customer: its terms, frozen at placement, and what has become of it. */
import {
  ORDER_CLASSES,
  ORDER_STATUSES,
  ORDER_TYPES,
  type OrderStatus,
  type OrderType,
  TIMES_IN_FORCE,
} from '@cnop/contract/order.ts'
import {
  countIn,
  nameIn,
  optionalTextIn,
  optionalUnitsIn,
  textIn,
  unitsIn,
  withoutAbsent,
} from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../ledger/account-rows.ts'

export const ORDER_PREFIX = 'O#'

export const orderKey = (userId: string, orderId: string): Key => ({
  pk: partitionOf(userId),
  sk: `${ORDER_PREFIX}${orderId}`,
})

export const orderIdOfKey = (sortKey: string): string => sortKey.slice(ORDER_PREFIX.length)

/** Every order of a partition, oldest first: bounds of a query. */
export const ORDER_RANGE = { from: ORDER_PREFIX, to: 'O$' } as const

/** At which recorded tick an order was filled, and how old the tick was. */
export type OrderFill = {
  /** With twelve places. */
  readonly price: bigint
  readonly tick: string
  readonly ageMs: number
  readonly source: string
}

/** What the customer asked for beyond what every order has. */
export type OrderTerms = {
  /** Cents: the order was placed by its value. */
  readonly notional?: bigint | undefined
  /** Prices have twelve places. */
  readonly worstPrice?: bigint | undefined
}

export type Order = OrderTerms & {
  readonly id: string
  readonly clientOrderId?: string | undefined
  readonly type: OrderType
  readonly orderClass: (typeof ORDER_CLASSES)[number]
  readonly asset: string
  /** Decimal places of the quantities. */
  readonly scale: number
  readonly timeInForce: (typeof TIMES_IN_FORCE)[number]
  readonly price?: bigint | undefined
  readonly stopPrice?: bigint | undefined
  readonly quantity: bigint
  readonly filled: bigint
  readonly status: OrderStatus
  readonly statusReason?: string | undefined
  /** Cents that changed hands: paid with the fee, or received without it. */
  readonly total: bigint
  /** Cents. */
  readonly fee: bigint
  /** Held now: cents for a purchase, units of the asset for a sale. */
  readonly hold: bigint
  readonly fill?: OrderFill | undefined
  readonly replaces?: string | undefined
  readonly replacedBy?: string | undefined
  /** 1 when placed, and one more with every change. */
  readonly version: bigint
  /** The journal event that created the order, and the last one that changed it. */
  readonly placedSeq: bigint
  readonly seq: bigint
  readonly createdAt: string
  readonly updatedAt: string
  readonly completedAt?: string | undefined
}

/** An order without what the journal counts for it. */
export type OrderState = Omit<Order, 'version' | 'placedSeq' | 'seq'>

export type OrderSide = 'buy' | 'sell'

/** Every type that is not a purchase by name is a sale. */
export const sideOf = (type: OrderType): OrderSide => (type.endsWith('_buy') ? 'buy' : 'sell')

export function loadOrder(id: string, row: Row): Order {
  return withoutAbsent({
    id,
    clientOrderId: optionalTextIn(row, 'clientOrderId'),
    type: nameIn(row, 'type', ORDER_TYPES),
    orderClass: nameIn(row, 'orderClass', ORDER_CLASSES),
    asset: textIn(row, 'asset'),
    scale: countIn(row, 'scale'),
    timeInForce: nameIn(row, 'timeInForce', TIMES_IN_FORCE),
    notional: optionalUnitsIn(row, 'notional'),
    worstPrice: optionalUnitsIn(row, 'worstPrice'),
    price: optionalUnitsIn(row, 'price'),
    stopPrice: optionalUnitsIn(row, 'stopPrice'),
    quantity: unitsIn(row, 'quantity'),
    filled: unitsIn(row, 'filled'),
    status: nameIn(row, 'status', ORDER_STATUSES),
    statusReason: optionalTextIn(row, 'statusReason'),
    total: unitsIn(row, 'total'),
    fee: unitsIn(row, 'fee'),
    hold: unitsIn(row, 'hold'),
    fill: loadFill(row),
    replaces: optionalTextIn(row, 'replaces'),
    replacedBy: optionalTextIn(row, 'replacedBy'),
    version: unitsIn(row, 'version'),
    placedSeq: unitsIn(row, 'placedSeq'),
    seq: unitsIn(row, 'seq'),
    createdAt: textIn(row, 'createdAt'),
    updatedAt: textIn(row, 'updatedAt'),
    completedAt: optionalTextIn(row, 'completedAt'),
  })
}

function loadFill(row: Row): OrderFill | undefined {
  if (row['fillPrice'] === undefined) return undefined
  return {
    price: unitsIn(row, 'fillPrice'),
    tick: textIn(row, 'fillTick'),
    ageMs: countIn(row, 'fillAgeMs'),
    source: textIn(row, 'fillSource'),
  }
}

export function storeOrder(order: Order): Row {
  const { id: _inTheKey, scale, fill, ...columns } = order
  return withoutAbsent({
    ...columns,
    scale: BigInt(scale),
    fillPrice: fill?.price,
    fillTick: fill?.tick,
    fillAgeMs: fill === undefined ? undefined : BigInt(fill.ageMs),
    fillSource: fill?.source,
  })
}
