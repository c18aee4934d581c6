/**
 * The house's side of every trade, folded from what customers were answered and not from what was
 * posted: bought and sold quantities, sums paid and fees charged, as the orders say. It must agree
 * with the contra columns of all balances together, and what came from outside with the transfers.
 */
import { parseDecimal, parseUsd } from '@cnop/contract/money.ts'
import type { Order as OrderAnswer } from '@cnop/contract/order.ts'
import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import type { Transfer } from '../cash/transfer-rows.ts'
import { type Balance, CASH } from '../ledger/balance-rows.ts'
import type { JournalEvent } from '../ledger/journal-rows.ts'

/** Sums over all customers of one asset, in its smallest unit. */
export type AssetSums = {
  scale: number
  available: bigint
  held: bigint
  /** The contra columns. */
  house: bigint
  fees: bigint
  outside: bigint
  /** The same, by what was answered. */
  traded: bigint
  charged: bigint
  transferred: bigint
}

export type HouseBook = {
  /** Events of one customer after those of another, each in order. */
  event(event: JournalEvent): void
  balance(balance: Balance): void
  transfer(transfer: Transfer): void
  /** Forgets the open orders of the customer who is through. */
  endOfCustomer(): void
  readonly sums: ReadonlyMap<string, AssetSums>
  /** The first rule that does not hold over all customers, in words. */
  verdict(): { readonly rule: 'L5' | 'L7'; readonly detail: string } | undefined
}

type Filled = { readonly quantity: bigint; readonly total: bigint; readonly fee: bigint }

const NOTHING_FILLED: Filled = { quantity: 0n, total: 0n, fee: 0n }

export function createHouseBook(): HouseBook {
  const sums = new Map<string, AssetSums>()
  const scales = new Map<string, number>([[CASH, 2]])
  const partly = new Map<string, Filled>()

  return {
    sums,
    event(event) {
      for (const { asset, scale } of event.lines) scales.set(asset, scale)
      if (event.type.startsWith('order-')) fold(answeredOrder(event))
    },
    balance({ asset, scale, a, h, xT, xF, xE }) {
      const sum = sumsOf(asset)
      sum.scale = scale
      sum.available += a
      sum.held += h
      sum.house += xT
      sum.fees += xF
      sum.outside += xE
    },
    transfer({ asset, amount }) {
      sumsOf(asset).transferred += amount
    },
    endOfCustomer: () => partly.clear(),
    verdict: () => verdictOn(sums),
  }

  function fold(order: OrderAnswer): void {
    const now = filledOf(order, scales.get(order.asset_id))
    const { quantity, total, fee } = partly.get(order.order_id) ?? NOTHING_FILLED
    partly.set(order.order_id, now)
    if (order.completed_at !== undefined) partly.delete(order.order_id)
    const units = now.quantity - quantity
    const paid = now.total - total
    const charged = now.fee - fee
    const buys = order.order_type.endsWith('_buy')
    sumsOf(order.asset_id).traded += buys ? -units : units
    sumsOf(CASH).traded += buys ? paid - charged : -(paid + charged)
    sumsOf(CASH).charged += charged
  }

  function sumsOf(asset: string): AssetSums {
    const known = sums.get(asset)
    if (known !== undefined) return known
    const sum = {
      scale: scales.get(asset) ?? 0,
      available: 0n,
      held: 0n,
      house: 0n,
      fees: 0n,
      outside: 0n,
      traded: 0n,
      charged: 0n,
      transferred: 0n,
    }
    sums.set(asset, sum)
    return sum
  }
}

const answeredOrder = ({ body }: JournalEvent): OrderAnswer =>
  (JSON.parse(body) as { data: OrderAnswer }).data

/** An order that has not been filled yet may be of an asset that no line has named. */
function filledOf(order: OrderAnswer, scale: number | undefined): Filled {
  if (scale === undefined && order.filled_quantity === '0') return NOTHING_FILLED
  const quantity = scale === undefined ? undefined : parseDecimal(order.filled_quantity, scale)
  const total = parseUsd(order.total_amount)
  const fee = parseUsd(order.fee)
  if (quantity === undefined || total === undefined || fee === undefined) {
    throw new CorruptRow('body', 'an order with plain decimals')
  }
  return { quantity, total, fee }
}

function verdictOn(sums: ReadonlyMap<string, AssetSums>): ReturnType<HouseBook['verdict']> {
  for (const [asset, sum] of sums) {
    const total = sum.available + sum.held + sum.house + sum.fees + sum.outside
    if (total !== 0n) return { rule: 'L5', detail: `${asset} sums to ${total} over all customers` }
    if (-sum.outside !== sum.transferred) {
      const detail = `${asset}: ${-sum.outside} came from outside, ${sum.transferred} was transferred`
      return { rule: 'L5', detail }
    }
    if (sum.house !== sum.traded || sum.fees !== sum.charged) {
      const detail = `${asset}: the house has ${sum.house} and fees of ${sum.fees}, orders say ${sum.traded} and ${sum.charged}`
      return { rule: 'L7', detail }
    }
  }
  return undefined
}
