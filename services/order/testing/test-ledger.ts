/**
 * A ledger for tests: the real commands over a store in memory, a market whose prices the test sets,
 * a clock that the test moves, and identifiers that count.
 */
import {
  adjustBalance as adjustBalanceRoute,
  deposit as depositRoute,
  setAccountStatus as setAccountStatusRoute,
  withdraw as withdrawRoute,
} from '@cnop/contract/balance.ts'
import {
  cancelOrder as cancelOrderRoute,
  type OrderBody,
  placeOrder as placeOrderRoute,
} from '@cnop/contract/order.ts'
import { claimReward as claimRewardRoute } from '@cnop/contract/reward.ts'
import type { Route } from '@cnop/contract/route.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { type AccountAudit, auditAccount } from '../audit/audit-account.ts'
import { depositCash, withdrawCash } from '../cash/transfer-cash.ts'
import type { Asked } from '../ledger/commit-command.ts'
import { createLedger } from '../ledger/ledger.ts'
import { adjustBalance } from '../operator/adjust-balance.ts'
import { setAccountStatus } from '../operator/set-account-status.ts'
import { ORDER_RULES_DEFAULT, type OrderRules } from '../order-rules.ts'
import { cancelOrder } from '../orders/cancel-order.ts'
import { placeOrder } from '../orders/place-order.ts'
import { claimReward } from '../rewards/claim-reward.ts'
import { readRedPocket } from '../rewards/red-pocket.ts'
import { ALICE } from './stored-rows.ts'
import { createTestMarket } from './test-market.ts'
import { fillPart, type HeldFill, type HeldOrder, holdOrder } from './waiting-order.ts'

/** The same numbers for the same seed, from 0 up to 1. */
export function createChance(seed: string): () => number {
  let state = [...seed].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 1)
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state / 0x8000_0000
  }
}

/** 2026-03-01 12:00 UTC. */
export const NOON = Date.UTC(2026, 2, 1, 12)

/** A phrase that pays 88.88 USD here. */
export const RED_POCKET = 'kung hei'
export const GUESSES_PER_HOUR = 5

const rewardParts = () => ({
  redPocket: readRedPocket({ phrases: [{ phrase: RED_POCKET, amount_usd: '88.88' }] }),
  cache: createMemoryCache(),
  guessesPerHour: GUESSES_PER_HOUR,
})

export type TestLedger = ReturnType<typeof createTestLedger>

export function createTestLedger(
  options: {
    store?: Store
    rules?: Partial<OrderRules>
    clock?: Partial<CommitClock>
    /** Another process: its identifiers must differ. */
    idPrefix?: string
  } = {},
) {
  let nowMs = NOON
  let ids = 0
  const clock: CommitClock = {
    now: () => nowMs,
    random: createChance(options.idPrefix ?? ''),
    pause: async () => {},
    ...options.clock,
  }
  const store = options.store ?? createMemoryStore({ now: clock.now })
  const rules = { ...ORDER_RULES_DEFAULT, ...options.rules }
  const market = createTestMarket(clock.now)
  market.list('BTC', '50000')
  market.list('ETH', '2500.5', 6)
  const commits: string[] = []
  const ledger = createLedger({ store, clock, onCommit: (userId) => commits.push(userId) })
  const newId = (): string => {
    ids += 1
    return `${options.idPrefix ?? '01J'}${String(ids).padStart(23, '0')}`
  }
  const { quoteOf } = market
  const rewards = rewardParts()

  const asked = (route: Route, by: AskedBy): Asked => askedFor(route, by, { clock, newId })

  const operators = {
    adjust: (body: Adjustment, by: AskedBy = {}) =>
      adjustBalance(
        { ...asked(adjustBalanceRoute, { ...by, operator: true }), body },
        { ledger, quoteOf, newId },
      ),
    setStatus: (status: 'active' | 'frozen', by: AskedBy = {}) =>
      setAccountStatus(
        {
          ...asked(setAccountStatusRoute, { ...by, operator: true }),
          body: { status, reason: 'a test says so' },
        },
        { ledger },
      ),
  }
  return {
    ...operators,
    store,
    rules,
    market,
    ledger,
    clock,
    commits,
    newId,
    advance(ms: number): void {
      nowMs += ms
    },
    deposit: (amount: string, by: AskedBy = {}) =>
      depositCash({ ...asked(depositRoute, by), body: { amount } }, { ledger, rules, newId }),
    withdraw: (amount: string, by: AskedBy = {}) =>
      withdrawCash({ ...asked(withdrawRoute, by), body: { amount } }, { ledger, rules, newId }),
    claim: (phrase: string, by: AskedBy = {}) =>
      claimReward(
        { ...asked(claimRewardRoute, by), body: { phrase } },
        { ...rewards, ledger, newId, now: clock.now },
      ),
    place: (body: OrderBody, by: AskedBy = {}) =>
      placeOrder({ ...asked(placeOrderRoute, by), body }, { ledger, quoteOf, rules, newId }),
    cancel: (orderId: string, by: AskedBy = {}) =>
      cancelOrder(
        { ...asked(cancelOrderRoute, by), params: { order_id: orderId } },
        { ledger, store },
      ),
    holdOrder: (order: HeldOrder, by: AskedBy = {}) =>
      holdOrder(ledger, { ...asked(placeOrderRoute, by), body: order }, { ...order, id: newId() }),
    fillPart: (fill: HeldFill, by: AskedBy = {}) =>
      fillPart(ledger, { ...asked(placeOrderRoute, by), body: { fill: fill.orderId } }, fill),
    audit: (userId = ALICE): Promise<AccountAudit> =>
      auditAccount({ store, userId, nowMs: clock.now() }),
  }
}

function askedFor(
  route: Route,
  by: AskedBy,
  { clock, newId }: { clock: CommitClock; newId: () => string },
): Asked {
  const userId = by.userId ?? ALICE
  return {
    userId,
    actor: by.operator ? { kind: 'operator', id: 'ops' } : { kind: 'customer' },
    requestId: by.requestId ?? `request-${newId()}`,
    key: by.key ?? `auto-${newId()}`,
    deadline: by.deadline ?? clock.now() + 10_000,
    route,
    params: {},
    body: undefined,
  }
}

type Adjustment = {
  readonly asset_id: string
  readonly amount: string
  readonly reason: string
  readonly corrects_event?: number
}

export type AskedBy = {
  readonly userId?: string
  readonly requestId?: string
  readonly key?: string
  readonly operator?: boolean
  readonly deadline?: number
}
