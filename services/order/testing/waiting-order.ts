/** Orders that wait for their price, placed and filled in parts as a later rule would: for tests. */
import { divideUp, notionalUp, parseDecimal, parsePrice, USD_SCALE } from '@cnop/contract/money.ts'
import type { OrderType } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Posting } from '../ledger/journal-rows.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { orderAnswer } from '../orders/order-answer.ts'
import type { Order, OrderState } from '../orders/order-rows.ts'

export const NO_POSTING = { a: 0n, h: 0n, xT: 0n, xF: 0n, xE: 0n, cost: 0n, realized: 0n } as const

/** An order that waits for its price, and holds what it may need. */
export type HeldOrder = {
  readonly type: Extract<OrderType, 'limit_buy' | 'limit_sell'>
  readonly asset: string
  readonly quantity: string
  readonly price: string
}

export type HeldFill = {
  readonly orderId: string
  readonly asset: string
  /** One of so many equal parts of what is left, at the order's own price. */
  readonly parts: bigint
}

const SCALE = 8

export function holdOrder(
  ledger: Ledger,
  asked: Asked,
  order: HeldOrder & { id: string },
): Promise<Answer> {
  const quantity = unitsOf(order.quantity)
  const price = parsePrice(order.price) ?? 0n
  const buys = order.type === 'limit_buy'
  const hold = buys ? notionalUp(quantity, price, SCALE) : quantity
  const account = buys ? { asset: 'USD', scale: USD_SCALE } : { asset: order.asset, scale: SCALE }
  return ledger.commit({
    asked,
    assets: [order.asset],
    decide: ({ balance }, { at }) => {
      if ((balance(account.asset)?.a ?? 0n) < hold) throw new Problem('insufficient-funds')
      const state: OrderState = {
        id: order.id,
        type: order.type,
        orderClass: 'simple',
        asset: order.asset,
        scale: SCALE,
        timeInForce: 'gtc',
        price,
        quantity,
        filled: 0n,
        status: 'queued',
        total: 0n,
        fee: 0n,
        hold,
        createdAt: at,
        updatedAt: at,
      }
      return {
        change: {
          type: 'order-placed',
          postings: [{ ...NO_POSTING, ...account, a: -hold, h: hold }],
          order: state,
          quantityScale: SCALE,
        },
        status: 201,
        answer: { data: orderAnswer(state) },
      }
    },
  })
}

/** Fills a part of a held purchase from its hold, and gives back what the last fill leaves. */
export function fillPart(ledger: Ledger, asked: Asked, fill: HeldFill): Promise<Answer> {
  return ledger.commit({
    asked,
    assets: [fill.asset],
    orders: [fill.orderId],
    decide: (view, { at, nowMs }) => {
      const before = view.order(fill.orderId)
      if (before?.type !== 'limit_buy' || before.hold === 0n) throw new Problem('order-not-open')
      const filled = before.filled + divideUp(before.quantity - before.filled, fill.parts)
      const done = filled === before.quantity
      const total = notionalUp(filled, before.price ?? 0n, SCALE)
      const state: OrderState = {
        ...before,
        filled,
        status: done ? 'completed' : 'processing',
        total,
        hold: done ? 0n : before.hold - (total - before.total),
        fill: { price: before.price ?? 0n, tick: `test:${nowMs}`, ageMs: 0, source: 'test' },
        updatedAt: at,
        ...(done ? { completedAt: at } : {}),
      }
      return {
        change: {
          type: 'order-filled',
          postings: fillPostings(before, state),
          order: state,
          quoteLifeMs: 5_000,
        },
        status: 200,
        answer: { data: orderAnswer(state) },
      }
    },
  })
}

function fillPostings(before: Order, after: OrderState): Posting[] {
  const quantity = after.filled - before.filled
  const paid = after.total - before.total
  const freed = before.hold - after.hold
  return [
    { ...NO_POSTING, asset: 'USD', scale: USD_SCALE, a: freed - paid, h: -freed, xT: paid },
    { ...NO_POSTING, asset: after.asset, scale: SCALE, a: quantity, xT: -quantity, cost: paid },
  ]
}

const unitsOf = (text: string): bigint => parseDecimal(text, SCALE) ?? 0n
