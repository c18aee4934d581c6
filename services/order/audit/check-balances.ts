/** What must hold of the balances as they stand. */
import { type Balance, CASH } from '../ledger/balance-rows.ts'
import { type Order, sideOf } from '../orders/order-rows.ts'
import type { Findings } from './findings.ts'

export function checkBalance(balance: Balance, findings: Findings): void {
  const { asset, a, h, ci, co, xT, xF, xE, cost } = balance
  if (a + h + xT + xF + xE !== 0n) findings.broken('L2', asset)
  if (a + h !== ci - co || ci < 0n || co < 0n) findings.broken('L3', asset)
  if (a < 0n || h < 0n || cost < 0n) findings.broken('L4', asset)
}

export function checkHolds(
  balances: readonly Balance[],
  openOrders: Iterable<Order>,
  findings: Findings,
): void {
  const holds = new Map<string, bigint>()
  for (const order of openOrders) {
    const asset = sideOf(order.type) === 'buy' ? CASH : order.asset
    holds.set(asset, (holds.get(asset) ?? 0n) + order.hold)
  }
  for (const { asset, h } of balances) {
    const held = holds.get(asset) ?? 0n
    if (h !== held) findings.broken('H1', `${asset}: ${h} is held, open orders hold ${held}`)
    holds.delete(asset)
  }
  for (const [asset, held] of holds) {
    if (held !== 0n) findings.broken('H1', `${asset}: open orders hold ${held} of no balance`)
  }
}
