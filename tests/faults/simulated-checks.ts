/** What a simulation is held to when it is over: its books, and every answer that was given. */
import { parseDecimal, parsePrice, parseUsd } from '@cnop/contract/money.ts'
import { auditStore } from '@cnop/services/order/audit/audit-store.ts'
import { partitionOf } from '@cnop/services/order/ledger/account-rows.ts'
import { balanceKey, CASH, loadBalance } from '@cnop/services/order/ledger/balance-rows.ts'
import { EVENT_RANGE } from '@cnop/services/order/ledger/journal-rows.ts'
import { ASSET_SCALES, ASSETS, FRESH_MS } from './simulated-market.ts'
import type { Intent } from './simulated-process.ts'
import { count, type Ended, type Reply, type World } from './simulated-world.ts'

/** An event as its text says it: read here without the ledger's own code. */
type Told = {
  readonly type: string
  readonly seq: number
  readonly at: string
  readonly actor?: string
  readonly key: string
  readonly status: number
  readonly body: {
    readonly data?: ToldOrder & { readonly status: string }
    /** Of a reward. */
    readonly got_red_pocket?: boolean
  }
}

type ToldOrder = {
  readonly order_id: string
  readonly order_type: string
  readonly asset_id: string
  readonly price?: string
  readonly filled_quantity: string
  readonly total_amount: string
  readonly held_amount: string
  readonly fill?: { readonly price: string; readonly quote: string; readonly quote_age_ms: number }
}

export async function whatDoesNotHold(
  world: World,
  askOnce: (intent: Intent) => Promise<Reply>,
): Promise<string[]> {
  const found: string[] = []
  const { broken } = await auditStore({ store: world.truth, nowMs: world.time.now() })
  if (broken !== undefined) found.push(`${broken.where} ${broken.rule} ${broken.detail}`)
  for (const userId of world.users) {
    const events = await eventsOf(world, userId)
    found.push(...journalMisfits(world, events))
    found.push(...effectMisfits(world, { userId, events }))
    found.push(...(await balanceMisfits(world, userId)))
  }
  countEnds(world)
  for (const ended of world.ended) found.push(...differingFrom(ended, await askOnce(ended.intent)))
  return found
}

/** An answer that a key has had is given again, to the byte. */
function differingFrom({ intent, answer }: Ended, again: Reply): string[] {
  if (!('status' in answer)) return []
  const same =
    'status' in again &&
    again.replayed &&
    again.status === answer.status &&
    again.body === answer.body
  return same
    ? []
    : [`${intent.key} was answered ${answer.body} and is now ${JSON.stringify(again)}`]
}

async function eventsOf({ truth }: World, userId: string): Promise<readonly Told[]> {
  const { rows } = await truth.query(partitionOf(userId), { ...EVENT_RANGE, limit: 1_000 })
  return rows.map(({ row }) => JSON.parse(String(row['bytes'])) as Told)
}

function journalMisfits(world: World, events: readonly Told[]): string[] {
  return [
    ...events.flatMap(({ seq }, index) =>
      seq === index + 1 ? [] : [`event ${seq} stands at ${index + 1}`],
    ),
    ...frozenMisfits(world, events),
    ...limitMisfits(world, events),
    ...rewardMisfits(events),
    ...orderMisfits(world, events),
  ]
}

function frozenMisfits(world: World, events: readonly Told[]): string[] {
  let account = 'active'
  return events.flatMap((event) => {
    if (event.type === 'account-status-set') {
      const { status = '' } = event.body.data ?? {}
      count(world, `account ${account} to ${status}`)
      account = status
    }
    return account === 'frozen' && movesByTheCustomer(event)
      ? [`${event.key} moved something of a frozen account`]
      : []
  })
}

function limitMisfits(world: World, events: readonly Told[]): string[] {
  const moved = new Map<string, bigint>()
  for (const { type, at, key } of events) {
    if (!type.startsWith('cash-')) continue
    const what = `${type} on ${at.slice(0, 10)}`
    moved.set(what, (moved.get(what) ?? 0n) + amountOf(world, key))
  }
  const { depositPerDayMax, withdrawPerDayMax } = world.rules
  return [...moved].flatMap(([what, cents]) => {
    const most = what.startsWith('cash-deposited') ? depositPerDayMax : withdrawPerDayMax
    return cents > most ? [`${what}: ${cents} cents, at most ${most}`] : []
  })
}

/** One small reward a day at most, one red pocket, and nothing after it. */
function rewardMisfits(events: readonly Told[]): string[] {
  const best = new Map<string, 'small' | 'red pocket'>()
  return events.flatMap(({ type, at, key, body }) => {
    if (type !== 'reward-paid') return []
    const [day, kind] = [at.slice(0, 10), body.got_red_pocket ? 'red pocket' : 'small'] as const
    const had = best.get(day)
    best.set(day, kind)
    return had === 'red pocket' || had === kind
      ? [`${key} was paid after the ${had} of ${day}`]
      : []
  })
}

function orderMisfits(world: World, events: readonly Told[]): string[] {
  const states = new Map<string, string>()
  return events.flatMap(({ type, body: { data } }) => {
    if (data?.order_id === undefined) return []
    count(world, `order ${states.get(data.order_id) ?? 'new'} to ${data.status}`)
    states.set(data.order_id, data.status)
    return type === 'order-filled' ? fillMisfits(world, data) : []
  })
}

/** What waits may end while an account is frozen. */
const movesByTheCustomer = ({ type, actor, body }: Told): boolean =>
  actor === undefined &&
  (type.startsWith('cash-') ||
    type === 'reward-paid' ||
    (body.data?.order_type.startsWith('market_') ?? false))

function amountOf({ ended }: World, key: string): bigint {
  const wish = ended.find(({ intent }) => intent.key === key)?.intent.wish
  return wish?.kind === 'deposit' || wish?.kind === 'withdraw' ? usd(wish.body.amount) : 0n
}

/** A market order is filled at a recorded tick that was fresh, a waiting one at its price at worst. */
function fillMisfits({ market }: World, order: ToldOrder): string[] {
  const { fill, order_id: id } = order
  if (fill === undefined) return [`${id} was filled at nothing`]
  if (!order.order_type.startsWith('market_'))
    return fill.price === order.price ? [] : [`${id} was filled at ${fill.price}`]
  const tick = market.ticks.get(fill.quote)
  const quoted = tick?.quotes.get(order.asset_id)
  if (quoted?.price !== parsePrice(fill.price)) return [`${id} was filled at no recorded tick`]
  if (quoted?.halted) return [`${id} was filled while its asset was halted`]
  return fill.quote_age_ms < FRESH_MS ? [] : [`${id} was filled at a stale tick`]
}

/** Each key that was granted has one event, each that was refused none; and there is no other. */
function effectMisfits(
  { ended }: World,
  { userId, events }: { userId: string; events: readonly Told[] },
): string[] {
  const found: string[] = []
  const effects = new Map<string, number>()
  for (const { key } of events) effects.set(key, (effects.get(key) ?? 0) + 1)
  const answered = new Map(
    ended
      .filter(({ intent }) => intent.userId === userId)
      .map(({ intent, answer }) => [intent.key, { intent, answer }]),
  )
  for (const [key, one] of answered) {
    const { most, least } = effectsOf(one)
    const effect = effects.get(key) ?? 0
    if (effect < least || effect > most)
      found.push(`${key} has ${effect} events, and was told ${JSON.stringify(one.answer)}`)
  }
  for (const key of effects.keys()) {
    if (!answered.has(key)) found.push(`nobody was told of ${key}`)
  }
  return found
}

/** Only an account that is frozen or active already is told so without an event. */
function effectsOf({ intent, answer }: Ended): { most: number; least: number } {
  const most = 'status' in answer && answer.status < 400 ? 1 : 0
  return { most, least: intent.wish.kind === 'status' ? 0 : most }
}

/** The balances are what the customers were told, added up without any code of the ledger. */
async function balanceMisfits(world: World, userId: string): Promise<string[]> {
  const told = toldTo(world, userId)
  const found: string[] = []
  for (const asset of [CASH, ...ASSETS]) {
    const [row] = await world.truth.snapshot([balanceKey(userId, asset)])
    const { a, h } = row === undefined ? { a: 0n, h: 0n } : loadBalance(asset, row)
    const expected = told.get(asset) ?? 0n
    if (a !== expected) found.push(`${userId} has ${a} ${asset} and was told ${expected}`)
    if (h !== 0n) found.push(`${userId} still has ${h} ${asset} held`)
  }
  return found
}

function toldTo({ ended }: World, userId: string): ReadonlyMap<string, bigint> {
  const told = new Map<string, bigint>()
  const add = (asset: string, amount: bigint): void =>
    void told.set(asset, (told.get(asset) ?? 0n) + amount)
  const orders = new Map<string, ToldOrder>()
  for (const { intent, answer } of ended) {
    if (intent.userId !== userId || !('status' in answer) || answer.status >= 400) continue
    const moved = movedBy(intent, answer.body)
    if (moved !== undefined) add(moved.asset, moved.amount)
    else keepNewest(orders, JSON.parse(answer.body).data)
  }
  for (const { order_type, asset_id, filled_quantity, total_amount } of orders.values()) {
    const sign = order_type.endsWith('_buy') ? 1n : -1n
    add(CASH, -sign * usd(total_amount))
    add(asset_id, sign * unitsOf(filled_quantity, asset_id))
  }
  return told
}

/** What a wish that was granted has moved; `undefined` where its answer tells of an order. */
function movedBy({ wish }: Intent, told: string): { asset: string; amount: bigint } | undefined {
  switch (wish.kind) {
    case 'deposit':
      return { asset: CASH, amount: usd(wish.body.amount) }
    case 'withdraw':
      return { asset: CASH, amount: -usd(wish.body.amount) }
    case 'claim':
      return { asset: CASH, amount: usd(JSON.parse(told).amount) }
    case 'adjust':
      return { asset: wish.body.asset_id, amount: unitsOf(wish.body.amount, wish.body.asset_id) }
    case 'status':
      return { asset: CASH, amount: 0n }
    case 'market':
    case 'limit':
    case 'fill':
    case 'cancel':
      return undefined
  }
}

/** An order is never filled less than it was, and an answer can come late. */
function keepNewest(orders: Map<string, ToldOrder>, order: ToldOrder): void {
  const before = orders.get(order.order_id)
  const filled = unitsOf(order.filled_quantity, order.asset_id)
  if (before === undefined || filled >= unitsOf(before.filled_quantity, order.asset_id))
    orders.set(order.order_id, order)
}

const usd = (text: string): bigint => parseUsd(text) ?? 0n
const unitsOf = (text: string, asset: string): bigint =>
  parseDecimal(text, asset === CASH ? 2 : (ASSET_SCALES[asset] ?? 0)) ?? 0n

function countEnds(world: World): void {
  for (const { intent, answer } of world.ended) {
    if (!('status' in answer)) continue
    const { wish } = intent
    const what = wish.kind === 'market' ? wish.body.order_type : wish.kind
    const how = answer.status < 400 ? 'done' : String(JSON.parse(answer.body).code)
    count(world, `${what} ${how}`)
    if (answer.replayed) count(world, `${wish.kind} replayed`)
  }
  for (const [trouble, times] of Object.entries(world.market.troubles)) {
    for (let time = 0; time < times; time += 1) count(world, `tick ${trouble}`)
  }
}
