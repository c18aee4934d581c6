/**
 * A demo customer with a past: two months of deposits and trades at the prices the simulated market
 * had then, made with the same use cases that customers use, at their moments in time.
 */
import { register } from '@cnop/contract/auth.ts'
import { deposit, withdraw } from '@cnop/contract/balance.ts'
import { call, type Send } from '@cnop/contract/call.ts'
import type { Quote } from '@cnop/contract/inventory.ts'
import { formatPrice } from '@cnop/contract/money.ts'
import { type OrderBody, placeOrder as placeOrderRoute } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'
import type { Config } from '@cnop/kit/config.ts'
import { createIds } from '@cnop/kit/ids.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { sendAs } from '@cnop/kit/transport.ts'
import { openFeed, orderRulesOf } from './from-config.ts'
import { loadCatalogue } from './inventory/catalogue.ts'
import { depositCash, withdrawCash } from './order/cash/transfer-cash.ts'
import type { Asked } from './order/ledger/commit-command.ts'
import { createLedger } from './order/ledger/ledger.ts'
import { placeOrder } from './order/orders/place-order.ts'
import type { Platform } from './topology.ts'

export const DEMO_USERNAME = 'demo_trader'
export const DEMO_PASSWORD = 'paper-money-only'

const DAY_MS = 86_400_000
const HISTORY_DAYS = 60
/** A quote lives for three periods of its feed, and five seconds at least. */
const FRESH_PERIODS = 3
const FRESH_MS_MIN = 5_000

/** Resolves with what to tell the person at the terminal. */
export async function seedDemo(platform: Platform, config: Config): Promise<string> {
  const store = platform.stores.get('order')
  if (store === undefined || config.marketFeed !== 'simulator') {
    return 'The demo customer needs the simulated market and all services in one process.'
  }
  const send = sendAs({ kind: 'anonymous' }, platform.transports, {
    secret: platform.callerSecret,
    now: Date.now,
  })
  const userId = await registered(send)
  if (userId !== undefined) await trade(store, config, userId)
  return `Sign in as ${DEMO_USERNAME} with the password ${DEMO_PASSWORD}`
}

/** The id of the new customer; `undefined` when there is one from an earlier start. */
async function registered(send: Send): Promise<string | undefined> {
  const person = { email: 'demo@example.org', first_name: 'Demo', last_name: 'Trader' }
  try {
    const answer = await call(send, register, {
      body: { username: DEMO_USERNAME, password: DEMO_PASSWORD, ...person },
    })
    return answer.user_id
  } catch (error) {
    if (error instanceof Problem && error.code === 'username-taken') return undefined
    throw error
  }
}

type Step =
  | {
      readonly day: number
      readonly route: typeof deposit | typeof withdraw
      readonly amount: string
    }
  | { readonly day: number; readonly route: typeof placeOrderRoute; readonly order: OrderBody }

const buy = (day: number, asset_id: string, notional: string): Step => ({
  day,
  route: placeOrderRoute,
  order: { order_type: 'market_buy', asset_id, notional },
})

const sell = (day: number, asset_id: string, notional: string): Step => ({
  day,
  route: placeOrderRoute,
  order: { order_type: 'market_sell', asset_id, notional },
})

/** Days count from the beginning of the past. */
const STEPS: readonly Step[] = [
  { day: 0, route: deposit, amount: '8000.00' },
  buy(0, 'BTC', '2500.00'),
  buy(1, 'ETH', '1500.00'),
  buy(4, 'SOL', '600.00'),
  { day: 9, route: deposit, amount: '1000.00' },
  buy(9, 'LINK', '400.00'),
  buy(12, 'ADA', '350.00'),
  sell(16, 'SOL', '200.00'),
  buy(19, 'DOGE', '150.00'),
  { day: 23, route: deposit, amount: '1500.00' },
  buy(24, 'BTC', '1000.00'),
  sell(28, 'ETH', '500.00'),
  buy(31, 'AVAX', '300.00'),
  { day: 35, route: withdraw, amount: '750.00' },
  buy(38, 'DOT', '250.00'),
  sell(42, 'LINK', '150.00'),
  { day: 46, route: deposit, amount: '1000.00' },
  buy(47, 'ETH', '800.00'),
  buy(51, 'XRP', '300.00'),
  sell(55, 'BTC', '600.00'),
  buy(58, 'SOL', '450.00'),
]

async function trade(store: Store, config: Config, userId: string): Promise<void> {
  const catalogue = loadCatalogue()
  const feed = await openFeed(config, catalogue)
  const firstMs = Date.now() - HISTORY_DAYS * DAY_MS
  const chance = createChance(HISTORY_DAYS)
  let nowMs = firstMs
  const now = (): number => nowMs
  const ledger = createLedger({ store, clock: { ...systemCommitClock, now } })
  const quoteOf = (assetId: string): Promise<Quote> =>
    pastQuote(assetId, { feed, catalogue, nowMs })
  const parts = { ledger, quoteOf, rules: orderRulesOf(config), newId: createIds(now) }
  const asked = (route: Route, body: unknown, step: number): Asked => ({
    userId,
    actor: { kind: 'customer' },
    requestId: `demo-history-${step}`,
    key: `demo-history-step-${step}`,
    deadline: nowMs + DAY_MS,
    route,
    params: {},
    body,
  })
  for (const [index, step] of STEPS.entries()) {
    nowMs = Math.max(nowMs + 60_000, firstMs + Math.floor((step.day + chance() * 0.6) * DAY_MS))
    if ('order' in step)
      await placeOrder({ ...asked(step.route, step.order, index), body: step.order }, parts)
    else {
      const body = { amount: step.amount }
      const transfer = step.route === deposit ? depositCash : withdrawCash
      await transfer({ ...asked(step.route, body, index), body }, parts)
    }
  }
}

/** What the market would have quoted at that second: the simulator knows any. */
async function pastQuote(
  assetId: string,
  past: {
    feed: Awaited<ReturnType<typeof openFeed>>
    catalogue: ReturnType<typeof loadCatalogue>
    nowMs: number
  },
): Promise<Quote> {
  const { feed, catalogue, nowMs } = past
  const asset = catalogue.byId.get(assetId)
  const quote = (await feed.poll(nowMs, AbortSignal.timeout(1_000))).get(assetId)
  if (asset === undefined || quote === undefined) throw new Problem('asset-not-found')
  const price = formatPrice(quote.price)
  return {
    asset_id: assetId,
    asset_name: asset.name,
    quantity_scale: asset.quantityScale,
    halted: false,
    price,
    day_open: price,
    as_of: new Date(quote.asOfMs).toISOString(),
    stale_after: new Date(
      quote.asOfMs + FRESH_PERIODS * feed.periodMs + FRESH_MS_MIN,
    ).toISOString(),
    tick: `${feed.kind}:${Math.floor(quote.asOfMs / 1000)}`,
    source: feed.kind,
  }
}
