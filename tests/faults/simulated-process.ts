/** One process of the order service over the store that all share: it crashes, and its clock jumps. */
import {
  adjustBalance as adjustRoute,
  deposit as depositRoute,
  setAccountStatus as statusRoute,
  withdraw as withdrawRoute,
} from '@cnop/contract/balance.ts'
import {
  cancelOrder as cancelRoute,
  type OrderBody,
  placeOrder as placeRoute,
} from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { claimReward as claimRoute } from '@cnop/contract/reward.ts'
import type { BodyOf, Route } from '@cnop/contract/route.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import {
  createFaultyStore,
  type FaultKind,
  type FaultRates,
  type FaultyStore,
} from '@cnop/kit/store/faulty-store.ts'
import { type Op, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { depositCash, withdrawCash } from '@cnop/services/order/cash/transfer-cash.ts'
import type { Answer, Asked } from '@cnop/services/order/ledger/commit-command.ts'
import { loadEvent } from '@cnop/services/order/ledger/journal-rows.ts'
import { createLedger, type Ledger } from '@cnop/services/order/ledger/ledger.ts'
import { adjustBalance } from '@cnop/services/order/operator/adjust-balance.ts'
import { setAccountStatus } from '@cnop/services/order/operator/set-account-status.ts'
import type { OrderRules } from '@cnop/services/order/order-rules.ts'
import { cancelOrder } from '@cnop/services/order/orders/cancel-order.ts'
import { placeOrder } from '@cnop/services/order/orders/place-order.ts'
import { previewOrder } from '@cnop/services/order/orders/preview-order.ts'
import { claimReward, type RewardParts } from '@cnop/services/order/rewards/claim-reward.ts'
import { readRedPocket } from '@cnop/services/order/rewards/red-pocket.ts'
import {
  fillPart,
  type HeldFill,
  type HeldOrder,
  holdOrder,
} from '@cnop/services/order/testing/waiting-order.ts'
import { type FeedView, quoteIn, type Tick } from './simulated-market.ts'
import type { VirtualTime } from './virtual-time.ts'

const SERVICE_MS_MAX = 400
const DAWDLES_MS_MAX = 12

export const RIGHT_PHRASE = 'the right one'
/** Guesses are not what these customers are about. */
const REWARDS: RewardParts = {
  redPocket: readRedPocket({ phrases: [{ phrase: RIGHT_PHRASE, amount_usd: '88.88' }] }),
  cache: createMemoryCache(),
  guessesPerHour: 1_000_000,
}

export type Wish =
  | { readonly kind: 'deposit' | 'withdraw'; readonly body: { readonly amount: string } }
  | { readonly kind: 'claim'; readonly body: { readonly phrase: string } }
  | { readonly kind: 'market'; readonly body: OrderBody }
  | { readonly kind: 'limit'; readonly body: HeldOrder }
  | { readonly kind: 'fill'; readonly body: HeldFill }
  | { readonly kind: 'cancel'; readonly body: { readonly orderId: string } }
  | { readonly kind: 'adjust'; readonly body: BodyOf<typeof adjustRoute> }
  | { readonly kind: 'status'; readonly body: BodyOf<typeof statusRoute> }

export type Intent = { readonly userId: string; readonly key: string; readonly wish: Wish }

/** A fault and what it met: the event that was to be written, a refusal, or a kind of read. */
export type Meeting = `${FaultKind} ${string}`

export type SimulatedProcess = {
  readonly number: number
  readonly view: FeedView
  alive: boolean
  /** How far its clock is from the others, in milliseconds. */
  skewMs: number
  ask(intent: Intent): Promise<Answer>
  preview(userId: string, body: OrderBody): Promise<unknown>
}

type Parts = {
  readonly number: number
  readonly time: VirtualTime
  readonly chance: () => number
  readonly truth: Store
  readonly rules: OrderRules
  readonly rates: FaultRates
  readonly tick: Tick
  readonly onCrash: () => void
  readonly onFault: (meeting: Meeting) => void
}

type Own = {
  readonly ledger: Ledger
  readonly store: Store
  readonly rules: OrderRules
  readonly newId: () => string
  readonly now: () => number
  readonly quoteOf: (asset: string) => Promise<ReturnType<typeof quoteIn>>
}

export function startProcess(parts: Parts): SimulatedProcess {
  const { number, time, chance, truth, rates, rules, tick, onCrash, onFault } = parts
  const faulty = createFaultyStore({
    store: truth,
    chance,
    rates,
    onCrash() {
      process_.alive = false
      onCrash()
    },
  })
  const store = createDawdlingStore({
    store: watched(faulty, onFault),
    chance,
    pause: time.pause,
    pauseMsMax: DAWDLES_MS_MAX,
  })
  const now = (): number => time.now() + process_.skewMs
  const ledger = createLedger({ store, clock: { now, random: chance, pause: time.pause } })
  let ids = 0
  const own: Own = {
    ledger,
    store,
    rules,
    now,
    newId() {
      ids += 1
      return `01J${String(number).padStart(5, '0')}${String(ids).padStart(18, '0')}`
    },
    quoteOf: async (asset) => quoteIn(process_.view, asset),
  }
  const process_: SimulatedProcess = {
    number,
    view: { tick },
    alive: true,
    skewMs: 0,
    ask: (intent) => command(own, intent).catch(asTheDoorSays),
    preview: (userId, body) => previewOrder({ userId, body }, own).catch(asTheDoorSays),
  }
  return process_
}

/** A store that is busy or away is told as that; everything else that is no problem is a bug. */
function asTheDoorSays(thrown: unknown): never {
  const away = ['unavailable', 'throttled', 'conflict']
  if (thrown instanceof StoreFault && away.includes(thrown.code))
    throw new Problem('store-unavailable', { cause: thrown })
  throw thrown
}

function command(own: Own, { userId, key, wish }: Intent): Promise<Answer> {
  const operator = { kind: 'operator', id: 'simulated' } as const
  const by = (route: Route, params: Record<string, unknown> = {}): Asked => ({
    userId,
    actor: route === adjustRoute || route === statusRoute ? operator : { kind: 'customer' },
    requestId: 'simulated',
    key,
    deadline: own.now() + SERVICE_MS_MAX,
    route,
    params,
    body: undefined,
  })
  const theirs = { user_id: userId }
  const { ledger, newId, store } = own
  switch (wish.kind) {
    case 'deposit':
      return depositCash({ ...by(depositRoute), body: wish.body }, own)
    case 'withdraw':
      return withdrawCash({ ...by(withdrawRoute), body: wish.body }, own)
    case 'claim':
      return claimReward({ ...by(claimRoute), body: wish.body }, { ...own, ...REWARDS })
    case 'market':
      return placeOrder({ ...by(placeRoute), body: wish.body }, own)
    case 'limit':
      return holdOrder(
        ledger,
        { ...by(placeRoute), body: wish.body },
        { ...wish.body, id: newId() },
      )
    case 'fill':
      return fillPart(ledger, { ...by(placeRoute), body: { fill: wish.body.orderId } }, wish.body)
    case 'cancel': {
      const params = { order_id: wish.body.orderId }
      return cancelOrder({ ...by(cancelRoute), params }, { ledger, store })
    }
    case 'adjust':
      return adjustBalance({ ...by(adjustRoute, theirs), body: wish.body }, own)
    case 'status':
      return setAccountStatus({ ...by(statusRoute, theirs), body: wish.body }, own)
  }
}

/** The store beneath, whose faults are told with what they met. */
function watched(faulty: FaultyStore, onFault: (meeting: Meeting) => void): Store {
  const told = <Result>(what: string, call: () => Promise<Result>): Promise<Result> => {
    const before = { ...faulty.counts }
    const result = call()
    for (const kind of Object.keys(before) as FaultKind[]) {
      if (faulty.counts[kind] > before[kind]) onFault(`${kind} ${what}`)
    }
    return result
  }
  return {
    ...faulty,
    snapshot: (keys) => told('snapshot', () => faulty.snapshot(keys)),
    query: (pk, range) => told('query', () => faulty.query(pk, range)),
    transact: (ops, options) => told(written(ops), () => faulty.transact(ops, options)),
  }
}

/** The first event of a transaction by its type, or that there is none. */
function written(ops: readonly Op[]): string {
  const event = ops.find(({ key }) => key.sk.startsWith('E#'))
  return event?.kind === 'put' ? loadEvent(event.row).type : 'refusal'
}
