import { type Static, Type } from 'typebox'
import { CashBalance } from './balance.ts'
import { ASSET_ID_PATTERN, AssetId } from './inventory.ts'
import { Order } from './order.ts'
import { closed, DecimalText, defineRoute, Instant } from './route.ts'

/** Written out, because the builder of records is larger than all else that pages take from here. */
const PriceByAsset = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { [ASSET_ID_PATTERN]: DecimalText },
})

/** The data of a `prices` event: every price that is known at this tick. */
export const PricesFrame = Type.Object({ as_of: Instant, prices: PriceByAsset })
export type PricesFrame = Static<typeof PricesFrame>

/** The data of an `orders` event. Its id is the journal sequence. */
export const OrdersFrame = Order

/** The data of a `balances` event: what a journal event left of what it touched. */
export const BalancesFrame = Type.Object({
  cash: Type.Optional(CashBalance),
  assets: Type.Array(
    closed({ asset_id: AssetId, quantity: DecimalText, available: DecimalText, held: DecimalText }),
  ),
})

const CHANNELS = '(prices|orders|balances)'

export const openStream = defineRoute({
  name: 'openStream',
  service: 'gateway',
  method: 'GET',
  path: '/stream',
  access: 'either',
  scope: 'read',
  summary:
    'Server-sent events: `prices` for anyone, `orders` and `balances` for the signed-in customer',
  query: Type.Object({
    channels: Type.Optional(Type.String({ pattern: `^${CHANNELS}(,${CHANNELS}){0,2}$` })),
  }),
  answer: Type.String(),
  problems: ['not-signed-in'],
  media: 'text/event-stream',
})

/**
 * The customer's own journal as events, resumed behind `Last-Event-ID`; served by the ledger's owner.
 * A sequence that concerns both channels is told as `balances` without an id, then `orders` with it:
 * a client that is cut off between them hears that state again, and no order twice. A block with an
 * id and nothing else tells no event; it says where the stream stands, and that is resumed behind too.
 */
export const streamJournal = defineRoute({
  name: 'streamJournal',
  service: 'order',
  method: 'GET',
  path: '/internal/journal/stream',
  access: 'customer',
  scope: 'read',
  summary: 'The caller’s order and balance events behind a journal sequence, then as they happen',
  query: Type.Object({
    after: Type.Optional(Type.Integer({ minimum: 0, description: 'Absent: from now on' })),
    channels: Type.String({ pattern: '^(orders|balances)(,(orders|balances))?$' }),
  }),
  answer: Type.String(),
  media: 'text/event-stream',
})
