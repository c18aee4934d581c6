/** What the customers and the operator of a simulation ask for, drawn from what there is just then. */
import { formatDecimal, formatPrice, formatUsd } from '@cnop/contract/money.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { partitionOf } from '@cnop/services/order/ledger/account-rows.ts'
import { balanceKey, CASH, loadBalance } from '@cnop/services/order/ledger/balance-rows.ts'
import {
  loadOrder,
  ORDER_RANGE,
  type Order,
  orderIdOfKey,
} from '@cnop/services/order/orders/order-rows.ts'
import { isOpen } from '@cnop/services/order/orders/order-states.ts'
import { ASSET_SCALES, ASSETS, type Tick } from './simulated-market.ts'
import { RIGHT_PHRASE, type Wish } from './simulated-process.ts'

export type Situation = {
  readonly userId: string
  readonly truth: Pick<Store, 'snapshot' | 'query'>
  readonly chance: () => number
  readonly tick: Tick
}

/** The only asset that waiting orders of the tests are of. */
export const WAITING_ASSET = 'BTC'

type Draw = (situation: Situation) => Promise<Wish>

/** Each with how often it is drawn, beside the others. */
const CUSTOMERS: readonly (readonly [number, Draw])[] = [
  [25, async ({ chance }) => cash('deposit', BigInt(1 + Math.floor(chance() * 400_000)))],
  [12, async (situation) => cash('withdraw', await edgeOf(situation, CASH))],
  [4, async ({ chance }) => claim(chance() < 0.4 ? RIGHT_PHRASE : 'any other')],
  [24, purchase],
  [20, sale],
  [9, waitingPurchase],
  [3, waitingSale],
  [7, cancellation],
]

const OPERATORS: readonly (readonly [number, Draw])[] = [
  [6, adjustment],
  [1, async () => status('frozen')],
  [4, async () => status('active')],
]

export const customersWish: Draw = (situation) => drawn(CUSTOMERS, situation)
export const operatorsWish: Draw = (situation) => drawn(OPERATORS, situation)

async function drawn(
  wishes: readonly (readonly [number, Draw])[],
  situation: Situation,
): Promise<Wish> {
  let draw = situation.chance() * wishes.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, draws] of wishes) {
    draw -= weight
    if (draw < 0) return draws(situation)
  }
  throw new Error('No wish was drawn')
}

const cash = (kind: 'deposit' | 'withdraw', cents: bigint): Wish => ({
  kind,
  body: { amount: formatUsd(cents) },
})

const claim = (phrase: string): Wish => ({ kind: 'claim', body: { phrase } })

const status = (to: 'active' | 'frozen'): Wish => ({
  kind: 'status',
  body: { status: to, reason: 'the seed says so' },
})

async function availableOf({ truth, userId }: Situation, asset: string): Promise<bigint> {
  const [row] = await truth.snapshot([balanceKey(userId, asset)])
  return row === undefined ? 0n : loadBalance(asset, row).a
}

/** Often all there is, or a unit more: that is where the mistakes are. Never nothing. */
async function edgeOf(situation: Situation, asset: string): Promise<bigint> {
  const all = await availableOf(situation, asset)
  const edge = pick([all, all + 1n, all / 2n, all / 3n], situation.chance)
  return edge > 0n ? edge : 100n
}

const pick = <Value>(values: readonly [Value, ...Value[]], chance: () => number): Value =>
  values[Math.floor(chance() * values.length)] ?? values[0]

const anyAsset = ({ chance }: Situation): string => pick(['BTC', 'DOGE'], chance)

/** Sometimes the price of the moment is the worst accepted, sometimes one that no tick reaches. */
function worstPrice({ chance, tick }: Situation, asset: string): { worst_price?: string } {
  const { price = 1n } = tick.quotes.get(asset) ?? {}
  const draw = chance()
  if (draw < 0.5) return {}
  return { worst_price: formatPrice(draw < 0.8 ? price : (price * 105n) / 100n) }
}

async function purchase(situation: Situation): Promise<Wish> {
  const asset = anyAsset(situation)
  const notional = formatUsd(await edgeOf(situation, CASH))
  const terms = { order_type: 'market_buy', asset_id: asset, notional } as const
  return { kind: 'market', body: { ...terms, ...worstPrice(situation, asset) } }
}

/** By quantity, which is often all there is, or by value. */
async function sale(situation: Situation): Promise<Wish> {
  const asset = anyAsset(situation)
  const terms = { order_type: 'market_sell', asset_id: asset } as const
  const size =
    situation.chance() < 0.75
      ? { quantity: formatDecimal(await edgeOf(situation, asset), ASSET_SCALES[asset] ?? 0) }
      : { notional: formatUsd(BigInt(50 + Math.floor(situation.chance() * 50_000))) }
  return { kind: 'market', body: { ...terms, ...size, ...worstPrice(situation, asset) } }
}

/** For a share of the cash, at a limit that some ticks reach. */
async function waitingPurchase(situation: Situation): Promise<Wish> {
  const { price = 1n } = situation.tick.quotes.get(WAITING_ASSET) ?? {}
  const cents = await edgeOf(situation, CASH)
  const limit = (price * BigInt(90 + Math.floor(situation.chance() * 20))) / 100n
  const units = (cents * 10n ** 18n) / limit
  return waiting('limit_buy', units, limit)
}

async function waitingSale(situation: Situation): Promise<Wish> {
  const { price = 1n } = situation.tick.quotes.get(WAITING_ASSET) ?? {}
  return waiting('limit_sell', await edgeOf(situation, WAITING_ASSET), price)
}

const waiting = (type: 'limit_buy' | 'limit_sell', units: bigint, limit: bigint): Wish => ({
  kind: 'limit',
  body: {
    type,
    asset: WAITING_ASSET,
    quantity: formatDecimal(units > 0n ? units : 1n, ASSET_SCALES[WAITING_ASSET] ?? 0),
    price: formatPrice(limit),
  },
})

/** Of an order that is open, has ended, or never was. */
async function cancellation({ truth, userId, chance }: Situation): Promise<Wish> {
  const orders = await ordersOf(truth, userId)
  const open = orders.filter((order) => isOpen(order.status))
  const among = chance() < 0.8 ? open : orders
  const orderId = among[Math.floor(chance() * among.length)]?.id ?? 'no-such-order'
  return { kind: 'cancel', body: { orderId } }
}

async function adjustment(situation: Situation): Promise<Wish> {
  const asset = pick([CASH, ...ASSETS], situation.chance)
  const takes = situation.chance() < 0.5
  const units = takes ? -(await edgeOf(situation, asset)) : 12_345n
  const amount = formatDecimal(units, asset === CASH ? 2 : (ASSET_SCALES[asset] ?? 0))
  return { kind: 'adjust', body: { asset_id: asset, amount, reason: 'the seed says so' } }
}

export async function ordersOf(
  truth: Pick<Store, 'query'>,
  userId: string,
): Promise<readonly Order[]> {
  const { rows } = await truth.query(partitionOf(userId), { ...ORDER_RANGE, limit: 1_000 })
  return rows.map(({ sk, row }) => loadOrder(orderIdOfKey(sk), row))
}
