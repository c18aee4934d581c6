/** Wishes of the model as commands of the order service, and its answers in the words of the model. */
import {
  adjustBalance as adjustRoute,
  deposit as depositRoute,
  setAccountStatus as statusRoute,
  withdraw as withdrawRoute,
} from '@cnop/contract/balance.ts'
import type { Quote } from '@cnop/contract/inventory.ts'
import {
  cancelOrder as cancelRoute,
  type OrderBody,
  placeOrder as placeRoute,
} from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { claimReward as claimRoute } from '@cnop/contract/reward.ts'
import type { Route } from '@cnop/contract/route.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { depositCash, withdrawCash } from '@cnop/services/order/cash/transfer-cash.ts'
import type { Answer, Asked } from '@cnop/services/order/ledger/commit-command.ts'
import { createLedger, type Ledger } from '@cnop/services/order/ledger/ledger.ts'
import { adjustBalance } from '@cnop/services/order/operator/adjust-balance.ts'
import { setAccountStatus } from '@cnop/services/order/operator/set-account-status.ts'
import { ORDER_RULES_DEFAULT, type OrderRules } from '@cnop/services/order/order-rules.ts'
import { cancelOrder } from '@cnop/services/order/orders/cancel-order.ts'
import { placeOrder } from '@cnop/services/order/orders/place-order.ts'
import { previewOrder } from '@cnop/services/order/orders/preview-order.ts'
import { claimReward, type RewardParts } from '@cnop/services/order/rewards/claim-reward.ts'
import { readRedPocket } from '@cnop/services/order/rewards/red-pocket.ts'
import {
  type Ended,
  type Quoted,
  type Request,
  RIGHT_PHRASE_PAYS,
  SCALES,
  type Wish,
} from './account-model.ts'

const DEADLINE_MS = 10_000

const RIGHT_PHRASE = 'the right one'
/** Guesses are not what these histories are about. */
const REWARDS: RewardParts = {
  redPocket: readRedPocket({
    phrases: [{ phrase: RIGHT_PHRASE, amount_usd: decimal(RIGHT_PHRASE_PAYS, 2) }],
  }),
  cache: createMemoryCache(),
  guessesPerHour: 1_000_000,
}

/** Where the commands of a run go. */
export type Site = {
  /** One for each process: they share the rows and nothing else. */
  readonly stores: readonly Store[]
  /** The rows as they are, for the auditor. */
  readonly truth: Store
  readonly random: () => number
  readonly pause: (ms: number) => Promise<void>
}

/** `body` is absent for what is no answer of the key. */
export type Told = { readonly ended: Ended; readonly body?: string; readonly orderId?: string }

export type TradeWish = Extract<Wish, { kind: 'buy' | 'sell' }>

export type Desk = {
  /** Sends it to one of the processes. */
  send(request: Request, process: number): Promise<Told>
  /** What a preview says that the order would do. */
  preview(wish: TradeWish): Promise<string>
}

type Office = {
  readonly userId: string
  readonly rules: OrderRules
  readonly nowMs: () => number
  readonly quoteOf: (asset: string) => Promise<Quote>
  readonly newId: () => string
  readonly ledgers: readonly Ledger[]
  readonly stores: readonly Store[]
}

export function createDesk(
  site: Site,
  account: {
    readonly userId: string
    readonly feeBasisPoints: bigint
    /** Stands still while commands run, however long their store dawdles. */
    readonly nowMs: () => number
    readonly quoted: (asset: string) => Quoted
  },
): Desk {
  const { userId, feeBasisPoints, nowMs, quoted } = account
  const clock = { now: nowMs, random: site.random, pause: site.pause }
  let ids = 0
  const office: Office = {
    userId,
    rules: { ...ORDER_RULES_DEFAULT, feeBasisPoints },
    nowMs,
    quoteOf: async (asset) => quoteOf(asset, quoted(asset), nowMs()),
    newId() {
      ids += 1
      return `${userId.slice(0, 20)}${String(ids).padStart(6, '0')}`
    },
    ledgers: site.stores.map((store) => createLedger({ store, clock })),
    stores: site.stores,
  }
  return {
    send: (request, process) => told(request.wish, command(office, request, process)),
    preview: (wish) => previewed(office, wish),
  }
}

async function told(wish: Wish, answering: Promise<Answer>): Promise<Told> {
  try {
    const { status, body, replayed } = await answering
    const answer = JSON.parse(body)
    if (status >= 400) return { ended: { outcome: answer.code, replayed }, body }
    if (wish.kind === 'freeze' || wish.kind === 'release')
      return { ended: { outcome: `is ${answer.data.status} 1`, replayed }, body }
    if (wish.kind === 'claim')
      return { ended: { outcome: `transferred ${unitsOf(answer.amount, 2)}`, replayed }, body }
    if (wish.kind !== 'buy' && wish.kind !== 'sell')
      return { ended: { outcome: `transferred ${answer.success ? 1 : 0}`, replayed }, body }
    const { order_id: orderId, filled_quantity, total_amount, fee } = answer.data
    const outcome = tradeText(wish, { quantity: filled_quantity, total_amount, fee })
    return { ended: { outcome, replayed }, body, orderId }
  } catch (thrown) {
    return { ended: { outcome: codeOf(thrown), replayed: false } }
  }
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof Problem) return thrown.code
  throw thrown
}

async function previewed(office: Office, wish: TradeWish): Promise<string> {
  const { userId, rules, quoteOf: quoteFor, nowMs, stores } = office
  const [store] = stores
  if (store === undefined) throw new Error('No process runs')
  const parts = { store, rules, quoteOf: quoteFor, now: nowMs }
  try {
    return tradeText(wish, await previewOrder({ userId, body: orderBody(wish) }, parts))
  } catch (thrown) {
    return codeOf(thrown)
  }
}

function tradeText(
  { asset }: TradeWish,
  figures: { quantity: string; total_amount: string; fee: string },
): string {
  const units = unitsOf(figures.quantity, SCALES[asset] ?? 0)
  return `traded ${units} for ${unitsOf(figures.total_amount, 2)} with ${unitsOf(figures.fee, 2)}`
}

function command(office: Office, { key, wish }: Request, process: number): Promise<Answer> {
  const { userId, rules, newId, nowMs, quoteOf: quoteFor } = office
  const index = process % office.ledgers.length
  const ledger = office.ledgers[index] as Ledger
  const store = office.stores[index] as Store
  const by = (route: Route, operator = false): Omit<Asked, 'body' | 'params'> => ({
    userId,
    actor: operator ? { kind: 'operator', id: 'model' } : { kind: 'customer' },
    requestId: `request-of-${key}`,
    key,
    deadline: nowMs() + DEADLINE_MS,
    route,
  })
  const theirs = { user_id: userId }
  const reason = 'the model says so'
  switch (wish.kind) {
    case 'deposit':
    case 'withdraw': {
      const body = { amount: decimal(wish.amount, 2) }
      const parts = { ledger, rules, newId }
      return wish.kind === 'deposit'
        ? depositCash({ ...by(depositRoute), params: {}, body }, parts)
        : withdrawCash({ ...by(withdrawRoute), params: {}, body }, parts)
    }
    case 'buy':
    case 'sell': {
      const asked = { ...by(placeRoute), params: {}, body: orderBody(wish) }
      return placeOrder(asked, { ledger, quoteOf: quoteFor, rules, newId })
    }
    case 'adjust': {
      const scale = wish.asset === 'USD' ? 2 : (SCALES[wish.asset] ?? 0)
      const body = { asset_id: wish.asset, amount: decimal(wish.amount, scale), reason }
      const asked = { ...by(adjustRoute, true), params: theirs, body }
      return adjustBalance(asked, { ledger, quoteOf: quoteFor, newId })
    }
    case 'claim': {
      const body = { phrase: wish.right ? RIGHT_PHRASE : 'any phrase' }
      const asked = { ...by(claimRoute), params: {}, body }
      return claimReward(asked, { ...REWARDS, ledger, newId, now: nowMs })
    }
    case 'freeze':
    case 'release': {
      const status = wish.kind === 'freeze' ? 'frozen' : 'active'
      const body = { status, reason } as const
      return setAccountStatus({ ...by(statusRoute, true), params: theirs, body }, { ledger })
    }
    case 'cancel': {
      const params = { order_id: wish.orderId }
      return cancelOrder({ ...by(cancelRoute), params, body: undefined }, { ledger, store })
    }
  }
}

function orderBody({ kind, asset, size, worst }: TradeWish): OrderBody {
  return {
    order_type: kind === 'buy' ? 'market_buy' : 'market_sell',
    asset_id: asset,
    ...('notional' in size
      ? { notional: decimal(size.notional, 2) }
      : { quantity: decimal(size.quantity, SCALES[asset] ?? 0) }),
    ...(worst === undefined ? {} : { worst_price: decimal(worst, 12) }),
  }
}

/** Fresh to the last moment, or stale from this moment on. */
function quoteOf(asset: string, { price, halted, stale }: Quoted, nowMs: number): Quote {
  return {
    asset_id: asset,
    asset_name: asset,
    quantity_scale: SCALES[asset] ?? 0,
    halted,
    price: decimal(price, 12),
    day_open: decimal(price, 12),
    as_of: new Date(nowMs - 5_000).toISOString(),
    stale_after: new Date(stale ? nowMs : nowMs + 1).toISOString(),
    tick: `model:${nowMs}`,
    source: 'model',
  }
}

function decimal(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`
  return `${units < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${fraction}`
}

function unitsOf(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
